"""Attendance: a mark for each participant at a meeting, how marks of several devices merge, and their counts.

The latest mark counts, whatever the order in which marks arrive and however often they are repeated.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, get_args
from zlib import crc32

from chalicelib.rules import times
from chalicelib.rules.refusals import Conflict
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Meeting, Session
from chalicelib.rules.translation import N_

AttendanceStatus = Literal["expected", "present", "late", "absent", "excused"]
"""`expected` is the status without a mark; as a mark it takes an earlier one back."""
STATUSES: tuple[AttendanceStatus, ...] = get_args(AttendanceStatus)
HERE: tuple[AttendanceStatus, ...] = ("present", "late")
LONGEST_NOTE = 200
MARKS_IN_A_PART = 150
"""How many marks are stored together: one row of them is read and written whole."""
OPENS = timedelta(hours=2)
"""How long before a meeting its participants can check in."""
STAYS_OPEN = timedelta(minutes=30)
"""How long after a meeting they still can."""


class MeetingCancelled(Conflict):
    code = "meeting_cancelled"
    sentence = N_("This date was cancelled, so nobody can be marked on it. Choose another date.")


class NoMeetingNow(Conflict):
    """No meeting of the registration is on or about to begin. Names the next one, if there is one."""

    code = "no_meeting_now"

    def __init__(self, coming: Meeting | None, zone: str) -> None:
        self.meeting = coming.id if coming else None
        self.starts_at = times.written(coming.starts_at) if coming else None
        self.local_start = f"{times.local(coming.starts_at, zone):%Y-%m-%d %H:%M}" if coming else None

    @property
    def sentence(self) -> str:  # type: ignore[override]
        return NEXT_MEETING if self.meeting else NO_NEXT_MEETING


NEXT_MEETING = N_("There is no date to check in for right now. The next one starts on %(local_start)s. Open that date to mark it anyway.")
NO_NEXT_MEETING = N_("There is no date to check in for right now, and none to come. Open a past date to mark it anyway.")


class ParticipantKey(NamedTuple):
    """A participant of a registration: the registration's id on its session, and the index in the party, from 0."""

    registration: str
    participant: int


@dataclass(frozen=True, slots=True)
class Mark:
    """The attendance of a participant at a meeting, as somebody marked it."""

    status: AttendanceStatus
    at: datetime
    """When it was marked on the device, to the millisecond."""
    by: str = ""
    """The address of the member of staff."""
    note: str = ""
    first_at: datetime | None = None
    """When the participant was first marked present or late."""

    @property
    def is_here(self) -> bool:
        return self.status in HERE


Marks = Mapping[ParticipantKey, Mark]


class MarkedDate(NamedTuple):
    """A mark of a participant at a date."""

    session: Session
    meeting: Meeting
    name: str
    mark: Mark


class Counts(NamedTuple):
    """The number of participants at a meeting by status."""

    expected: int = 0
    present: int = 0
    late: int = 0
    absent: int = 0
    excused: int = 0

    @property
    def marked(self) -> int:
        return sum(self[1:])

    def of(self, total: int) -> "Counts":
        """Return the counts of so many participants: those without a mark are expected."""
        return self._replace(expected=max(0, total - self.marked))


class MeetingCounts(NamedTuple):
    """The counts of a meeting as its marks were last written."""

    counts: Counts
    covered: int
    """The number of participants then."""


def new_mark(status: AttendanceStatus, at: datetime | None, *, now: datetime, by: str = "", note: str = "") -> Mark:
    """Return a mark. One from the future, of a device whose clock is ahead, is of now."""
    made = to_milliseconds(min(at or now, now))
    return Mark(status, made, by, note, made if status in HERE else None)


def merged(one: Mark | None, other: Mark) -> Mark:
    """Return what two marks of a participant amount to: the latest, with the first moment at which they were here.

    The order does not matter, nor does a repetition. Marks of the same moment have one order, too.
    """
    if one is None:
        return other
    latest = max(one, other, key=_order)
    return replace(latest, first_at=min(filter(None, (one.first_at, other.first_at)), default=None))


def merge(marks: Marks, others: Iterable[tuple[ParticipantKey, Mark]]) -> dict[ParticipantKey, Mark]:
    """Return the marks of a meeting together with others."""
    found = dict(marks)
    for key, mark in others:
        found[key] = merged(found.get(key), mark)
    return found


def count(statuses: Iterable[AttendanceStatus]) -> Counts:
    """Return the number of each status."""
    found = list(statuses)
    return Counts(*map(found.count, STATUSES))


def counts_at(stored: MeetingCounts | None, taken: int, *, begun: bool) -> Counts:
    """Return the counts of a meeting. `taken`: the spots of its session that are taken now.

    Who is expected at a meeting to come is known by the spots; at one that has begun, by the roster when it was last marked.
    """
    if stored is None:
        return Counts(expected=taken)
    return stored.counts.of(stored.covered if begun else taken)


def parts_needed(participants: int, existing: int = 1) -> int:
    """Return the number of parts for the marks of so many participants; never fewer than exist."""
    return max(existing, 1, -(-participants // MARKS_IN_A_PART))


def in_parts(marks: Marks, parts: int) -> list[dict[ParticipantKey, Mark]]:
    """Return the marks in so many parts, by registration."""
    found: list[dict[ParticipantKey, Mark]] = [{} for _ in range(parts)]
    for key, mark in marks.items():
        found[crc32(key.registration.encode()) % parts][key] = mark
    return found


def takes_place(session: Session, meeting: Meeting) -> bool:
    """Whether the meeting was not cancelled, alone or with its session. What had begun before the session was cancelled took place."""
    return not (meeting.cancelled_at or (session.cancelled_at and meeting.starts_at > session.cancelled_at))


def meeting_now(session: Session, registration: Registration, now: datetime) -> Meeting:
    """Return the covered meeting that is on or about to begin, or has just ended. Raises NoMeetingNow."""
    covered = [meeting for meeting in session.meetings if takes_place(session, meeting) and registration.covers(meeting)]
    on = [meeting for meeting in covered if meeting.starts_at - OPENS <= now < meeting.ends_at + STAYS_OPEN]
    current = [meeting for meeting in on if meeting.ends_at > now]
    if on:
        return current[0] if current else on[-1]
    raise NoMeetingNow(next((meeting for meeting in covered if meeting.starts_at > now), None), session.time_zone)


def names_of(registration: Registration, size: int) -> list[str]:
    """Return a name for each of so many participants: the booker's, numbered, for those without one."""
    unnamed = [registration.name if index == 0 else f"{registration.name} ({index + 1})" for index in range(size)]
    return [*registration.participants[:size], *unnamed[len(registration.participants) :]]


def statuses_of(registration: str, size: int, marks: Marks) -> list[AttendanceStatus]:
    """Return the status of each of so many participants of a registration."""
    found = (marks.get(ParticipantKey(registration, index)) for index in range(size))
    return [mark.status if mark else "expected" for mark in found]


def to_milliseconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _order(mark: Mark) -> tuple[datetime, int, str, str]:
    return mark.at, STATUSES.index(mark.status), mark.by, mark.note
