"""Reads a report: the figures of the months of its period, never the things themselves."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from operator import add
from typing import Any

from chalicelib.i18n import translation
from chalicelib.operations import figures as counts
from chalicelib.rules import csv_export, times
from chalicelib.rules.money import Money, decimal
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.report_kinds import REPORTS, ReportGrouping, ReportKind
from chalicelib.rules.reports import (
    DIVISIONS,
    NAMES,
    NOTHING,
    CountedFacts,
    Period,
    Report,
    ReportRow,
    build,
    chosen_by,
    chosen_period,
    usual_period,
)
from chalicelib.rules.translation import N_
from chalicelib.tables import contracts, figures, organisations

CURRENCY = N_("Currency")


def read_report(org: str, name: str, *, first: date | None, last: date | None, by: str, now: datetime) -> Report:
    """Return a report. Days that are left out follow from the usual period; an empty `by` is the usual division.

    Raises NotFound for an unknown report, ValidationFailed.
    """
    known = next((one for one in NAMES if one == name), None)
    if known is None:
        raise NotFound
    division, zone = chosen_by(known, by), organisations.get(org).time_zone
    period = chosen_period(first, last, usual_period(times.local(now, zone).date(), REPORTS[known].months_ahead))
    is_current = counts.refresh(org, zone, now=now) and figures.is_complete(org)
    named = {contract.id: contract.name for contract in contracts.every(org)} if division == "contract" else {}
    facts = [
        *_of_sessions(org, REPORTS[known], division, period, named),
        *(_of_codes(org, division, period, named) if known == "codes" else ()),
    ]
    return build(known, division, period, facts, is_current=is_current)


def export_report(report: Report, *, locale: str) -> str:
    """Return a report as CSV with its headings in this language."""
    texts, kind = translation(locale), report.kind
    header = [texts.gettext(DIVISIONS[report.by]), *([texts.gettext(CURRENCY)] if kind.by_currency else [])]
    header += [texts.gettext(column.label) for column in kind.columns]
    return csv_export.csv_text(header, (_cells(report, row, texts.gettext(NOTHING[report.by])) for row in report.rows))


def _cells(report: Report, row: ReportRow, nothing: str) -> list[object]:
    cells = [
        decimal(Money(int(value), row.currency)) if column.unit == "amount" and value is not None else value
        for column, value in zip(report.kind.columns, row.values, strict=True)
    ]
    return [row.label or nothing, *([row.currency] if report.kind.by_currency else []), *cells]


def _of_sessions(org: str, kind: ReportKind, by: ReportGrouping, period: Period, contracts: Mapping[str, str]) -> Iterator[CountedFacts]:
    for of_month in figures.of_months(org, *period, kind.facts):
        days = period.days_in(of_month.month)
        for fact, found in of_month.facts.items():
            for (currency, contract), values in _summed(found, *days).items():
                yield CountedFacts(fact, currency, values, _buckets(by, of_month, contract, contracts))


def _summed(facts: list[list[Any]], first: int, last: int) -> dict[tuple[str, str], list[int]]:
    """Return the sums of the facts of these days, by currency and contract."""
    found: dict[tuple[str, str], list[int]] = {}
    for day, currency, contract, *values in facts:
        if first <= day <= last:
            so_far = found.get((currency, contract))
            found[currency, contract] = [*map(add, so_far, values)] if so_far else values
    return found


def _buckets(
    by: ReportGrouping, of_month: figures.MonthFigures, contract: str, contracts: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    match by:
        case "month":
            return ((of_month.month, of_month.month),)
        case "session":
            return ((of_month.session, of_month.title),)
        case "tag":
            return tuple((tag, tag) for tag in of_month.tags or ("",))
        case "contract":
            return ((contract, contracts.get(contract, contract)),)


def _of_codes(org: str, by: ReportGrouping, period: Period, contracts: Mapping[str, str]) -> Iterator[CountedFacts]:
    for contract, (what, day, currency), count in figures.codes_of_months(org, *period):
        if period.first <= day <= period.last:
            month = f"{day:%Y-%m}"
            bucket = (month, month) if by == "month" else (contract, contracts.get(contract, contract))
            yield CountedFacts("issued", currency, (count, 0) if what == "made" else (0, count), (bucket,))
