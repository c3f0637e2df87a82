"""Filtered lists and the search: what the rows of meetings tell is not read from the sessions, and changes nothing of what is found."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from chalicelib.operations.sessions import find_sessions, list_sessions
from chalicelib.rules.session_filter import WEEKDAYS, SessionFilter
from chalicelib.rules.sessions import Meeting, Session
from chalicelib.tables import meetings, sessions

Make = Callable[..., Session]


def dates(now: datetime, *days: float) -> tuple[Meeting, ...]:
    return tuple(Meeting(f"m{index}", now + timedelta(days=day), now + timedelta(days=day, hours=1)) for index, day in enumerate(days, 1))


@pytest.fixture
def calendar(open_session: Make, now: datetime) -> datetime:
    """Sessions of one and of several dates, on each day of the week, some with a tag, a place, a zone of their own."""
    for day in range(1, 15):
        open_session(id=f"one{day}", title=f"Pottery {day}", meetings=dates(now, day), tags=("Clay",) if day % 5 == 0 else ())
    open_session(id="weekly", title="Judo", meetings=dates(now, -6, 1, 8, 15))
    open_session(id="mixed", title="Circus", meetings=dates(now, 2, 6, 11), location="The old Clay pit", series="circus")
    open_session(id="far", title="Circus", meetings=dates(now, 3), time_zone="Pacific/Auckland", series="circus")
    open_session(id="last", title="Judo past", meetings=dates(now, -9))
    open_session(id="before", title="Judo past", meetings=dates(now, -19, -18))
    return now


def on(now: datetime, day: int) -> date:
    return (now + timedelta(days=day)).date()


FILTERS: list[Callable[[datetime], SessionFilter]] = [
    lambda now: SessionFilter(tag="clay"),
    lambda now: SessionFilter(q="clay"),
    lambda now: SessionFilter(q="pott 1"),
    *(lambda now, weekday=weekday: SessionFilter(weekday=weekday) for weekday in WEEKDAYS),
    *(lambda now, day=day: SessionFilter(first_day=on(now, day)) for day in (1, 4, 9, 16)),
    *(lambda now, day=day: SessionFilter(last_day=on(now, day)) for day in (0, 3, 8)),
    lambda now: SessionFilter(first_day=on(now, 4), last_day=on(now, 7)),
    lambda now: SessionFilter(first_day=on(now, 7), last_day=on(now, 12), q="judo"),
    lambda now: SessionFilter(series="circus"),
    lambda now: SessionFilter(related_to=sessions.get("demo", "far")),
    lambda now: SessionFilter(related_to=sessions.get("demo", "one5")),
]


@pytest.mark.parametrize("made", FILTERS)
@pytest.mark.parametrize("has_facts", [True, False], ids=["facts on the rows", "bare rows"])
def test_a_filter_finds_the_same_as_all_sessions_compared_one_by_one(
    calendar: datetime, made: Callable[[datetime], SessionFilter], has_facts: bool
) -> None:
    wanted, everything = made(calendar), [view.session for view in list_sessions("demo", now=calendar, limit=99).items]
    if not has_facts:
        for session in everything:
            meetings.take_facts_off(session)
    found = [view.session.id for view in list_sessions("demo", wanted=wanted, now=calendar, limit=99).items]
    assert found == [session.id for session in everything if wanted.matches(session, calendar)]


@pytest.mark.parametrize(
    ("made", "found"),
    [
        (lambda: SessionFilter(q="clay"), 3),
        (lambda: SessionFilter(series="circus"), 2),
        (lambda: SessionFilter(related_to=sessions.get("demo", "far")), 1),
    ],
    ids=["words", "a series", "related"],
)
@pytest.mark.parametrize("has_facts", [True, False], ids=["facts on the rows", "control: bare rows"])
def test_sessions_that_cannot_match_are_not_read(
    calendar: datetime, monkeypatch: pytest.MonkeyPatch, has_facts: bool, made: Callable[[], SessionFilter], found: int
) -> None:
    sought = made()
    if not has_facts:
        for session in sessions.every("demo"):
            meetings.take_facts_off(session)
    read: list[str] = []
    several = sessions.several

    def counted(org: str, named: Any) -> dict[str, Session]:
        wanted = list(named)
        read.extend(wanted)
        return several(org, wanted)

    monkeypatch.setattr("chalicelib.tables.sessions.several", counted)
    assert len(list_sessions("demo", coming=True, wanted=sought, now=calendar, limit=99).items) == found
    assert (len(read) <= found + 1) is has_facts, "a session that is related to itself is read to learn that"


def test_a_search_finds_what_comes_by_its_next_date_and_then_what_is_over_the_latest_first(calendar: datetime) -> None:
    assert [session.id for session in find_sessions("demo", "judo", now=calendar, limit=9)] == ["weekly", "last", "before"]
    assert [session.id for session in find_sessions("demo", "judo", now=calendar, limit=2)] == ["weekly", "last"]
    assert [session.id for session in find_sessions("demo", "CLAY", now=calendar, limit=9)] == ["mixed", "one5", "one10"]
    assert find_sessions("demo", "nothing", now=calendar, limit=9) == []
