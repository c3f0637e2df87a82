"""The meeting at which a session is listed."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules.meetings import listed
from chalicelib.rules.session_filter import SessionFilter
from chalicelib.rules.sessions import Meeting, next_start
from chalicelib.rules.text import has_words, words
from tests.samples import NOW, SESSION

HOURS = st.integers(min_value=-100, max_value=100)


@given(spans=st.lists(st.tuples(HOURS, st.integers(min_value=1, max_value=80)), min_size=1, max_size=12), at=HOURS)
def test_a_session_is_listed_once_at_its_next_meeting(spans: list[tuple[int, int]], at: int) -> None:
    starts = [(NOW + timedelta(hours=start), NOW + timedelta(hours=start + length)) for start, length in sorted(spans)]
    session = replace(SESSION, meetings=tuple(Meeting(f"m{index}", *span) for index, span in enumerate(starts)))
    now = NOW + timedelta(hours=at)
    shown = [one for one in listed(session) if one.is_shown(now)]
    assert [one.starts_at for one in shown] == [next_start(session, now)]


@pytest.mark.parametrize(
    ("sought", "is_found"),
    [
        (SessionFilter(), True),
        (SessionFilter(tag="CLAY"), True),
        (SessionFilter(tag="cla"), False),
        (SessionFilter(q="pot beg"), True),
        (SessionFilter(q="élysée"), True),
        (SessionFilter(q="clay"), True),
        (SessionFilter(q="ottery"), False),
        (SessionFilter(first_day=date(2026, 12, 3)), False),
        (SessionFilter(first_day=date(2026, 12, 2), last_day=date(2026, 12, 2)), True),
        (SessionFilter(last_day=date(2026, 11, 30)), False),
        (SessionFilter(weekday="we"), True),
        (SessionFilter(weekday="tu"), False),
    ],
)
def test_a_filter(sought: SessionFilter, is_found: bool) -> None:
    """The meeting lies on Tuesday in UTC and on Wednesday in Paris."""
    starts = datetime.fromisoformat("2026-12-01T23:30:00Z")
    meeting = Meeting("m1", starts, starts + timedelta(hours=1))
    session = replace(
        SESSION, title="Pottery for beginners", location="Élysée 5", tags=("clay",), time_zone="Europe/Paris", meetings=(meeting,)
    )
    assert sought.matches(session, starts - timedelta(days=5)) is is_found


def test_days_that_are_over_do_not_count() -> None:
    starts = datetime.fromisoformat("2026-12-01T10:00:00Z")
    dates = tuple(Meeting(f"m{day}", starts + timedelta(days=day), starts + timedelta(days=day, hours=1)) for day in range(2))
    session, sought = replace(SESSION, meetings=dates, time_zone="UTC"), SessionFilter(weekday="tu")
    assert sought.matches(session, starts)
    assert not sought.matches(session, starts + timedelta(hours=2))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Marie Dupont-Martin", ["marie", "dupont", "martin"]),
        ("Sean O’Brien", ["sean", "o", "brien"]),
        ("Łukasz Ærø", ["lukasz", "aero"]),
        ("Straße, Đorđe", ["strasse", "dorde"]),
        ("王 小明", ["王", "小明"]),
        ("— · —", []),
    ],
)
def test_words(text: str, found: list[str]) -> None:
    assert words(text) == found


def test_a_query_without_words_finds_everything() -> None:
    assert has_words("…", "Pottery")
