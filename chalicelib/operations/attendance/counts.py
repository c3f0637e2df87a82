"""The attendance counts of many meetings, for the agenda and for reports."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from chalicelib.rules.attendance import Counts, counts_at
from chalicelib.rules.sessions import Session
from chalicelib.tables import attendance
from chalicelib.tables.attendance import MeetingKey


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


def follow_starts(old: Session, new: Session) -> None:
    """List the counts of meetings that have another start now under that start. Idempotent."""
    before = {meeting.id: meeting.starts_at for meeting in old.meetings}
    for meeting in new.meetings:
        if before.get(meeting.id, meeting.starts_at) != meeting.starts_at:
            attendance.follow_start(new.org, new.id, meeting)
