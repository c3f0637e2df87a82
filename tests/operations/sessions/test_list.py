"""Lists of sessions: one order by the next meeting, whatever the size of the page."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib import clients
from chalicelib.config import config
from chalicelib.operations import agenda, reconcile
from chalicelib.operations.sessions import list_sessions
from chalicelib.rules.agenda import Days
from chalicelib.rules.meetings import agenda_rows, listed
from chalicelib.rules.session_filter import SessionFilter
from chalicelib.rules.sessions import Meeting, Session
from chalicelib.tables import dynamodb, keys, meetings, sessions
from chalicelib.tables.conditions import ALWAYS
from chalicelib.tables.items import Item

Make = Callable[..., Session]


def dates(now: datetime, *days: float) -> tuple[Meeting, ...]:
    return tuple(Meeting(f"m{index}", now + timedelta(days=day), now + timedelta(days=day, hours=1)) for index, day in enumerate(days, 1))


def walked(now: datetime, limit: int, **parameters: Any) -> list[str]:
    """Return the ids of all pages."""
    found: list[str] = []
    start: Item | None = None
    while True:
        page = list_sessions("demo", now=now, limit=limit, start=start, **parameters)
        found += [view.session.id for view in page.items]
        start = page.next
        if not start:
            return found


@pytest.fixture
def calendar(open_session: Make, now: datetime) -> datetime:
    open_session(id="past", meetings=dates(now, -9, -8))
    open_session(id="on", meetings=(Meeting("m1", now - timedelta(hours=1), now + timedelta(hours=1)),))
    open_session(id="course", meetings=dates(now, -7, 1, 8, 15, 300))
    open_session(id="soon", meetings=dates(now, 2), tags=("clay",))
    open_session(id="far", meetings=dates(now, 40), title="Circus", tags=("clay",))
    open_session(id="older", meetings=dates(now, -20))
    return now


COMING = ["on", "course", "soon", "far"]


@pytest.mark.parametrize("limit", [1, 2, 3, 200])
@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, ["older", "past", *COMING]),
        ({"coming": True}, COMING),
        ({"state": "past"}, ["past", "older"]),
        ({"state": "open"}, []),
        ({"coming": True, "wanted": SessionFilter(tag="clay")}, ["soon", "far"]),
        ({"coming": True, "wanted": SessionFilter(q="circ")}, ["far"]),
    ],
)
def test_one_order_whatever_the_limit(calendar: datetime, limit: int, filters: dict[str, Any], found: list[str]) -> None:
    if filters.get("state") == "open":
        found = [view.session.id for view in list_sessions("demo", coming=True, now=calendar, limit=9).items if view.state == "open"]
    assert walked(calendar, limit, **filters) == found


def test_data_of_an_earlier_version_is_listed_before_and_after_its_first_recount(calendar: datetime) -> None:
    forget_rows()
    before = {limit: walked(calendar, limit, coming=True) for limit in (1, 3, 200)}
    assert before == dict.fromkeys(before, COMING)
    assert not meetings.is_complete("demo")
    assert reconcile.reconcile("demo", now=calendar, repair=True) == []
    assert meetings.is_complete("demo")
    assert walked(calendar, 2) == ["older", "past", *COMING]
    assert reconcile.reconcile("demo", now=calendar, repair=True) == []


def test_the_recount_finds_rows_that_are_missing_and_left_over(calendar: datetime) -> None:
    row = next(one for one in meetings.every("demo") if one.session == "soon")
    stray = replace(row, meeting="m9")
    dynamodb.delete(config().records_table, keys.Key(keys.meetings("demo"), meetings.sort_key(row)), ALWAYS)
    dynamodb.put(config().records_table, meetings._row(sessions.get("demo", "soon"), stray), ALWAYS)
    assert "soon" not in walked(calendar, 9)
    found = reconcile.reconcile("demo", now=calendar, repair=True)
    assert {(drift.session, drift.kind) for drift in found} == {("soon", "meeting_without_row"), ("soon", "stray_meeting")}
    assert reconcile.reconcile("demo", now=calendar, repair=False) == []
    assert walked(calendar, 9, coming=True) == COMING


def test_a_moved_session_is_listed_at_its_new_place(calendar: datetime) -> None:
    soon = sessions.get("demo", "soon")
    sessions.save(replace(soon, meetings=dates(calendar, 50)), [], 0, was=soon)
    assert walked(calendar, 2, coming=True) == ["on", "course", "far", "soon"]
    assert agrees()


def test_a_deleted_session_leaves_no_row(calendar: datetime) -> None:
    sessions.delete(sessions.get("demo", "course"))
    assert walked(calendar, 2, coming=True) == ["on", "soon", "far"]
    assert agrees()


@pytest.mark.parametrize("count", [45, 99, 100, 200])
def test_a_course_of_many_meetings(open_session: Make, now: datetime, count: int) -> None:
    made = open_session(id="long", meetings=dates(now, *range(1, count + 1)))
    assert agrees()
    sessions.save(replace(made, meetings=dates(now, *(day + 0.5 for day in range(count)))), [], 0, was=made)
    assert agrees()
    assert walked(now, 5) == ["long"]
    sessions.delete(sessions.get("demo", "long"))
    assert meetings.every("demo") == {}


@pytest.mark.parametrize("is_conditional", [True, False], ids=["as it is", "control: without its condition"])
def test_a_deletion_that_comes_late_spares_a_row_written_since(
    open_session: Make, now: datetime, monkeypatch: pytest.MonkeyPatch, is_conditional: bool
) -> None:
    made = open_session(meetings=dates(now, 1, 2))
    late = meetings.delete_writes(replace(made, meetings=dates(now, 1), version=2), made)
    if not is_conditional:
        late = [{"Delete": {name: write["Delete"][name] for name in ("TableName", "Key")}} for write in late]
    without = sessions.save(replace(made, meetings=dates(now, 1)), [], 0, was=made)
    sessions.save(replace(without, meetings=dates(now, 1, 2)), [], 0, was=without)
    meetings.tidy(late)
    assert agrees() is is_conditional


def test_a_meeting_that_ends_between_two_pages_hides_and_repeats_nothing(calendar: datetime) -> None:
    first = list_sessions("demo", coming=True, now=calendar, limit=2)
    later = calendar + timedelta(days=1, hours=2)
    rest = list_sessions("demo", coming=True, now=later, limit=9, start=first.next)
    assert [view.session.id for view in (*first.items, *rest.items)] == COMING


def agrees() -> bool:
    """Whether the rows are those of the sessions, no more and no less."""
    expected = {row for session in sessions.every("demo") for row in listed(session)}
    return set(meetings.every("demo")) == expected


def forget_rows() -> None:
    """Leave the table as an earlier version has written it."""
    found: Any = clients.dynamodb().query(
        TableName=config().records_table, KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": {"S": keys.meetings("demo")}}
    )
    for entry in found["Items"]:
        dynamodb.delete(config().records_table, keys.Key(entry["pk"]["S"], entry["sk"]["S"]), ALWAYS)
    meetings._complete.clear()


def test_the_recount_puts_facts_on_rows_that_lack_them_without_a_report(calendar: datetime) -> None:
    soon = sessions.get("demo", "soon")
    meetings.take_facts_off(soon)
    far = next(one for one in meetings.every("demo") if one.session == "far")
    wrong = agenda_rows(replace(sessions.get("demo", "far"), title="Other"))[0].facts
    dynamodb.put(config().records_table, meetings._row(sessions.get("demo", "far"), far, wrong), ALWAYS)
    found = reconcile.reconcile("demo", now=calendar, repair=True)
    assert [(drift.session, drift.kind) for drift in found] == [("far", "meeting_without_row")]
    assert {one: row.facts for one, row in meetings.every("demo").items()} == {
        row.meeting: row.facts for session in sessions.every("demo") for row in agenda_rows(session)
    }


def test_the_recount_adds_the_series_to_rows_of_an_earlier_version_without_a_report(calendar: datetime) -> None:
    soon = sessions.get("demo", "soon")
    series = replace(soon, series="clay")
    sessions.save(series, [], 0, was=soon)
    row = next(one for one in meetings.every("demo") if one.session == "soon")
    earlier = agenda_rows(series)[0].facts._replace(series=None)
    dynamodb.put(config().records_table, meetings._row(sessions.get("demo", "soon"), row, earlier), ALWAYS)
    assert walked(calendar, 2, wanted=SessionFilter(series="clay")) == ["soon"]
    assert reconcile.reconcile("demo", now=calendar, repair=True) == []
    assert meetings.every("demo")[row].facts == agenda_rows(series)[0].facts


@pytest.mark.parametrize("size", [3, 41])
def test_an_agenda_shows_the_latest_facts_of_short_and_long_courses(open_session: Make, now: datetime, size: int) -> None:
    made = open_session(id="course", meetings=dates(now, *range(1, size + 1)), title="Clay")
    sessions.save(replace(made, title="Judo"), [], 0, was=made)
    shown = agenda.read_rows("demo", Days(now.date(), now.date() + timedelta(days=size)), "UTC")
    assert [row.facts.title for row in shown] == ["Judo"] * size
    assert {row.facts is None for row in meetings.every("demo").values()} == {size == 41}


def test_an_agenda_before_the_first_recount_has_the_meetings_of_all_sessions(calendar: datetime) -> None:
    days = Days(calendar.date() - timedelta(days=10), calendar.date() + timedelta(days=50))
    before = agenda.read_rows("demo", days, "UTC")
    forget_rows()
    dynamodb.delete(config().records_table, keys.meetings_complete("demo"), ALWAYS)
    assert agenda.read_rows("demo", days, "UTC") == before
    assert len(before) == 9
