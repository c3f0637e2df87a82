"""One date of a course is cancelled and restored: who hears of it, and what calendars are told."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.operations.sessions import cancel_meeting, restore_meeting
from chalicelib.rules.inputs.sessions import CancelMeetingInput
from chalicelib.rules.meetings import listed
from chalicelib.rules.session_refusals import MeetingPast, SessionCancelled
from chalicelib.rules.sessions import Meeting, Session, next_start
from chalicelib.tables import listed_meetings, meetings, sessions
from tests.operations.simulated_aws import Ses, Streams
from tests.operations.test_reactions import invited, registered

OpenSession = Callable[..., Session]
ILL = CancelMeetingInput(reason="The teacher is ill.")


@pytest.fixture
def course(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> Session:
    """Three dates, the first of them over; Ben covers the two others, Ana is invited, and Late joined for the last."""
    days = (now + timedelta(days=day) for day in (-1, 6, 13))
    dates = tuple(Meeting(f"m{index}", day, day + timedelta(hours=1)) for index, day in enumerate(days, 1))
    made = open_session(meetings=dates, registration_closes_at=dates[-1].starts_at)
    registered("ben@example.org", now=now)
    registered("late@example.org", now=now + timedelta(days=7), name="Late")
    invited("ana@example.org", now=now)
    streams.drain(now)
    ses.sent.clear()
    return made


def files(request: dict[str, Any]) -> list[tuple[str, str]]:
    found = request["Content"]["Simple"].get("Attachments", ())
    return [(file["ContentType"].rpartition("=")[2], file["RawContent"].decode()) for file in found]


def mail_to(ses: Ses, email: str) -> dict[str, Any]:
    return next(request for request in ses.sent if email in request["Destination"]["ToAddresses"])


def test_everybody_whom_it_concerns_hears_of_it_and_calendars_drop_that_date(
    course: Session, streams: Streams, ses: Ses, now: datetime
) -> None:
    view = cancel_meeting("demo", "s1", "m2", ILL, now=now)
    streams.drain(now)
    streams.drain(now)
    assert view.recipients == 2
    assert sorted(ses.recipients) == ["ana@example.org", "ben@example.org"]
    mail = mail_to(ses, "ben@example.org")
    assert "The teacher is ill." in ses.texts[ses.sent.index(mail)]
    ((method, calendar),) = files(mail)
    assert (method, calendar.count("BEGIN:VEVENT"), "-m2@rollbook" in calendar) == ("CANCEL", 1, True)
    assert f"SEQUENCE:{sessions.get('demo', 's1').version}\r\n" in calendar
    assert (view.spots.taken, view.spots.held) == (2, 1), "the ledger is untouched"


def test_nobody_hears_of_it_when_staff_tell_people_themselves(course: Session, streams: Streams, ses: Ses, now: datetime) -> None:
    assert not cancel_meeting("demo", "s1", "m2", CancelMeetingInput(tell=False), now=now).recipients
    streams.drain(now)
    assert not restore_meeting("demo", "s1", "m2", now=now).recipients
    streams.drain(now)
    assert ses.sent == []


def test_a_restored_date_comes_back_to_those_who_were_told(course: Session, streams: Streams, ses: Ses, now: datetime) -> None:
    cancel_meeting("demo", "s1", "m2", ILL, now=now)
    streams.drain(now)
    ses.sent.clear()
    assert restore_meeting("demo", "s1", "m2", now=now).recipients == 2
    streams.drain(now)
    ((method, calendar),) = files(mail_to(ses, "ben@example.org"))
    assert (method, calendar.count("BEGIN:VEVENT"), "-m2@rollbook" in calendar) == ("PUBLISH", 1, True)
    assert sessions.get("demo", "s1").meetings == course.meetings


def test_a_date_restored_before_the_e_mail_left_is_no_news(course: Session, streams: Streams, ses: Ses, now: datetime) -> None:
    cancel_meeting("demo", "s1", "m2", ILL, now=now)
    restore_meeting("demo", "s1", "m2", now=now)
    streams.drain(now)
    assert ses.sent == []


def test_lists_pass_over_it_and_it_stays_in_the_calendar_of_staff(course: Session, now: datetime) -> None:
    cancel_meeting("demo", "s1", "m2", ILL, now=now)
    session = sessions.get("demo", "s1")
    assert next_start(session, now) == course.meetings[2].starts_at
    ((shown, _),) = listed_meetings.shown("demo", now=now, ended=False, after="")
    assert shown.meeting == "m3"
    assert sorted(meetings.every("demo"), key=meetings.sort_key) == sorted(listed(session), key=meetings.sort_key)
    assert {row.meeting for row in meetings.every("demo") if row.cancelled} == {"m2"}


def test_what_has_begun_cannot_be_restored_and_nobody_hears_of_what_is_over(
    course: Session, streams: Streams, ses: Ses, now: datetime
) -> None:
    assert not cancel_meeting("demo", "s1", "m1", ILL, now=now).recipients
    streams.drain(now)
    assert ses.sent == []
    with pytest.raises(MeetingPast):
        restore_meeting("demo", "s1", "m1", now=now)


def test_a_cancelled_session_has_no_dates_to_cancel(open_session: OpenSession, now: datetime) -> None:
    dates = tuple(Meeting(f"m{day}", now + timedelta(days=day), now + timedelta(days=day, hours=1)) for day in (1, 2))
    open_session(meetings=dates, cancelled_at=now)
    with pytest.raises(SessionCancelled):
        cancel_meeting("demo", "s1", "m1", ILL, now=now)
