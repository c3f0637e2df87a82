"""The participants of one meeting with their attendance."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from chalicelib.operations.sessions import RosterView, SessionView, read_roster
from chalicelib.rules.attendance import AttendanceStatus, Counts, Mark, ParticipantKey, count, names_of, takes_place
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Meeting, Session
from chalicelib.tables import attendance
from chalicelib.tables.attendance import MeetingAttendance


class Attendee(NamedTuple):
    """A participant at a meeting, with the latest mark."""

    registration: Registration
    key: ParticipantKey
    name: str
    mark: Mark | None

    @property
    def status(self) -> AttendanceStatus:
        return self.mark.status if self.mark else "expected"

    @property
    def is_here(self) -> bool:
        return bool(self.mark and self.mark.is_here)


@dataclass(frozen=True, slots=True)
class MeetingSheet:
    """Everybody at one meeting, by name. Nobody is at one that was cancelled."""

    view: SessionView
    meeting: Meeting
    attendees: list[Attendee]
    stored: MeetingAttendance

    @property
    def session(self) -> Session:
        return self.view.session

    @property
    def takes_place(self) -> bool:
        return takes_place(self.session, self.meeting)

    @property
    def counts(self) -> Counts:
        return count(one.status for one in self.attendees)


def read_sheet(org: str, session_id: str, meeting_id: str, *, now: datetime) -> MeetingSheet:
    """Return everybody at a meeting, by name, in two requests. Raises NotFound."""
    return sheet_of(read_roster(org, session_id, now=now, meeting=meeting_id), meeting_id, attendance.read(org, session_id, meeting_id))


def sheet_of(roster: RosterView, meeting_id: str, stored: MeetingAttendance) -> MeetingSheet:
    """Return everybody on the roster of a meeting with these marks. Raises NotFound for an unknown meeting."""
    session = roster.session.session
    meeting = next((one for one in session.meetings if one.id == meeting_id), None)
    if meeting is None:
        raise NotFound
    registrations = roster.registrations if takes_place(session, meeting) else []
    found = [
        Attendee(registration, key, name, stored.marks.get(key))
        for registration in registrations
        for number, name in enumerate(names_of(registration, roster.parties[registration.id]))
        for key in (ParticipantKey(registration.id, number),)
    ]
    return MeetingSheet(roster.session, meeting, sorted(found, key=_by_name), stored)


def _by_name(attendee: Attendee) -> tuple[str, str, int]:
    return attendee.name.casefold(), *attendee.key
