"""The naming rule: modules are named by nouns of the field or plain verbs, and each concept has one word on every floor."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
APPLICATION = ROOT / "chalicelib"
NOUNS = {"billing", "booking", "pricing", "rebalancing", "rendering"}
"""Nouns that end in `ing`."""
FORBIDDEN = {
    "agreement": "contract",
    "asker": "the client or the actor",
    "attend": "advance (a waitlist)",
    "attention": "the thing that needs somebody",
    "counter": "code_context",
    "desk": "booking_context",
    "dossier": "data_export",
    "doing": "action",
    "draft": "input",
    "joining": "sign_up, or waitlist entry",
    "know": "from_registration",
    "mailing": "roster_messages",
    "member": "staff_member",
    "kept": "reserved, replayable, stored",
    "resting": "paused, or deferred",
    "ring": "notification trigger",
    "said": "sentence or description",
    "seat": "chunk",
    "standing": "document_status, current, registered",
    "told": "the thing that is reported",
    "wish": "email_preferences",
    "wishes": "email_preferences",
    "wording": "custom_text, default_text or template",
    "helper": "the thing that it does",
    "util": "the thing that it does",
    "common": "the thing that it does",
}
"""Words that no module and no public name of a module contains, and the word to use."""
FLOORS = ("rules", "tables", "operations", "api", "pages")
ENTITIES = {
    **dict.fromkeys(
        (
            "contract",
            "customer",
            "discount",
            "email_template",
            "invitation",
            "invoice",
            "notification",
            "registration",
            "session",
            "waitlist",
        ),
        FLOORS,
    ),
    **dict.fromkeys(("message", "organisation"), FLOORS[:-1]),
}
"""Concepts, and the floors that have a module of this name."""


ON_TWO_FLOORS = {
    "Fault": "an error in one field, and its form in the API",
    "Image": "the image of a row in a stream record",
    "LocalTime": "a time of day, as it is read and as it is answered",
    "Moment": "a moment, as it is read and as it is answered",
    "Who": "the audiences that api/ and pages/ know",
}
"""Types that two modules define for the same thing."""
ONLY_OF = {
    "release": (
        ("tables/ledger/", "operations/codes/redeem.py", "operations/orders/unbooked.py"),
        "dispatch (e-mails), version (deployed)",
    ),
    "settle": (
        (
            "tables/ledger/",
            "rules/rebalancing.py",
            "rules/invoices.py",
            "rules/transitions.py",
            "rules/notifications.py",
            "operations/invoices/",
            "tables/order_payments.py",
        ),
        "resolve (an order), reclaim (a use), record (a refund)",
    ),
}
"""Words of one meaning: the modules that may define functions with it, and the words for what others might mean."""
SERIES = (
    ("series", "rules/sessions.py", "inputs/", "pictures", "waitlist/", "simulation", "shop", "api/sessions"),
    "react (to a record), complete (an order), apply (a correction), next_start (of a page)",
)
"""Sessions of a series follow one another; nothing else does."""
KEPT_APART: dict[str, tuple[tuple[str, ...], str]] = {
    **dict.fromkeys(("follow", "followed", "following"), SERIES),
    "patience": ((), "deadline, or timeout"),
    "asked": (
        ("rules/invitations", "rules/customers", "rules/notification_triggers", "api/invitations", "recount"),
        "request, query, parameters, draft, question; only stored and published fields have the word",
    ),
    "stands": ((), "current, confirmed, registered"),
    "told": (("rules/messages", "tables/messages/writes", "api/session_shapes"), "announced, recipients, body (of a message)"),
    "sought": ((), "words"),
    "thing": (
        ("api/audit", "api/roster", "api/webhooks"),
        "subject (of the audit log), party, invitation or registration, kind, row; only fields of the API that are published have the word",
    ),
    "entry": (
        (
            *("waitlist", "audit", "alternatives", "wait_reasons", "links/invitations", "notification", "reactions/", "corrections/"),
            *("recipients", "reconcile", "replay", "letters", "samples", "figures", "webhook", "session_context", "events/rosters"),
            *("api/led_roster", "rules/invitations", "api/invitations", "pages/invitations", "tables/clock", "tables/codes/updates"),
            *("keys/", "erasure", "portal_account", "workload"),
        ),
        "row (of a table), item (of a list or a table), registration, invitation",
    ),
}
"""Words of one meaning: parts of the paths of modules that may use them in any name, and the words for what others might mean."""
QUALIFIERS = {"entry": {"audit", "index", "waitlist"}}
"""What a name must say besides the word in all other modules."""
IN_LINE = (
    "waitlist",
    "alternatives.py",
    "audit",
    "keys/",
    "public_limits.py",
    "operations/links/",
    "portal_account",
    "roster",
    "webhook_data",
    "public_invitations",
)
"""Parts of the paths of modules in which a place is one in line."""
OTHER_PLACES = re.compile(r"tak(e|es|en|ing)_place|took_place|placed?_(order|basket)|order_placed|Placed(?=Order)")
"""Idioms with the word, which say by themselves what is meant: a session takes place, and an order is placed."""


def modules() -> list[Path]:
    return sorted(APPLICATION.rglob("*.py"))


def all_modules() -> list[Path]:
    """Return the modules of the application, of the deployment and of the bench."""
    return [*modules(), *sorted((ROOT / "infra").rglob("*.py")), *sorted((ROOT / "bench").rglob("*.py"))]


def module_name(path: Path) -> str:
    return path.parent.name if path.stem == "__init__" else path.stem


@cache
def public_names(path: Path) -> tuple[str, ...]:
    """Return the functions, classes and variables that a module defines, without those that begin with an underscore."""
    names = [name for node in ast.parse(path.read_text()).body for name in defined(node)]
    return tuple(name for name in names if not name.startswith("_"))


def defined(node: ast.stmt) -> list[str]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return [node.name]
        case ast.Assign() | ast.AnnAssign():
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            return [target.id for target in targets if isinstance(target, ast.Name)]
        case _:
            return []


@cache
def words(name: str) -> set[str]:
    """Return the lower-case words of a name, also without a final `s`. `StaffMember` is one concept and gives only `staff`."""
    parts = [part.lower() for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)]
    singular = [part.removesuffix("ies") + "y" if part.endswith("ies") else part.removesuffix("s") for part in parts]
    return set(parts) | set(singular) if "staff" not in parts else set(parts) - {"member"}


def test_no_module_is_called_by_a_gerund() -> None:
    gerunds = {str(path.relative_to(ROOT)) for path in modules() if module_name(path).endswith("ing")}
    assert {path for path in gerunds if module_name(ROOT / path) not in NOUNS} == set()


def test_the_nouns_that_end_like_gerunds_are_in_use() -> None:
    assert {module_name(path) for path in modules()} >= NOUNS


@pytest.mark.parametrize("word", FORBIDDEN)
def test_no_module_and_no_public_name_has_a_word_that_another_one_replaced(word: str) -> None:
    found = [str(path.relative_to(ROOT)) for path in all_modules() if word in words(module_name(path))]
    found += [f"{path.relative_to(ROOT)}: {name}" for path in all_modules() for name in public_names(path) if word in words(name)]
    assert found == [], f"say {FORBIDDEN[word]}"


@pytest.mark.parametrize("entity", ENTITIES)
def test_a_concept_has_the_same_word_on_every_floor(entity: str) -> None:
    spelled = {entity, f"{entity}s"}
    missing = [floor for floor in ENTITIES[entity] if not any(module_name(path) in spelled for path in (APPLICATION / floor).rglob("*.py"))]
    assert missing == []


def test_a_type_stands_for_one_thing() -> None:
    defined_in: dict[str, list[str]] = {}
    for path in modules():
        for name in public_names(path):
            if name[0].isupper() and not name.isupper():
                defined_in.setdefault(name, []).append(str(path.relative_to(APPLICATION)))
    doubled = {name: paths for name, paths in defined_in.items() if len(paths) > 1}
    assert {name: paths for name, paths in doubled.items() if name not in ON_TWO_FLOORS} == {}
    assert ON_TWO_FLOORS.keys() <= doubled.keys()


@pytest.mark.parametrize("word", ONLY_OF)
def test_a_word_of_one_meaning_is_used_for_nothing_else(word: str) -> None:
    homes, instead = ONLY_OF[word]
    found = {
        f"{path.relative_to(APPLICATION)}: {node.name}"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and word in {part.removesuffix("d") for part in words(node.name)}
    }
    assert found, "nothing has this word"
    assert {one for one in found if not one.startswith(homes)} == set(), f"say {instead}"


def every_name(tree: ast.AST) -> set[str]:
    """Return the names of functions, classes, arguments and variables, local ones too."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()):
                found.add(name)
            case _:
                pass
    return found


