"""The comparison of group names."""

import pytest

from chalicelib.rules.groups import same_name


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Beginners", "beginners", True),
        ("Beginners", " Beginners ", True),
        ("Year 3", "Year   3", True),
        ("STRASSE", "Straße", True),
        ("Year 3", "Year3", False),
        ("Élèves", "Eleves", False),
    ],
)
def test_a_group_is_named_once_read_without_case_and_spaces(one: str, other: str, same: bool) -> None:
    assert (same_name(one) == same_name(other)) is same
