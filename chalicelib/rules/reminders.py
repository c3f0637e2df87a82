"""The schedule of reminders: a number of days after the invitation, outside quiet hours. Pure: every function takes the moment."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from chalicelib.rules import times
from chalicelib.rules.organisations import QuietHours

NEXT_CHECK_WHILE_OFF = 1
"""While reminders are off, an invitation is checked again after this number of days, an old one after a part of its age."""
PART_OF_AGE = 30


class Decision(NamedTuple):
    """Whether to remind now, and when to check again; None when no reminder is left."""

    remind: bool
    next_check_at: datetime | None


def first_check(invited_at: datetime, days: Sequence[int], *, until: datetime | None = None) -> datetime | None:
    """Return when the schedule first checks an invitation sent at `invited_at`; None when no reminder is due before `until`."""
    return decide(invited_at, days or (NEXT_CHECK_WHILE_OFF,), since=invited_at, now=invited_at, until=until).next_check_at


def decide(invited_at: datetime, days: Sequence[int], *, since: datetime, now: datetime, until: datetime | None = None) -> Decision:
    """Decide whether an invitation that was to be checked from `since` on gets a reminder. All missed ones become one reminder.

    `days` count from the invitation; there are at most as many reminders as days. None is sent at or after `until`.
    """
    due = [moment for moment in _moments(invited_at, days) if until is None or moment < until]
    in_time = until is None or now < until
    return Decision(in_time and any(since <= moment <= now for moment in due), next((moment for moment in due if moment > now), None))


def check_while_off(invited_at: datetime, now: datetime) -> datetime:
    """Return when to check again an invitation whose reminders are off: they may be on by then."""
    return now + max(timedelta(days=NEXT_CHECK_WHILE_OFF), (now - invited_at) / PART_OF_AGE)


def quiet(hours: QuietHours | None, zone: str, now: datetime) -> bool:
    """Whether `now` is in the quiet hours, which are local times of the zone and may span midnight."""
    if hours is None:
        return False
    clock = times.local(now, zone).time()
    if hours.starts < hours.ends:
        return hours.starts <= clock < hours.ends
    return clock >= hours.starts or clock < hours.ends


def quiet_hours_around(moment: datetime, hours: QuietHours, zone: str) -> tuple[datetime, datetime]:
    """Return when the quiet hours that a moment lies in begin and end."""
    local = times.local(moment, zone)
    spans_midnight, day = hours.starts > hours.ends, local.date()
    first = day - timedelta(days=1) if spans_midnight and local.time() < hours.ends else day
    return _at(first, hours.starts, zone), _at(first + timedelta(days=1) if spans_midnight else first, hours.ends, zone)


def _at(day: date, clock: time, zone: str) -> datetime:
    return times.in_utc(datetime.combine(day, clock, ZoneInfo(zone)))


def _moments(invited_at: datetime, days: Sequence[int]) -> Iterator[datetime]:
    return (invited_at + timedelta(days=number) for number in sorted(set(days)) if number > 0)
