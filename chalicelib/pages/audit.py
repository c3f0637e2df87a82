"""The audit log, for owners."""

from chalicelib.operations import audit
from chalicelib.pages import downloads
from chalicelib.pages.answers import Answer, Html
from chalicelib.pages.audit_labels import action_label, field_label
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.refusals import ValidationFailed
from chalicelib.tables.audit import Filters
from chalicelib.web import cursors
from chalicelib.web.audience import Staff
from chalicelib.web.period import period

AUDIT = "/o/{org}/audit"
SHOWN = 50
FILTERS = ("actor", "thing", "from", "to")


@page("GET", AUDIT, who=Staff("read_audit"))
def list_audit_entries(visit: Visit) -> Answer:
    asked = {name: visit.call.query.get(name, "").strip() for name in FILTERS}
    words = {"most": audit.MOST_EXPORTED, "text": audit.value_text, "action_label": action_label, "field_label": field_label}
    list_name = "\n".join((visit.path, *asked.values()))
    try:
        filters = _filters(visit)
    except ValidationFailed as refusal:
        return Html("audit.html", {"entries": [], "asked": asked, "refusal": refusal, "older": None}, status=422)
    start = cursors.start_key_of(visit.call.query.get("cursor"), of=list_name)
    found = audit.list_entries(visit.org, filters, limit=SHOWN, start=start)
    older = cursors.cursor_of(found.next, of=list_name)
    return Html("audit.html", {"entries": found.items, "asked": asked, "refusal": None, "older": older, **words})


@page("GET", AUDIT + ".csv", who=Staff("read_audit"))
def export_audit_entries(visit: Visit) -> Answer:
    return downloads.csv_download(
        visit.org, audit.export_entries(visit.org, _filters(visit), locale=visit.language, now=visit.call.now), "audit.csv"
    )


def _filters(visit: Visit) -> Filters:
    since, until = period(visit.call.query, visit.home.time_zone)
    return Filters(visit.call.query.get("actor", "").strip(), visit.call.query.get("thing", "").strip(), since, until)
