"""The audit log, for owners."""

from chalicelib.operations import audit
from chalicelib.pages import downloads
from chalicelib.pages.audit_labels import action_label, field_label
from chalicelib.pages.pager import ListPage, PageLinks
from chalicelib.pages.responses import Html, PageResponse
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.refusals import ValidationFailed
from chalicelib.tables.audit import Filters
from chalicelib.web.audience import Staff
from chalicelib.web.period import period

AUDIT = "/o/{org}/audit"
SHOWN = 50
FILTERS = ("actor", "thing", "from", "to")


@page("GET", AUDIT, who=Staff("read_audit"))
def list_audit_entries(visit: Visit) -> PageResponse:
    list_page = ListPage.of(visit, *FILTERS)
    given = list_page.filter
    words = {"most": audit.MOST_EXPORTED, "text": audit.value_text, "action_label": action_label, "field_label": field_label}
    try:
        filters = _filters(visit)
    except ValidationFailed as refusal:
        return Html("audit.html", {"entries": [], "filters": given, "refusal": refusal, "pager": PageLinks("", "")}, status=422)
    found = audit.list_entries(visit.org, filters, limit=SHOWN, start=list_page.start)
    return Html("audit.html", {"entries": found.items, "filters": given, "refusal": None, "pager": list_page.links(found.next), **words})


@page("GET", AUDIT + ".csv", who=Staff("read_audit"))
def export_audit_entries(visit: Visit) -> PageResponse:
    return downloads.csv_download(
        visit.org, audit.export_entries(visit.org, _filters(visit), locale=visit.language, now=visit.call.now), "audit.csv"
    )


def _filters(visit: Visit) -> Filters:
    since, until = period(visit.call.query, visit.home.time_zone)
    return Filters(visit.call.query.get("actor", "").strip(), visit.call.query.get("thing", "").strip(), since, until)
