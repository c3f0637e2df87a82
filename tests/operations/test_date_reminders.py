"""Reminders before each date: who gets one, when, once, and not of what has changed meanwhile."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from chalicelib.config import config
from chalicelib.events import schedules
from chalicelib.operations import organisations as settings
from chalicelib.operations import unsubscribe
from chalicelib.operations.attendance import NewMark, mark
from chalicelib.operations.date_reminders import check_older, remind_of_dates
from chalicelib.operations.links import DATE_REMINDERS, unsubscribe_token
from chalicelib.operations.registrations import remove_registration
from chalicelib.operations.sessions import cancel_meeting, cancel_session, edit_session
from chalicelib.rules.attendance import ParticipantKey, new_mark
from chalicelib.rules.inputs.email_preferences import PreferencesChanges
from chalicelib.rules.inputs.organisations import OrganisationChanges
from chalicelib.rules.inputs.sessions import CancelInput, CancelMeetingInput, SessionChanges
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Meeting, Session
from chalicelib.rules.times import written
from chalicelib.tables import date_reminders, dynamodb, keys
from chalicelib.tables.conditions import ALWAYS, Update
from tests.operations.messages.test_email_preferences import suppress
from tests.operations.simulated_aws import Ses, Streams
from tests.operations.test_reactions import registered

OpenSession = Callable[..., Session]
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)


class Course:
    """A course of two dates with one registration, in a studio that reminds a day before; `ses` has what was sent since."""

    def __init__(self, session: Session, registration: Registration, streams: Streams, ses: Ses, now: datetime) -> None:
        self.session, self.registration, self.streams, self.ses, self.now = session, registration, streams, ses, now
        self.first, self.second = session.meetings

    def run(self, at: datetime) -> list[str]:
        """Run the schedule twice at this moment, carry what follows, and return the subjects of the e-mails that left."""
        before = len(self.ses.sent)
        for _ in range(2):
            remind_of_dates(now=at, leaves_at=self.now)
        self.streams.drain(self.now)
        return self.ses.subjects[before:]


@pytest.fixture
def course(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> Course:
    start = (now + WEEK).replace(hour=15)
    dates = tuple(Meeting(f"m{n}", start + n * WEEK, start + n * WEEK + timedelta(hours=1)) for n in (0, 1))
    session = open_session(meetings=dates, registration_closes_at=dates[-1].starts_at)
    registration = registered("ben@example.org", now=now)
    streams.drain(now)
    return Course(session, registration, streams, ses, now)


def change_settings(now: datetime, **changed: object) -> None:
    settings.change("demo", OrganisationChanges.model_validate(changed), expected=None, now=now)


def move(course: Course, now: datetime) -> None:
    """Move all dates by a day, and tell nobody."""
    dates = [(one.id, one.starts_at + DAY, one.ends_at + DAY) for one in course.session.meetings]
    later = [{"id": id, "starts_at": written(starts), "ends_at": written(ends)} for id, starts, ends in dates]
    edit_session("demo", "s1", SessionChanges.model_validate({"meetings": later, "tell": False}), expected=None, now=now)


def test_everybody_is_reminded_a_day_before_each_date_once(course: Course) -> None:
    assert course.run(course.first.starts_at - DAY - timedelta(minutes=1)) == []
    (subject,) = course.run(course.first.starts_at - DAY)
    assert "Pottery" in subject
    assert course.run(course.first.starts_at - timedelta(hours=3)) == []
    assert course.ses.recipients[-1] == "ben@example.org"
    assert course.ses.texts[-1].splitlines()[0].startswith("http://127.0.0.1:8000/b/")
    assert len(course.run(course.second.starts_at - DAY)) == 1
    assert course.run(course.second.starts_at + WEEK) == []
    assert date_reminders.due(course.second.starts_at + 9 * WEEK, limit=9) == []


def test_the_schedule_runs_it_for_every_organisation(course: Course, ses: Ses) -> None:
    assert schedules.run(course.first.starts_at - DAY)["reminded"] == 1
    course.streams.drain(course.now)
    assert len(ses.sent) == 2, "the confirmation, and the reminder"


def test_a_missed_run_is_made_up_for_until_the_date_begins(course: Course) -> None:
    assert len(course.run(course.first.starts_at - timedelta(minutes=1))) == 1
    other = course.second.starts_at
    assert course.run(other) == []


@pytest.mark.parametrize("change", ["removed", "date cancelled", "session cancelled", "moved", "excused", "off", "suppressed"])
def test_nobody_is_reminded_of_what_does_not_concern_them(course: Course, change: str) -> None:
    now, meeting = course.now, course.first
    key = ParticipantKey(course.registration.id, 0)
    does: dict[str, Callable[[], object]] = {
        "removed": lambda: remove_registration("demo", course.registration.public_id, by="m", now=now),
        "date cancelled": lambda: cancel_meeting("demo", "s1", meeting.id, CancelMeetingInput(tell=False), now=now),
        "session cancelled": lambda: cancel_session("demo", "s1", CancelInput(tell=False), by="m", now=now),
        "moved": lambda: move(course, now),
        "excused": lambda: mark("demo", "s1", meeting.id, [NewMark(key, new_mark("excused", None, now=now))], now=now),
        "off": lambda: unsubscribe.unsubscribe(unsubscribe_token("demo", "ben@example.org", kind=DATE_REMINDERS), now=now),
        "suppressed": lambda: suppress("ben@example.org"),
    }
    does[change]()
    course.streams.drain(now)
    course.ses.sent.clear()
    assert course.run(meeting.starts_at - DAY) == []


@pytest.mark.parametrize("change", ["date cancelled", "moved", "off"])
def test_what_changes_between_queueing_and_sending_withholds_it(course: Course, change: str) -> None:
    assert remind_of_dates(now=course.first.starts_at - DAY, leaves_at=course.now) == 1
    test_nobody_is_reminded_of_what_does_not_concern_them(course, change)
    assert course.ses.sent == []


def test_a_moved_date_is_reminded_of_at_its_new_time(course: Course) -> None:
    assert len(course.run(course.first.starts_at - DAY)) == 1
    move(course, course.first.starts_at - DAY)
    assert len(course.run(course.first.starts_at)) == 1


def test_who_registers_after_it_was_due_gets_none(course: Course) -> None:
    registered("late@example.org", name="Lea", now=course.first.starts_at - timedelta(hours=5))
    course.streams.drain(course.now)
    course.run(course.first.starts_at - timedelta(hours=4))
    assert course.ses.recipients[-1] == "ben@example.org"
    assert len(course.run(course.second.starts_at - DAY)) == 2


def test_changed_hours_count_at_once(course: Course) -> None:
    course.run(course.first.starts_at - 4 * DAY)
    change_settings(course.first.starts_at - 4 * DAY, date_reminder_hours=72)
    assert len(course.run(course.first.starts_at - 3 * DAY)) == 1
    change_settings(course.first.starts_at, date_reminder_hours=0)
    assert course.run(course.second.starts_at - DAY) == []


def test_a_session_may_have_none(course: Course) -> None:
    edit_session("demo", "s1", SessionChanges(date_reminder_hours=0), expected=None, now=course.now)
    assert course.run(course.first.starts_at - DAY) == []


def test_an_edit_while_the_schedule_checks_leaves_it_due(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next check that an edit has written is not lost."""
    plain = date_reminders.set_next_check

    def edited_meanwhile(session: Session, at: datetime | None, *, read: str) -> None:
        edit_session("demo", "s1", SessionChanges(title="Clay"), expected=None, now=course.now)
        plain(session, at, read=read)

    with monkeypatch.context() as patched:
        patched.setattr(date_reminders, "set_next_check", edited_meanwhile)
        remind_of_dates(now=course.first.starts_at - DAY, leaves_at=course.now)
    assert date_reminders.due(course.first.starts_at - DAY, limit=9) == [("demo", "s1")]


def test_a_check_alone_does_not_count_as_a_change(course: Course, streams: Streams) -> None:
    streams.records.read()
    course.run(course.first.starts_at - 3 * DAY)
    assert [one for one in streams.records.read() if "STALE" in str(one)] == []


def test_sessions_of_an_earlier_version_are_found(course: Course) -> None:
    key = keys.session("demo", "s1")
    dynamodb.update(config().rosters_table, key, Update().remove("remind", "remind_at"), ALWAYS)
    assert course.run(course.first.starts_at - DAY) == []
    check_older("demo", now=course.first.starts_at - DAY)
    assert len(course.run(course.first.starts_at - DAY)) == 1


def test_e_mails_are_in_the_language_that_the_family_chose(course: Course) -> None:
    token = unsubscribe_token("demo", "ben@example.org")
    unsubscribe.change_preferences(token, PreferencesChanges(language="en"), now=course.now)
    (subject,) = course.run(course.first.starts_at - DAY)
    assert subject.startswith("Reminder: Pottery, ")
    view = unsubscribe.change_preferences(token, PreferencesChanges(language=None, date_reminders=False), now=course.now)
    assert (view.language, view.date_reminders, view.unsubscribed) == (None, False, False)