def misplaced(path: str, source: str) -> set[str]:
    """Return the names that use the word place for anything but a place in line: a location, an index, a key, a start key."""
    if any(part in path for part in IN_LINE):
        return set()
    names = {*every_name(ast.parse(source)), Path(path).stem}
    return {name for name in names if "place" in {word.removesuffix("d") for word in words(OTHER_PLACES.sub("", name))}}


def strayed(word: str, path: str, source: str) -> set[str]:
    """Return the names that use a word outside of its modules, without saying which one is meant."""
    if any(home in path for home in KEPT_APART[word][0]):
        return set()
    used = {name: words(name) for name in every_name(ast.parse(source))}
    return {name for name, found in used.items() if word in found and not found & QUALIFIERS.get(word, set())}


@pytest.mark.parametrize("word", KEPT_APART)
def test_a_word_stays_in_its_modules(word: str) -> None:
    found = {str(path.relative_to(ROOT)): strayed(word, str(path.relative_to(ROOT)), path.read_text()) for path in all_modules()}
    assert {path: names for path, names in found.items() if names} == {}, f"say {KEPT_APART[word][1]}"


def test_a_word_outside_of_its_modules_is_found() -> None:
    assert strayed("thing", "chalicelib/tables/quotas.py", "def counted(thing): ...") == {"thing"}
    assert strayed("entry", "chalicelib/tables/jobs.py", "def job_from(entry): ...") == {"entry"}
    assert strayed("entry", "chalicelib/rules/waitlist.py", "def place_of(entry): ...") == set()
    assert strayed("asked", "chalicelib/tables/dynamodb.py", "def read(**asked): ...") == {"asked"}
    assert strayed("stands", "infra/deployment/stacks.py", "stands = True") == {"stands"}


def test_a_place_is_one_in_line() -> None:
    found = {str(path.relative_to(APPLICATION)): path.read_text() for path in modules()}
    shown = {f"{path}: {name}" for path, source in found.items() for name in misplaced(path, source)}
    assert shown == set(), "say location, index, number, key, start key, path or query"


@pytest.mark.parametrize(
    "planted",
    ["for place, one in enumerate(rows): ...", "def place(self): ...", "def at(place): ...", "place_fields = {}", "class Place: ..."],
)
def test_a_place_that_is_something_else_is_found(planted: str) -> None:
    assert misplaced("pages/forms.py", planted) != set()
    assert misplaced("rules/waitlist.py", planted) == set()
    assert misplaced("pages/forms.py", "def takes_place(self): ...") == set()


def test_the_rule_finds_what_it_forbids() -> None:
    assert words("read_desk") & {"desk"}
    assert words("WISHES") & {"wish"} or words("WISHES") & {"wishes"}
    assert words("CustomerDraft") & {"draft"}
    assert not words("StaffMember") & {"member"}
    assert not words("string_of") & {"ring"}
