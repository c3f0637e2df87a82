"""When people are reminded of a date."""

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from chalicelib.rules.date_reminders import EARLIEST, HELD, due_meetings, first_check, is_reminded, next_check, reminder_at
from chalicelib.rules.organisations import Organisation, QuietHours
from chalicelib.rules.sessions import Meeting
from tests.samples import NOW, ORGANISATION, REGISTRATION, SESSION, STARTS

NIGHT, MIDDAY = QuietHours(time(21), time(8)), QuietHours(time(12), time(14))
WEEK = timedelta(weeks=1)
DAY = timedelta(days=1)
COURSE = replace(SESSION, meetings=(SESSION.meetings[0], Meeting("m2", STARTS + WEEK, STARTS + WEEK + timedelta(hours=1))))


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}:00+00:00")


@pytest.mark.parametrize(
    ("starts", "hours", "quiet", "expected"),
    [
        ("12-01T15:00", 24, None, "11-30T15:00"),
        ("12-01T15:00", 24, NIGHT, "11-30T15:00"),
        ("12-01T15:00", 16, NIGHT, "12-01T07:00"),  # at midnight in Paris
        ("12-01T15:00", 18, NIGHT, "12-01T07:00"),  # before midnight
        ("12-01T15:00", 28, MIDDAY, "11-30T13:00"),
        ("12-01T07:30", 2, NIGHT, "11-30T19:59"),  # the date begins half an hour after the night
        ("12-01T08:00", 2, NIGHT, "12-01T07:00"),
        ("12-01T12:30", 1, MIDDAY, "12-01T10:59"),
    ],
)
def test_quiet_hours_put_a_reminder_off_or_bring_it_forward(starts: str, hours: int, quiet: QuietHours | None, expected: str) -> None:
    assert reminder_at(at(starts), hours, quiet, "Europe/Paris") == at(expected)


def test_a_session_has_hours_of_its_own() -> None:
    assert due_meetings(SESSION, ORGANISATION, STARTS - DAY) == [SESSION.meetings[0]]
    assert due_meetings(SESSION, ORGANISATION, STARTS - DAY - HELD) == []
    own = replace(SESSION, date_reminder_hours=48)
    assert due_meetings(own, ORGANISATION, STARTS - 2 * DAY) == [SESSION.meetings[0]]
    assert due_meetings(replace(SESSION, date_reminder_hours=0), ORGANISATION, STARTS - HELD) == []
    assert due_meetings(SESSION, replace(ORGANISATION, date_reminder_hours=0), STARTS - HELD) == []


def test_nothing_is_due_of_what_does_not_take_place_or_has_begun() -> None:
    assert due_meetings(replace(SESSION, cancelled_at=NOW), ORGANISATION, STARTS - HELD) == []
    cancelled = replace(COURSE, meetings=(replace(COURSE.meetings[0], cancelled_at=NOW), COURSE.meetings[1]))
    assert due_meetings(cancelled, ORGANISATION, STARTS - HELD) == []
    assert due_meetings(SESSION, ORGANISATION, STARTS) == []


def test_what_becomes_due_in_quiet_hours_waits() -> None:
    moved = replace(SESSION, date_reminder_hours=168)
    midnight = at("11-28T23:00")
    assert due_meetings(moved, ORGANISATION, midnight) == []
    assert next_check(moved, ORGANISATION, midnight) == midnight + HELD


def test_who_registered_after_the_reminder_was_due_gets_none() -> None:
    meeting = SESSION.meetings[0]
    late = replace(REGISTRATION, created_at=STARTS - DAY)
    early = replace(REGISTRATION, created_at=STARTS - DAY - HELD)
    assert is_reminded(early, meeting, SESSION, ORGANISATION)
    assert not is_reminded(late, meeting, SESSION, ORGANISATION)
    assert not is_reminded(replace(early, covers_from=STARTS + HELD), meeting, SESSION, ORGANISATION), "on later dates only"


def test_checks_go_from_date_to_date() -> None:
    assert first_check(COURSE) == STARTS - EARLIEST
    assert first_check(replace(COURSE, cancelled_at=NOW)) is None
    assert next_check(COURSE, ORGANISATION, NOW) == STARTS - DAY
    assert next_check(COURSE, ORGANISATION, STARTS - DAY) == STARTS + WEEK - DAY
    assert next_check(COURSE, ORGANISATION, STARTS + WEEK - DAY) is None
    assert next_check(replace(COURSE, cancelled_at=NOW), ORGANISATION, NOW) is None


def test_without_reminders_the_next_check_is_when_they_could_be_turned_on() -> None:
    off: Organisation = replace(ORGANISATION, date_reminder_hours=0)
    assert next_check(COURSE, off, STARTS - WEEK) == STARTS + WEEK - EARLIEST
