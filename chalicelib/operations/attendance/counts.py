"""The attendance counts of many meetings, for the agenda and for reports, and the marks that they follow."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from chalicelib.operations.attendance.queries import MeetingSheet, sheet_of
from chalicelib.operations.sessions import read_rosters
from chalicelib.rules.attendance import Counts, MeetingCounts, counts_at
from chalicelib.rules.refusals import Busy, ChangedMeanwhile
from chalicelib.rules.sessions import Session
from chalicelib.tables import attendance
from chalicelib.tables.attendance import MeetingKey

ATTEMPTS = 5


class CountedMeeting(NamedTuple):
    """A meeting whose counts are wanted, and how many spots of its session are taken."""

    session: str
    meeting: str
    starts_at: datetime
    taken: int


def read_counts(org: str, meetings: Sequence[CountedMeeting], *, now: datetime) -> dict[MeetingKey, Counts]:
    """Return the counts of meetings by (session, meeting): one request for some thousands of them. Leave cancelled meetings out.

    The counts may be a second old.
    """
    if not meetings:
        return {}
    starts = [one.starts_at for one in meetings]
    stored = attendance.counts_between(org, min(starts), max(starts))
    keyed = {(one.session, one.meeting): one for one in meetings}
    return {key: counts_at(stored.get(key), one.taken, begun=one.starts_at <= now) for key, one in keyed.items()}


def relist_counts(old: Session, new: Session) -> None:
    """List the counts of meetings that have another start now under that start. Idempotent."""
    before = {meeting.id: meeting.starts_at for meeting in old.meetings}
    for meeting in new.meetings:
        if before.get(meeting.id, meeting.starts_at) != meeting.starts_at:
            attendance.relist(new.org, new.id, meeting)


def recount_marks(org: str, session: str, *, now: datetime) -> None:
    """Count the marks of a session anew, after its roster has changed. One request if it has none. Idempotent. Raises Busy."""
    for _ in range(ATTEMPTS):
        marked = attendance.of_session(org, session)
        rosters = read_rosters(org, session, marked, now=now) if marked else {}
        try:
            for meeting, roster in rosters.items():
                _recount(sheet_of(roster, meeting, marked[meeting]))
        except ChangedMeanwhile:
            continue
        return
    raise Busy


def _recount(sheet: MeetingSheet) -> None:
    counts = MeetingCounts(sheet.counts, len(sheet.attendees))
    if sheet.takes_place and counts != sheet.stored.counts:
        attendance.write_counts(sheet.session.org, sheet.session.id, sheet.meeting.id, sheet.stored, counts)
