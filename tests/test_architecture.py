"""The layers of the code: which package may import which. Imports inside functions count too."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HOUSE = ROOT / "chalicelib"
EVERYWHERE = {"config", "languages", "telemetry"}
MAY_KNOW = {
    "rules": {"rules", "languages"},
    "tables": {"tables", "rules", "clients", *EVERYWHERE},
    "operations": {"operations", "tables", "rules", "clients", "stripe", "emails", "i18n", *EVERYWHERE},
    "emails": {"emails", "rules", "i18n", "compiled_templates", "clients", *EVERYWHERE},
    "events": {"events", "operations", "tables", "rules", *EVERYWHERE},
    "web": {"web", "operations", "tables", "rules", "i18n", "clients", *EVERYWHERE},
    "api": {"api", "web", "operations", "tables", "rules", "clients", *EVERYWHERE},
    "pages": {"pages", "web", "operations", "tables", "rules", "i18n", "compiled_templates", *EVERYWHERE},
}
RULES_MAY_IMPORT = {"pydantic", "pydantic_core", "email_validator"}
BOTO = {"boto3", "botocore"}


def modules(room: str) -> list[Path]:
    return sorted((HOUSE / room).rglob("*.py"))


@cache
def imported(path: Path) -> tuple[str, ...]:
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.append(node.module)
            found += (f"{node.module}.{alias.name}" for alias in node.names if node.module == "chalicelib")
    return tuple(found)


def rooms_known(path: Path) -> set[str]:
    return {name.split(".")[1] for name in imported(path) if name.startswith("chalicelib.")}


def test_every_room_is_on_the_plan() -> None:
    rooms = {path.name for path in HOUSE.iterdir() if path.is_dir() and (path / "__init__.py").exists()}
    assert rooms == set(MAY_KNOW)


@pytest.mark.parametrize("room", MAY_KNOW)
def test_rooms_know_only_what_lies_below_them(room: str) -> None:
    strangers = {str(path.relative_to(ROOT)): rooms_known(path) - MAY_KNOW[room] for path in modules(room)}
    assert {path: rooms for path, rooms in strangers.items() if rooms} == {}


def test_rules_import_nothing_that_acts() -> None:
    import sys

    allowed = set(sys.stdlib_module_names) | RULES_MAY_IMPORT | {"chalicelib"}
    strangers = {str(path.relative_to(ROOT)): {name.split(".")[0] for name in imported(path)} - allowed for path in modules("rules")}
    assert {path: names for path, names in strangers.items() if names} == {}


def test_only_clients_makes_aws_clients() -> None:
    makers = {str(path.relative_to(HOUSE)) for path in HOUSE.rglob("*.py") if any(name.split(".")[0] == "boto3" for name in imported(path))}
    assert makers == {"clients.py"}


def test_only_config_reads_the_environment() -> None:
    readers = {
        str(path.relative_to(HOUSE)) for path in HOUSE.rglob("*.py") if "os.environ" in path.read_text() or "getenv" in path.read_text()
    }
    assert readers == {"config.py"}
