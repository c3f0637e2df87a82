"""The agenda: meetings by day, filtered, and the days that a view shows."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple, get_args

from chalicelib.rules import times
from chalicelib.rules.addresses import compared
from chalicelib.rules.ledger import Spots
from chalicelib.rules.meetings import ListedMeeting, MeetingSessionFacts
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.sessions import SessionState

View = Literal["day", "week", "month", "list"]
VIEWS: tuple[View, ...] = get_args(View)
MOST_DAYS = 62
LISTED_DAYS = 14
WEEK = 7
TINTS = 8


@dataclass(frozen=True, slots=True)
class MeetingFilter:
    """What a meeting's session must have. Empty fields do not filter."""

    tag: str = ""
    location: str = ""
    leader: str = ""
    """The address of one of its leaders."""
    only_led_by: str = ""
    """The address of a member of staff who sees only the sessions that they lead."""

    def matches(self, facts: MeetingSessionFacts) -> bool:
        return (
            (not self.tag or self.tag.casefold() in {one.casefold() for one in facts.tags})
            and (not self.location or self.location.casefold() == facts.location.casefold())
            and all(compared(one) in map(compared, facts.leaders) for one in (self.leader, self.only_led_by) if one)
        )


def seen_by(member: StaffMember, wanted: MeetingFilter) -> MeetingFilter:
    """Return the filter as it holds for a member of staff: a leader sees only their own sessions."""
    return wanted if member.may("read") else replace(wanted, only_led_by=member.email)


class AgendaMeeting(NamedTuple):
    """A meeting with what an agenda shows of its session, the spots, and its state at a moment."""

    meeting: ListedMeeting
    facts: MeetingSessionFacts
    spots: Spots
    state: SessionState

    def is_over(self, now: datetime) -> bool:
        return self.meeting.ends_at <= now

    @property
    def shares_spots(self) -> bool:
        """Whether the spots are those of a course one of whose dates is over: they say nothing of who was on it then."""
        return self.state == "past" and not self.meeting.is_only


def state_of(meeting: ListedMeeting, facts: MeetingSessionFacts, free: int, now: datetime) -> SessionState:
    """Return the state of a meeting: that of its session, but past or cancelled as soon as this one meeting is."""
    if facts.cancelled_at:
        return "cancelled"
    if meeting.ends_at <= now:
        return "past"
    if facts.last_starts_at <= now or now >= facts.registration_closes_at:
        return "closed"
    if now < facts.registration_opens_at:
        return "upcoming"
    return "open" if free > 0 else "full"


class Days(NamedTuple):
    """The first and the last day of a period."""

    first: date
    last: date

    def each(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]


def days_of(view: View, day: date) -> Days:
    """Return the days that a view shows around a day: whole weeks from Monday in a week and a month."""
    if view == "day":
        return Days(day, day)
    if view == "list":
        return Days(day, day + timedelta(days=LISTED_DAYS - 1))
    if view == "week":
        first = day - timedelta(days=day.weekday())
        return Days(first, first + timedelta(days=WEEK - 1))
    first, last = day.replace(day=1), day.replace(day=calendar.monthrange(day.year, day.month)[1])
    return Days(first - timedelta(days=first.weekday()), last + timedelta(days=WEEK - 1 - last.weekday()))


def shifted(view: View, day: date, by: int) -> date:
    """Return a day in the period after this one (`by` 1) or before it (-1)."""
    if view == "month":
        months = day.year * 12 + day.month - 1 + by
        return date(months // 12, months % 12 + 1, 1)
    return day + timedelta(days=by * {"day": 1, "week": WEEK, "list": LISTED_DAYS}[view])


def day_of(meeting: ListedMeeting, zone: str) -> date:
    return times.local(meeting.starts_at, zone).date()


def hours_of(meetings: Sequence[AgendaMeeting], zone: str) -> range:
    """Return the hours of the day that a grid shows: the working day, and all in which meetings start."""
    starts = [times.local(one.meeting.starts_at, zone).hour for one in meetings]
    return range(min([9, *starts]), max([18, *starts]) + 1)


def tint(tags: Sequence[str]) -> int:
    """Return the number of the colour of a session's first tag, from 1; 0 without tags. The same tag has the same colour everywhere."""
    return 1 + sum(tags[0].casefold().encode()) % TINTS if tags else 0
