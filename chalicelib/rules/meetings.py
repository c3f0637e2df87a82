"""Meetings as lists find them: a row each, from which the next meeting of a session can be told without the session."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from chalicelib.rules.sessions import Session

FEW = 40
"""A session with at most this many meetings has its facts on their rows: one transaction writes them all anew."""


@dataclass(frozen=True, slots=True)
class ListedMeeting:
    """A meeting in the calendar of its organisation."""

    session: str
    meeting: str
    starts_at: datetime
    ends_at: datetime
    earlier_end: datetime | None = None
    """When all earlier meetings of the session are over; None for its first meeting."""
    last_end: datetime | None = None
    """When all meetings of the session are over, on its last meeting only."""
    cancelled: bool = False
    """Whether this date alone is cancelled: the session is never listed at it."""

    @property
    def is_only(self) -> bool:
        """Whether its session has no other date."""
        return self.earlier_end is None and self.last_end is not None

    def is_shown(self, now: datetime) -> bool:
        """Whether the session is listed at this meeting: the one that is on or comes next, or the last one once all are over."""
        if self.cancelled:
            return False
        over_before = self.earlier_end is None or self.earlier_end <= now
        return (self.ends_at > now and over_before) or (self.last_end is not None and self.last_end <= now)


def listed(session: Session) -> tuple[ListedMeeting, ...]:
    """Return the meetings of a session for the calendar, in their order."""
    found: list[ListedMeeting] = []
    earlier_end: datetime | None = None
    for meeting in session.meetings:
        if meeting not in session.active_meetings:
            found.append(ListedMeeting(session.id, meeting.id, meeting.starts_at, meeting.ends_at, cancelled=True))
            continue
        through = max(earlier_end or meeting.ends_at, meeting.ends_at)
        last_end = through if meeting == session.active_meetings[-1] else None
        found.append(ListedMeeting(session.id, meeting.id, meeting.starts_at, meeting.ends_at, earlier_end, last_end))
        earlier_end = through
    return tuple(found)


class MeetingSessionFacts(NamedTuple):
    """What an agenda shows of a meeting's session, without reading the session. A new field has a default: older rows lack it."""

    title: str
    time_zone: str
    chunks: int
    registration_opens_at: datetime
    registration_closes_at: datetime
    last_starts_at: datetime
    ends_at: datetime
    location: str = ""
    tags: tuple[str, ...] = ()
    leaders: tuple[str, ...] = ()
    cancelled_at: datetime | None = None
    """When the session or this one meeting was cancelled."""
    series: str | None = None
    """The id of its series, empty for a session of its own; None on a row of an earlier version, which lacks it."""


class AgendaRow(NamedTuple):
    """A meeting with the facts of its session."""

    meeting: ListedMeeting
    facts: MeetingSessionFacts


def agenda_rows(session: Session) -> tuple[AgendaRow, ...]:
    """Return the meetings of a session in their order, each with the facts that an agenda shows."""
    known: dict[str, Any] = {name: getattr(session, name) for name in MeetingSessionFacts._fields}
    facts = MeetingSessionFacts(**known)
    cancelled = {meeting.id: meeting.cancelled_at for meeting in session.meetings}
    return tuple(AgendaRow(one, facts._replace(cancelled_at=facts.cancelled_at or cancelled[one.meeting])) for one in listed(session))


def has_facts_on_rows(session: Session) -> bool:
    return len(session.meetings) <= FEW
