"""The recurrence of a session: the days on which it repeats, and its hours by the clock of its time zone.

What clocks show stays the same across changes of summer time. A time that the clocks skip in spring becomes the one that they show
instead; of a time that they show twice in autumn, the first is meant. A meeting that would then end before it starts keeps its length.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from chalicelib.rules import times
from chalicelib.rules.refusals import Invalid
from chalicelib.rules.translation import N_

MOST_DATES = 200
"""The most dates of a course, and the most sessions of a series."""
LAST_YEAR = 9998
WEEK = timedelta(weeks=1)


class NoDates(Invalid):
    code = "no_dates"
    sentence = N_("No date is left. Choose a later last day, or leave out fewer dates.")


class TooManyDates(Invalid):
    code = "too_many_dates"
    sentence = N_("This makes more than %(most)d dates. Choose an earlier last day or fewer dates.")

    def __init__(self, most: int = MOST_DATES) -> None:
        self.most = most


class DateTooLate(Invalid):
    code = "impossible_date"
    sentence = N_("Some dates would be after the year 9998. Choose earlier ones.")


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Every few weeks on some weekdays (0 is Monday; none: that of the first day), until a last day or for a number of days."""

    every: int = 1
    weekdays: tuple[int, ...] = ()
    until: date | None = None
    times: int | None = None
    """How many days there are in the end. Those left out do not count."""
    left_out: frozenset[date] = frozenset()


class Span(NamedTuple):
    """The start and the end of a meeting."""

    starts_at: datetime
    ends_at: datetime


def days(first: date, recurrence: Recurrence) -> list[date]:
    """Return the days of a recurrence in order, from the first one on. Raises NoDates, TooManyDates."""
    most = recurrence.times or MOST_DATES + 1
    made: list[date] = []
    for day in _candidates(first, recurrence):
        if len(made) == most or (recurrence.until and day > recurrence.until):
            break
        if day not in recurrence.left_out:
            made.append(day)
    if not made:
        raise NoDates
    if len(made) > MOST_DATES:
        raise TooManyDates
    return made


def repeated(meetings: Sequence[Span], recurrence: Recurrence, zone: str) -> list[list[Span]]:
    """Return the meetings of every day of a recurrence, at the same hours by the clock. The given ones are those of the first day.

    Raises NoDates, TooManyDates, DateTooLate.
    """
    first = times.local(min(meetings).starts_at, zone).date()
    return [[moved(meeting, day - first, zone) for meeting in sorted(meetings)] for day in days(first, recurrence)]


def moved(meeting: Span, by: timedelta, zone: str, *, end_by: timedelta | None = None, new_zone: str = "") -> Span:
    """Return a meeting moved by a distance on the clock, its end by the same unless said otherwise. Raises DateTooLate."""
    starts = by_clock(meeting.starts_at, by, zone, new_zone)
    ends = by_clock(meeting.ends_at, by if end_by is None else end_by, zone, new_zone)
    return Span(starts, ends if ends > starts else starts + (meeting.ends_at - meeting.starts_at))


def by_clock(moment: datetime, by: timedelta, zone: str, new_zone: str = "") -> datetime:
    """Return the moment when clocks show a time later by `by`; in `new_zone`, what clocks of `zone` show then. Raises DateTooLate."""
    if not by and new_zone in ("", zone):
        return moment
    try:
        shown = _shown(moment, zone) + by
    except OverflowError:
        raise DateTooLate from None
    if not 1971 <= shown.year < LAST_YEAR:
        raise DateTooLate
    return shown.replace(tzinfo=ZoneInfo(new_zone or zone)).astimezone(UTC)


def distance(start: datetime, end: datetime, zone: str, new_zone: str = "") -> timedelta:
    """Return how much later clocks show at `end`, in `new_zone` if given, than at `start`."""
    return _shown(end, new_zone or zone) - _shown(start, zone)


def _shown(moment: datetime, zone: str) -> datetime:
    """Return what clocks show, as a time without a zone."""
    return times.local(moment, zone).replace(tzinfo=None, fold=0)


def _candidates(first: date, recurrence: Recurrence) -> Iterator[date]:
    """Yield the first day, and all later ones on the weekdays of each week that counts. A week begins on Monday."""
    yield first
    weekdays = sorted(set(recurrence.weekdays) or {first.weekday()})
    monday = first - timedelta(days=first.weekday())
    while monday.year < LAST_YEAR:
        yield from (day for weekday in weekdays if (day := monday + timedelta(days=weekday)) > first)
        monday += recurrence.every * WEEK
