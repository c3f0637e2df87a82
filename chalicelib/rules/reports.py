"""Reports: figures added up by month, session, tag or contract, for a period."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import dropwhile, groupby
from typing import NamedTuple, get_args

from chalicelib.rules.figures import VALUES, FactKind
from chalicelib.rules.refusals import ValidationFailed
from chalicelib.rules.report_kinds import REPORTS, Number, ReportGrouping, ReportKind, ReportName, Sums
from chalicelib.rules.translation import N_

LONGEST_PERIOD = timedelta(days=1830)
MONTHS_SHOWN = 12

WRONG_BY = N_("Choose one of the values offered.")
WRONG_ORDER = N_("The period ends before it begins.")
TOO_LONG = N_("Choose a period of at most five years.")


DIVISIONS: Mapping[ReportGrouping, str] = {"month": N_("Month"), "session": N_("Session"), "tag": N_("Tag"), "contract": N_("Contract")}
"""The heading of the first column."""
NOTHING: Mapping[ReportGrouping, str] = {"month": "", "session": N_("Untitled"), "tag": N_("No tag"), "contract": N_("No contract")}
"""What a bucket without a label is called."""
NAMES: tuple[ReportName, ...] = get_args(ReportName)


class Period(NamedTuple):
    """Days of the organisation's calendar, the last one included."""

    first: date
    last: date

    @property
    def months(self) -> list[str]:
        """The months of the period, such as `2026-11`."""
        found, month = [], self.first.replace(day=1)
        while month <= self.last:
            found.append(f"{month:%Y-%m}")
            month = _next_month(month)
        return found

    def days_in(self, month: str) -> tuple[int, int]:
        """Return the first and the last day of a month of the period that belong to it."""
        first = self.first.day if f"{self.first:%Y-%m}" == month else 1
        return first, self.last.day if f"{self.last:%Y-%m}" == month else 31


class ReportRow(NamedTuple):
    """A row of a report: its bucket, what people call it, its currency if it has amounts, and a value for each column."""

    key: str
    label: str
    currency: str
    values: tuple[Number, ...]


@dataclass(frozen=True)
class Report:
    name: ReportName
    by: ReportGrouping
    period: Period
    rows: Sequence[ReportRow]
    totals: Sequence[ReportRow]
    """One for each currency."""
    is_current: bool = True
    """Whether everything that has changed is counted."""

    @property
    def kind(self) -> ReportKind:
        return REPORTS[self.name]

    @property
    def shown(self) -> Sequence[ReportRow]:
        """The rows that people read: without the empty months before the first and after the last one with a value, of each currency."""
        if self.by != "month":
            return self.rows
        return [row for _, found in groupby(self.rows, key=lambda row: row.currency) for row in _without_empty_ends(found)]


class CountedFacts(NamedTuple):
    """Facts of one kind, added up, with the buckets in which they count: each with what people call it."""

    kind: FactKind
    currency: str
    values: Sequence[int]
    buckets: tuple[tuple[str, str], ...]


def usual_period(today: date, ahead: int = 0) -> Period:
    """Return the twelve months that end with the current one, or so many months after it."""
    first = today.replace(day=1)
    for _ in range(ahead):
        first = _next_month(first)
    last = _next_month(first) - timedelta(days=1)
    for _ in range(MONTHS_SHOWN - 1):
        first = (first - timedelta(days=1)).replace(day=1)
    return Period(first, last)


def chosen_period(first: date | None, last: date | None, usual: Period) -> Period:
    """Return the period of these days; a day that is left out follows from the usual one. Raises ValidationFailed."""
    period = Period(first or (min(usual.first, last) if last else usual.first), last or (max(usual.last, first) if first else usual.last))
    if period.last < period.first:
        raise ValidationFailed([("/to", "ends_before_it_starts", WRONG_ORDER)])
    if period.last - period.first > LONGEST_PERIOD:
        raise ValidationFailed([("/from", "period_too_long", TOO_LONG)])
    return period


def chosen_by(name: ReportName, wanted: str) -> ReportGrouping:
    """Return how a report is divided; by default the first way that it knows. Raises ValidationFailed."""
    ways = REPORTS[name].by
    found = next((way for way in ways if way == (wanted or ways[0])), None)
    if found is None:
        raise ValidationFailed([("/by", "not_one_of", WRONG_BY)])
    return found


def build(name: ReportName, by: ReportGrouping, period: Period, facts: Iterable[CountedFacts], *, is_current: bool = True) -> Report:
    """Return a report of these facts. By month, months without any are rows too; otherwise the largest come first."""
    kind = REPORTS[name]
    sums: dict[tuple[str, str], Sums] = {}
    whole: dict[str, Sums] = {}
    labels: dict[str, str] = {}
    for fact, currency, values, buckets in facts:
        _add(whole.setdefault(currency, {}), fact, values)
        for bucket, label in buckets:
            labels[bucket] = label
            _add(sums.setdefault((bucket, currency), {}), fact, values)
    rows = _by_month(kind, period, sums, sorted(whole) or [""]) if by == "month" else _by_size(kind, sums, labels)
    totals = [_row(kind, "", "", currency, of) for currency, of in sorted(whole.items())]
    return Report(name, by, period, rows, totals or [_row(kind, "", "", "", {})], is_current)


def _by_month(kind: ReportKind, period: Period, sums: Mapping[tuple[str, str], Sums], currencies: Sequence[str]) -> list[ReportRow]:
    return [_row(kind, month, month, currency, sums.get((month, currency), {})) for currency in currencies for month in period.months]


def _by_size(kind: ReportKind, sums: Mapping[tuple[str, str], Sums], labels: Mapping[str, str]) -> list[ReportRow]:
    def size(found: ReportRow) -> tuple[str, float, str, str]:
        index = next(index for index, column in enumerate(kind.columns) if column.name == (kind.share or kind.series)[0])
        return found.currency, -(found.values[index] or 0), found.label, found.key

    rows = [_row(kind, bucket, labels[bucket], currency, of) for (bucket, currency), of in sums.items()]
    return sorted(rows, key=size)


def _without_empty_ends(rows: Iterable[ReportRow]) -> list[ReportRow]:
    begun = list(dropwhile(_is_empty, rows))
    return list(dropwhile(_is_empty, reversed(begun)))[::-1]


def _is_empty(row: ReportRow) -> bool:
    return not any(row.values)


def _row(kind: ReportKind, key: str, label: str, currency: str, sums: Sums) -> ReportRow:
    return ReportRow(key, label, currency, tuple(column.value(sums) for column in kind.columns))


def _add(sums: Sums, kind: FactKind, values: Sequence[int]) -> None:
    for name, value in zip(VALUES[kind], values, strict=False):
        sums[name] = sums.get(name, 0) + value


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
