"""Related sessions: those of one series, or with a tag in common."""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.rules.related_sessions import is_related, may_be_related
from chalicelib.rules.session_filter import SessionBrief
from tests.samples import SESSION

PLAIN = replace(SESSION, series="", tags=())


@pytest.mark.parametrize(
    ("one", "other", "related"),
    [
        ({"series": "a"}, {"series": "a"}, True),
        ({"series": "a"}, {"series": "b"}, False),
        ({}, {}, False),
        ({"tags": ("art",)}, {"tags": ("sport", "Art")}, True),
        ({"tags": ("art",)}, {"tags": ("sport",)}, False),
    ],
)
def test_which_sessions_are_related(one: dict[str, Any], other: dict[str, Any], related: bool) -> None:
    assert is_related(replace(PLAIN, **one), replace(PLAIN, id="other", **other)) is related
    assert not is_related(replace(PLAIN, **one), replace(PLAIN, **one)), "a session is not related to itself"


@pytest.mark.parametrize(("series", "may_be"), [("a", True), ("b", False), ("", False), (None, True)])
def test_a_series_that_is_not_known_may_be_the_same(series: str | None, may_be: bool) -> None:
    assert may_be_related(replace(PLAIN, series="a"), SessionBrief("Judo", series=series)) is may_be
    assert not may_be_related(PLAIN, SessionBrief("Judo", series=series)), "a session of its own has no series in common"
