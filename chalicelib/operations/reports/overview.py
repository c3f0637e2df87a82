"""The figures of the home: the occupancy of the coming week, the debts, and the requests that wait for an answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import add
from typing import NamedTuple

from chalicelib.operations import figures as counts
from chalicelib.rules import times
from chalicelib.rules.figures import Debt
from chalicelib.tables import figures, invitations, organisations

DAYS = 7
MOST_COUNTED = 4
"""So many changed sessions the home waits for; the schedule counts the others within a minute."""


class DayLoad(NamedTuple):
    """A day's meetings, with the spots of their sessions and how many of them are taken."""

    day: times.Day
    meetings: int
    spots: int
    taken: int

    @property
    def percent(self) -> int:
        return round(100 * self.taken / self.spots) if self.spots else 0


@dataclass(frozen=True, slots=True)
class Overview:
    days: list[DayLoad]
    """Today and the six days after it."""
    owed: Mapping[str, Debt]
    """By currency."""
    waiting: int
    """Invitations and waitlist offers that wait for an answer."""

    @property
    def week(self) -> DayLoad:
        """The sum of the days."""
        meetings, spots, taken = (sum(values) for values in zip(*((one.meetings, one.spots, one.taken) for one in self.days), strict=True))
        return DayLoad(self.days[0].day, meetings, spots, taken)


def read_overview(org: str, *, now: datetime) -> Overview:
    """Return the figures of the home. Reads sums only, however many registrations there are."""
    zone = organisations.get(org).time_zone
    counts.refresh(org, zone, now=now, most=MOST_COUNTED)
    today = times.local(now, zone).date()
    days = [today + timedelta(days=number) for number in range(DAYS)]
    return Overview(_loads(org, days), _owed(org), invitations.count_waiting(org, now=now))


def _loads(org: str, days: list[times.Day]) -> list[DayLoad]:
    sums = {f"{day:%Y-%m}-{day.day}": [0, 0, 0] for day in days}
    for of_month in figures.of_months(org, days[0], days[-1], ("meetings",)):
        for day, _, _, *values in of_month.facts.get("meetings", ()):
            day_key = f"{of_month.month}-{day}"
            if day_key in sums:
                sums[day_key] = [*map(add, sums[day_key], values)]
    return [DayLoad(day, *values) for day, values in zip(days, sums.values(), strict=True)]


def _owed(org: str) -> dict[str, Debt]:
    found: dict[str, Debt] = {}
    for _, debts in figures.debts(org):
        for currency, (amount, registrations) in debts.items():
            was = found.get(currency, Debt(0, 0))
            found[currency] = Debt(was.amount + amount, was.registrations + registrations)
    return dict(sorted(found.items()))
