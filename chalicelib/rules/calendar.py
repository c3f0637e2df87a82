"""The events of a calendar: the dates of a registration, as e-mails and feeds name them."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from chalicelib.rules.meetings import AgendaRow
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Meeting, Session


class Organiser(NamedTuple):
    name: str
    email: str


class CalendarEvent(NamedTuple):
    """One date. The same `uid` with a higher `sequence` replaces what a calendar has."""

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    summary: str
    location: str = ""
    description: str = ""
    url: str = ""
    organiser: Organiser | None = None
    cancelled: bool = False


def booked(
    session: Session, registration: Registration, meetings: Iterable[Meeting], *, url: str, by: Organiser
) -> Iterator[CalendarEvent]:
    """Return the dates of a registration, of those given, as every calendar file has them: an e-mail and a feed name the same ones."""
    changes = registration.own_changes[-1].number if registration.own_changes else 0
    for meeting in meetings:
        if registration.covers(meeting):
            yield CalendarEvent(
                uid=f"{session.id}-{registration.id}-{meeting.id}@rollbook",
                sequence=session.version + changes,
                starts_at=meeting.starts_at,
                ends_at=meeting.ends_at,
                summary=session.title,
                location=session.location,
                description=", ".join(registration.participants),
                url=url,
                organiser=by,
            )


def planned(row: AgendaRow, *, url: str) -> CalendarEvent:
    """Return a date of the agenda as the calendars of staff have it."""
    meeting, facts = row
    return CalendarEvent(
        uid=f"{meeting.session}-{meeting.meeting}@rollbook",
        sequence=0,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        summary=facts.title,
        location=" ".join(facts.location.split()),
        description=", ".join(facts.leaders),
        url=url,
        cancelled=facts.cancelled_at is not None,
    )
