"""Tables for spreadsheets, and cells with several names."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.rules.csv_export import join_names, split_names

NAMES = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1).map(str.strip).filter(bool)


@given(st.lists(NAMES, max_size=5))
@example(["Smith; John", "Ana"])
@example(['"Bo" Li', "x;"])
def test_names_that_were_listed_are_parted_into_the_same_names(names: list[str]) -> None:
    assert split_names(join_names(names)) == names


@pytest.mark.parametrize(
    ("cell", "names"),
    [("", []), (" ; ;", []), ("Ana;Bo", ["Ana", "Bo"]), (' Ana ; "Smith; John"', ["Ana", "Smith; John"]), ('O"Neil; Bo', ['O"Neil', "Bo"])],
)
def test_a_typed_cell_is_split_at_semicolons(cell: str, names: list[str]) -> None:
    assert split_names(cell) == names
