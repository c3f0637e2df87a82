"""Reminders before each date, to those registered. An index lists the sessions of all organisations by their next check.

The messages come first, named by registration and date, and then the next check moves: two runs at once queue the same messages.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from chalicelib.operations.attendance import read_sheet
from chalicelib.operations.messages.suppression import withheld
from chalicelib.operations.turns import Turns
from chalicelib.rules import times
from chalicelib.rules.attendance import Mark
from chalicelib.rules.date_reminders import EARLIEST, due_meetings, is_reminded, next_check
from chalicelib.rules.messages import EmailKind, Message, message_id
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Meeting, Session
from chalicelib.tables import date_reminders, keys, meetings, messages, organisations
from chalicelib.tables.clock import Due

KIND: EmailKind = "date_reminder"
MOST_READ = 10_000
"""So many sessions of all organisations are read in one run, as keys, before the organisations take turns; about one request."""
READ_AT_ONCE = 100


def remind_of_dates(*, now: datetime, leaves_at: datetime, turns: Turns | None = None) -> int:
    """Queue the reminders due by `now`, of all organisations, and return how many. One query finds the sessions.

    `leaves_at` is the real time, by which the outbox sends them.
    """
    due = [Due(org, keys.session(org, session_id)) for org, session_id in date_reminders.due(now, limit=MOST_READ)]
    return (turns or Turns()).take("reminded", due, lambda org, rows: _check_session(org, rows[0].pk.partition("#")[2], now, leaves_at))


def check_earlier(organisation: Organisation, *, now: datetime) -> None:
    """Check the sessions whose reminders may be due earlier, since the organisation changed how long before they come."""
    coming = {one.session for one, _ in meetings.between(organisation.org, now, now + EARLIEST, limit=meetings.AT_ONCE)}
    for session_id in coming:
        date_reminders.check_now(organisation.org, session_id, now)


def check_older(org: str, *, now: datetime) -> None:
    """Check the sessions of an earlier version, which have no next check."""
    for session_id in date_reminders.without_check(org, now):
        date_reminders.check_now(org, session_id, now)


def _check_session(org: str, session_id: str, now: datetime, leaves_at: datetime) -> int:
    """Queue the reminders that are due for a session, none while the organisation is suspended, and set its next check.

    A session that was changed meanwhile stays due for the next run.
    """
    try:
        session, check_at = date_reminders.get(org, session_id)
    except NotFound:
        return 0
    organisation, queued = organisations.get(org), 0
    for meeting in () if organisation.suspended_at else due_meetings(session, organisation, now):
        queued += _remind(organisation, session, meeting, now, leaves_at)
    date_reminders.set_next_check(session, next_check(session, organisation, now), read=check_at)
    return queued


def _remind(organisation: Organisation, session: Session, meeting: Meeting, now: datetime, leaves_at: datetime) -> int:
    recipients = [one for one in _expected(session, meeting, now) if is_reminded(one, meeting, session, organisation)]
    return sum(
        _queue(recipients[first : first + READ_AT_ONCE], session, meeting, leaves_at) for first in range(0, len(recipients), READ_AT_ONCE)
    )


def _expected(session: Session, meeting: Meeting, now: datetime) -> Iterator[Registration]:
    """Yield the registrations on a meeting, but those of which everybody is known not to come."""
    sheet = read_sheet(session.org, session.id, meeting.id, now=now)
    parties: dict[str, list[Mark | None]] = {}
    known = {one.registration.id: one.registration for one in sheet.attendees}
    for attendee in sheet.attendees:
        parties.setdefault(attendee.registration.id, []).append(attendee.mark)
    for id, marks in parties.items():
        if not all(mark and mark.status in {"excused", "absent"} for mark in marks):
            yield known[id]


def _queue(recipients: Sequence[Registration], session: Session, meeting: Meeting, leaves_at: datetime) -> int:
    preferences = organisations.email_preferences_of(session.org, (one.email for one in recipients if one.email))
    wanting = [one for one in recipients if one.email and not withheld(preferences[one.email], KIND)]
    return sum(messages.add(_reminder(one, session, meeting, leaves_at)) for one in wanting)


def _reminder(registration: Registration, session: Session, meeting: Meeting, leaves_at: datetime) -> Message:
    starts_at = times.written(meeting.starts_at)
    return Message(
        org=session.org,
        id=message_id(KIND, session.org, f"{registration.public_id}#{meeting.id}#{starts_at}"),
        kind=KIND,
        to=registration.email,
        locale=registration.locale,
        created_at=leaves_at,
        data={"session": session.id, "registration": registration.id, "meeting": meeting.id, "starts_at": starts_at},
    )
