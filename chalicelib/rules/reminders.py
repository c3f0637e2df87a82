"""When a reminder goes out: so many days after the invitation, and not in quiet hours. All of it is decided by the moment given."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from chalicelib.rules import times
from chalicelib.rules.organisations import QuietHours

MOST_AT_ONCE = 1000
"""How many one run of the schedule looks at: the next run, a minute later, goes on."""
NEXT_LOOK_WHILE_OFF = 1
"""While reminders are off, whoever is invited is looked at after so many days, or as soon as they are on again."""


class Decision(NamedTuple):
    """Whether to remind now, and when to look again; None when nothing is to come."""

    remind: bool
    look_again_at: datetime | None


def first_look(invited_at: datetime, days: Sequence[int], *, until: datetime | None = None) -> datetime | None:
    """Return when the schedule looks for the first time at somebody who was invited then; None when no reminder would come in time."""
    return decide(invited_at, days or (NEXT_LOOK_WHILE_OFF,), look_at=invited_at, now=invited_at, until=until).look_again_at


def decide(invited_at: datetime, days: Sequence[int], *, look_at: datetime, now: datetime, until: datetime | None = None) -> Decision:
    """Decide what is due to somebody whom the schedule was to look at from `look_at` on. All that was missed since then is one reminder.

    The days count from the invitation and their number is the most that are sent. None is sent at or after `until`.
    """
    due = [moment for moment in _moments(invited_at, days) if until is None or moment < until]
    in_time = until is None or now < until
    return Decision(in_time and any(look_at <= moment <= now for moment in due), next((moment for moment in due if moment > now), None))


def quiet(hours: QuietHours | None, zone: str, now: datetime) -> bool:
    """Whether no reminder may leave: between these times as clocks in the zone show them, which may lie on two days."""
    if hours is None:
        return False
    clock = times.local(now, zone).time()
    if hours.starts < hours.ends:
        return hours.starts <= clock < hours.ends
    return clock >= hours.starts or clock < hours.ends


def _moments(invited_at: datetime, days: Sequence[int]) -> Iterator[datetime]:
    return (invited_at + timedelta(days=number) for number in sorted(set(days)) if number > 0)
