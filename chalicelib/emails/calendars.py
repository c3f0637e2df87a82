"""The calendar files attached to an e-mail about a registration."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from chalicelib.config import config
from chalicelib.emails.calendar_file import Method, calendar_file
from chalicelib.emails.facts import ENDED, each_alone, meetings
from chalicelib.rules.calendar import CalendarEvent, Organiser, booked
from chalicelib.rules.letters import Letter
from chalicelib.rules.messages import Attachment
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Meeting, Session


class _File(NamedTuple):
    """What a calendar file is to say."""

    method: Method
    events: Sequence[CalendarEvent]


def calendars(letter: Letter, *, now: datetime) -> tuple[Attachment, ...]:
    """Return the calendar files of the registration's meetings, and of those dropped from it; none for an invitation or a reminder."""
    return tuple(_attached(file, now) for file in _files_of(letter, now))


def number_of_calendars(letter: Letter, *, now: datetime) -> int:
    """Return how many calendar files there are, without writing them."""
    return sum(1 for _ in _files_of(letter, now))


def _files_of(letter: Letter, now: datetime) -> Iterator[_File]:
    if letter.registration is None or letter.session is None or letter.kind == "date_reminder":
        return iter(())
    return _booked_together(letter, now) if letter.together else _files(letter, letter.session, letter.registration, now)


def _booked_together(letter: Letter, now: datetime) -> Iterator[_File]:
    """Yield one file with the meetings of all registrations that were booked together."""
    events: list[CalendarEvent] = []
    for one in each_alone(letter):
        if one.session and one.registration:
            events += _events(letter, one.session, one.registration, meetings(one, one.session, now=now))
    if events:
        yield _File("PUBLISH", events)


def _files(letter: Letter, session: Session, registration: Registration, now: datetime) -> Iterator[_File]:
    listed = [meeting for meeting in meetings(letter, session, now=now) if registration.covers(meeting)]
    if listed:
        yield _file("CANCEL" if letter.kind in ENDED else "PUBLISH", listed, letter, session, registration)
    if letter.moved_from and (dropped := letter.moved_from.registration.remaining(letter.moved_from.session, now)):
        yield _file("CANCEL", dropped, letter, letter.moved_from.session, letter.moved_from.registration)
    if letter.before:
        kept = {meeting.id for meeting in session.active_meetings}
        dropped = [meeting for meeting in letter.before.meetings if meeting.id not in kept and registration.covers(meeting)]
        if dropped:
            yield _file("CANCEL", dropped, letter, session, registration)


def _file(method: Method, chosen: Sequence[Meeting], letter: Letter, session: Session, registration: Registration) -> _File:
    later = letter.kind in {"registration_moved", "registration_removed", "booking_cancelled"} and method == "CANCEL"
    return _File(method, [one._replace(sequence=one.sequence + later) for one in _events(letter, session, registration, chosen)])


def _events(letter: Letter, session: Session, registration: Registration, chosen: Sequence[Meeting]) -> Iterator[CalendarEvent]:
    organiser = Organiser(letter.organisation.name, letter.organisation.reply_to or config().sender)
    return booked(session, registration, chosen, url=letter.link, by=organiser)


def _attached(file: _File, now: datetime) -> Attachment:
    text = calendar_file(file.events, method=file.method, stamp=now)
    name = "session.ics" if file.method == "PUBLISH" else "cancelled.ics"
    return Attachment(name, f"text/calendar; charset=utf-8; method={file.method}", text.encode())
