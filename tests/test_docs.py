"""The documentation names only what exists: files, symbols, commands, routes, refusals, settings, links and headings."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib.web.routes import ROUTES
from infra import commands
from tests import refusals

ROOT = Path(__file__).parent.parent
DOCUMENTS = [*(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")), *sorted((ROOT / "docs").rglob("*.md"))]
FOLDERS = ("", "chalicelib/")
"""The folders to which a path in the documentation is relative."""
WRITTEN = ("build/", ".local/", ".chalice/deployed/", ".chalice/stages/")
"""Folders that commands write and the repository leaves out."""
SPAN = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"\.?[a-z0-9_]+(?:/[a-z0-9_.]+)*(?:/|\.(?:py|yaml|html|json|txt|toml|png|md))")
MODULE = re.compile(r"\b(?:[a-z_]+/)+[a-z0-9_]+\.(?:py|yaml|html)\b")
SYMBOLS = re.compile(r"((?:`\w+`(?:,| and)? )+)in `([\w/]+\.py)`")
ROUTE = re.compile(r"(?:(?:GET|POST|PUT|PATCH|DELETE)(?:`, `|, )?)+ (?:/v1|…)(/[^\s`?#]+)")
REFUSED = re.compile(r"4\d\d ((?:`[a-z_]+`(?:, (?:or )?| or )?)+)")


@pytest.fixture(params=DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def document(request: pytest.FixtureRequest) -> Path:
    """Each document in turn."""
    found: Path = request.param
    return found


@pytest.fixture
def text(document: Path) -> str:
    return document.read_text()


def paths_in(text: str) -> Iterator[str]:
    """Yield the paths of files and folders, those of modules in diagrams and examples too. A name without a folder is left out."""
    yield from (span for span in SPAN.findall(text) if "/" in span and PATH.fullmatch(span))
    yield from MODULE.findall(text)


def exists(path: str) -> bool:
    return path.startswith(WRITTEN) or any((ROOT / folder / path).exists() for folder in FOLDERS)


def test_every_path_exists(text: str) -> None:
    assert [path for path in paths_in(text) if not exists(path)] == []


def symbols_in(text: str) -> Iterator[tuple[str, str]]:
    """Yield (symbol, module) of each sentence such as "`claim` and `claim_publicly` in `tables/ledger/claims.py`"."""
    for names, module in SYMBOLS.findall(text):
        yield from ((name, module) for name in SPAN.findall(names))


def defined(module: str) -> set[str]:
    """Return the functions, classes, variables and attributes that a module defines."""
    source = next(path for folder in FOLDERS if (path := ROOT / folder / module).exists()).read_text()
    names = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.Name(id=name, ctx=ast.Store()):
                names.add(name)
    return names


def test_every_symbol_is_in_the_named_module(text: str) -> None:
    assert [(name, module) for name, module in symbols_in(text) if name not in defined(module)] == []


def test_every_make_target_exists(text: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:`|^|&& )make ([a-z]+)", text, re.MULTILINE)) - targets == set()


def test_every_command_exists(text: str) -> None:
    modules = {name.replace(".", "/") for name in re.findall(r"python -m ((?:infra|tests)[\w.]*)", text)}
    assert [name for name in modules if not exists(f"{name}.py") and not exists(f"{name}/__main__.py")] == []
    assert set(re.findall(r"python -m infra ([a-z][\w-]*)", text)) - dict(commands.every()).keys() == set()


def test_every_setting_is_read(text: str) -> None:
    named = set(re.findall(r"\bROLLBOOK_[A-Z_]+", text))
    sources = subprocess.run(["git", "grep", "-ohE", r"ROLLBOOK_[A-Z_]+", "--", "*.py", "*.yaml"], cwd=ROOT, capture_output=True, text=True)
    assert named - set(sources.stdout.split()) == set()


def heading_ids(path: Path) -> set[str]:
    """Return the fragments of a document's headings, as GitHub derives them."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def test_every_link_leads_to_a_document_and_a_heading(document: Path, text: str) -> None:
    for target in re.findall(r"\]\(((?!https?:)[^)]+)\)", text):
        name, _, fragment = target.partition("#")
        path = (document.parent / name).resolve() if name else document
        assert path.exists(), target
        assert not fragment or fragment in heading_ids(path), target


def test_every_route_exists() -> None:
    text = (ROOT / "docs" / "api.md").read_text()
    known = {path for routes in ROUTES.values() for _, path in routes}
    # The route of a calendar has the ending inside its parameter.
    named = {path.replace("}.ics", "}") for path in ROUTE.findall(text)}
    assert {path for path in named if not any(route.endswith(path) for route in known)} == set()
    assert len(named) > 30


def test_every_refusal_exists() -> None:
    text = (ROOT / "docs" / "api.md").read_text()
    named = {code for codes in REFUSED.findall(text) for code in SPAN.findall(codes)}
    assert named - {kind.code for kind in refusals.every()} == set()
    assert len(named) > 15


TERMS = (
    *("organisation", "staff", "session", "spot", "roster", "registration", "invitation", "customer", "group", "contract", "price"),
    *("participant of a contract", "invitation code", "discount code", "message", "job", "series", "attendance", "booking", "order"),
    *("basket", "API key", "webhook", "audit log", "waitlist", "entry", "offer", "meeting", "tier", "portal", "invoice", "notification"),
)
"""What users and the API talk of."""


@pytest.mark.parametrize("term", TERMS)
def test_the_glossary_explains_every_term_of_users(term: str) -> None:
    assert f"\n| {term} | " in (ROOT / "docs" / "glossary.md").read_text()


WHERE = (
    *("the default expiry of an invitation", "the claim of spots", "the public price", "the reaction to a stream record"),
    *("a page's HTML", "the columns of a CSV file", "the HTTP status of a refusal", "the permissions of a role"),
)
HOW = ("a field on a session", "a refusal", "a permission", "an endpoint", "a kind of e-mail", "a language", "a sentence")


def test_contributing_says_where_things_are_and_how_to_add_one() -> None:
    """That each named file and symbol exists is tested above."""
    contributing = (ROOT / "CONTRIBUTING.md").read_text()
    assert [question for question in WHERE if f"\n| {question} | `" not in contributing] == []
    assert [added for added in HOW if f"\n### {added}\n1. " not in contributing] == []
