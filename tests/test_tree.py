"""The tree of tests mirrors the tree of the code, and test modules follow the same naming rule."""

import pytest

from tests.permissions import PROJECT
from tests.test_names import NOUNS

TESTS = PROJECT / "tests"
APPLICATION = PROJECT / "chalicelib"
FLOORS = ("api", "emails", "operations", "pages", "rules", "tables", "web")


def concepts(floor: str) -> set[str]:
    """Return the names of the modules and packages of a floor."""
    return {path.stem for path in (APPLICATION / floor).iterdir() if not path.name.startswith("_")}


def test_each_folder_is_a_floor_of_the_application_or_stands_beside_it() -> None:
    folders = {path.parent.name for path in TESTS.glob("*/__init__.py")}
    assert folders == {*FLOORS, "infra", "live"}


@pytest.mark.parametrize("floor", FLOORS)
def test_each_folder_of_a_floor_is_a_concept_of_it(floor: str) -> None:
    folders = {path.parent.name for path in (TESTS / floor).glob("*/__init__.py")}
    assert folders <= concepts(floor)


def test_each_module_of_rules_is_tested_under_its_name() -> None:
    tested = {path.stem.removeprefix("test_") for path in (TESTS / "rules").glob("test_*.py")}
    assert tested - concepts("rules") == set()


def test_no_module_is_named_by_a_gerund() -> None:
    words = {(str(path.relative_to(TESTS)), word) for path in TESTS.rglob("*.py") for word in path.stem.split("_")}
    assert {(path, word) for path, word in words if word.endswith("ing") and word not in NOUNS} == set()
