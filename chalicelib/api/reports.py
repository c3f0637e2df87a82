"""Reports, as JSON, as CSV and as a picture."""

from datetime import date
from typing import Any, Literal

from pydantic import ConfigDict, Field

from chalicelib.api import downloads
from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.query import QueryParameter, one_of
from chalicelib.api.responses import ApiResponse, Out
from chalicelib.operations import reports
from chalicelib.rules.report_kinds import ReportColumn, ReportGrouping, ReportName, Unit
from chalicelib.rules.reports import DIVISIONS, Report, ReportRow
from chalicelib.web.audience import Staff
from chalicelib.web.locale import locale_of
from chalicelib.web.period import days

REPORT = "/v1/orgs/{org}/reports/{name}"
CSV, SVG = ".csv", ".svg"
PICTURE = "image/svg+xml"
QUERY = {
    "from": QueryParameter("The first day, in the organisation's time zone; by default twelve months with the current one."),
    "to": QueryParameter("The last day."),
    "by": one_of("What a row stands for. Which are possible depends on the report.", list(DIVISIONS)),
}


class ReportColumnOut(Out):
    name: str
    label: str
    unit: Unit


class ReportRowOut(Out):
    """A row has a value under the name of each column: a number, an amount of money, or null."""

    model_config = ConfigDict(frozen=True, extra="allow", defer_build=True)

    key: str
    """The month as `2026-11`, the id of the session or contract, or the tag. Empty for no tag, no contract, and in totals."""
    label: str
    currency: str | None


class ReportOut(Out):
    model_config = ConfigDict(serialize_by_alias=True)

    name: ReportName
    by: ReportGrouping
    from_: date = Field(serialization_alias="from")
    to: date
    current: bool
    """False while changes of the last minute are still to be counted."""
    columns: list[ReportColumnOut]
    rows: list[ReportRowOut]
    totals: list[ReportRowOut]
    """One for each currency."""

    @classmethod
    def of(cls, report: Report) -> "ReportOut":
        return cls(
            name=report.name,
            by=report.by,
            from_=report.period.first,
            to=report.period.last,
            current=report.is_current,
            columns=[ReportColumnOut(name=column.name, label=column.label, unit=column.unit) for column in report.kind.columns],
            rows=[_row(report, row) for row in report.rows],
            totals=[_row(report, row) for row in report.totals],
        )


@endpoint(
    "GET",
    REPORT,
    id="reports.read_report",
    who=Staff("read"),
    gives={200: ReportOut, 303: None},
    query=QUERY,
    endings={CSV: "text/csv", SVG: PICTURE},
)
def read_report(request: Request[None]) -> ApiResponse:
    """Read a report; with `.csv` after its name as CSV, with `.svg` as a picture."""
    name, ending = _split(request["name"])
    first, last = days(request.call.query)
    report = reports.read_report(
        request.org, name, first=first, last=last, by=request.call.query.get("by", "").strip(), now=request.call.now
    )
    if ending == CSV:
        return downloads.csv_download(request.org, reports.export_report(report, locale=locale_of(request.call)), f"{name}.csv")
    if ending == SVG:
        return ApiResponse(200, reports.draw(report, locale=locale_of(request.call)), kind=PICTURE)
    return ApiResponse(200, ReportOut.of(report))


def _split(name: str) -> tuple[str, Literal["", ".csv", ".svg"]]:
    for ending in (CSV, SVG):
        if name.endswith(ending):
            return name.removesuffix(ending), ending  # type: ignore[return-value]
    return name, ""


def _row(report: Report, row: ReportRow) -> ReportRowOut:
    values: dict[str, Any] = {column.name: _value(column, row, index) for index, column in enumerate(report.kind.columns)}
    return ReportRowOut(key=row.key, label=row.label, currency=row.currency or None, **values)


def _value(column: ReportColumn, row: ReportRow, index: int) -> Any:
    value = row.values[index]
    if column.unit != "amount" or value is None:
        return value
    return {"amount": value, "currency": row.currency} if row.currency else None
