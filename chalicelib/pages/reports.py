"""Reports: a picture with its table for a period, and both as files."""

from markupsafe import Markup

from chalicelib.operations import reports
from chalicelib.operations.reports.picture import label_text, value_text
from chalicelib.pages import downloads
from chalicelib.pages.responses import File, Html, PageResponse
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.refusals import NotFound, ValidationFailed
from chalicelib.rules.report_kinds import REPORTS
from chalicelib.rules.reports import DIVISIONS, NAMES, Report, usual_period
from chalicelib.rules.times import local
from chalicelib.web.audience import Staff
from chalicelib.web.period import days

REPORTS_PAGE = "/o/{org}/reports"
CSV, SVG = ".csv", ".svg"
FILTERS = ("from", "to", "by")


@page("GET", REPORTS_PAGE, who=Staff("read"))
def first_report(visit: Visit) -> PageResponse:
    return _shown(visit, NAMES[0])


@page("GET", REPORTS_PAGE + "/{name}", who=Staff("read"))
def read_report(visit: Visit) -> PageResponse:
    name = visit["name"]
    if name.endswith(CSV):
        report = _read(visit, name.removesuffix(CSV))
        return downloads.csv_download(visit.org, reports.export_report(report, locale=visit.language), name)
    if name.endswith(SVG):
        report = _read(visit, name.removesuffix(SVG))
        return File(reports.draw(report, locale=visit.language), "image/svg+xml", forever=False, name=name)
    return _shown(visit, name)


def _read(visit: Visit, name: str) -> Report:
    first, last = days(visit.call.query)
    return reports.read_report(visit.org, name, first=first, last=last, by=visit.call.query.get("by", "").strip(), now=visit.call.now)


def _shown(visit: Visit, name: str) -> PageResponse:
    if name not in REPORTS:
        raise NotFound
    filters = {one: visit.call.query.get(one, "").strip() for one in FILTERS}
    around = {"name": name, "kinds": REPORTS, "divisions": DIVISIONS, "filters": filters, "report": None, "refusal": None}
    try:
        report = _read(visit, name)
    except ValidationFailed as refusal:
        usual = usual_period(local(visit.call.now, visit.home.time_zone).date(), REPORTS[name].months_ahead)  # type: ignore[index]
        return Html("reports/report.html", {**around, "period": usual, "refusal": refusal}, status=422)
    locale = visit.locale(visit.home)
    drawn = Markup(reports.draw(report, locale=locale, standalone=False))  # noqa: S704 - every text in it is escaped
    words = {"label_text": label_text, "value_text": value_text}
    return Html("reports/report.html", {**around, "period": report.period, "report": report, "picture": drawn, **words})
