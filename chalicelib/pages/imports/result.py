"""An import: its issues or the preview of its changes, its progress, and its result."""

from typing import Any

from chalicelib.operations import contracts, imports, jobs
from chalicelib.operations.imports import ImportView
from chalicelib.pages import downloads, forms
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.codes import grouped
from chalicelib.rules.csv_export import csv_text
from chalicelib.rules.imports.imports import RowChange
from chalicelib.rules.inputs.imports import USUAL_WIDTH
from chalicelib.rules.jobs import Job
from chalicelib.rules.refusals import Refusal
from chalicelib.rules.translation import N_, translated
from chalicelib.web.audience import Staff
from chalicelib.web.refusals import status_of

IMPORT = "/o/{org}/imports/{import}"
SHOWN_ISSUES, SHOWN_ROWS = 1_000, 50
WORDS = {
    "client_id": N_("client id"),
    "price_code": N_("a code at"),
    "name": N_("name"),
    "email": N_("e-mail"),
    "phone": N_("phone"),
    "participants": N_("participants"),
    "groups": N_("groups"),
    "notes": N_("notes"),
}
ISSUE_COLUMNS = (N_("Row"), N_("Column"), N_("Value"), N_("What is wrong"))
UNSAID = {"price", "price_version"}
NAMED_VALUES = {"details", "fields"}
"""The attributes that are lists of (name, value); other lists contain names only."""


@page("GET", IMPORT, who=Staff("read"))
def show_import(visit: Visit) -> PageResponse:
    return _shown(visit)


@page("POST", IMPORT + "/complete", who=Staff("import_files"))
def complete_import(visit: Visit) -> PageResponse:
    try:
        imports.complete(visit.org, visit["import"], by=visit.by, now=visit.call.now)
    except forms.REFUSED as refusal:
        return _shown(visit, refusal)
    return Redirect(f"/o/{visit.org}/imports/{visit['import']}")


@page("GET", IMPORT + "/issues.csv", who=Staff("read"))
def issues_csv(visit: Visit) -> PageResponse:
    view = imports.read_import(visit.org, visit["import"])
    text = csv_text(
        [visit.gettext(name) for name in ISSUE_COLUMNS],
        [(one.row, one.column, one.value, translated(one.detail, visit.gettext)) for one in view.issues],
    )
    return downloads.csv_download(visit.org, text, "issues.csv")


def _shown(visit: Visit, refusal: Refusal | None = None) -> PageResponse:
    view, job = _with_its_job(visit)
    made, rows = view.made, view.todo[:SHOWN_ROWS]
    form = forms.refused(visit.typed, refusal) if refusal else forms.blank({"width": str(made.width or USUAL_WIDTH)})
    data: dict[str, Any] = {
        "made": made,
        "contract": contracts.read_contract(visit.org, made.contract) if made.contract else None,
        "issues": view.issues[:SHOWN_ISSUES],
        "rows": [(change, _shown_values(change)) for change in rows],
        "codes": sum("price" in change.values for change in view.todo),
        "job": job,
        "people": imports.with_codes(made, rows) if made.status == "done" and made.contract else [],
        "grouped": grouped,
        "form": form,
        "root": f"/o/{visit.org}/contracts/{made.contract}/imports" if made.contract else f"/o/{visit.org}/customers/import",
        "uploaded": "",
    }
    return Html("imports/import.html", data, status_of(refusal) if refusal else 200)


def _with_its_job(visit: Visit) -> tuple[ImportView, Job | None]:
    """Return the import and its job. One that the job's last step has closed meanwhile is read again: it has not stopped."""
    view = imports.read_import(visit.org, visit["import"])
    job = jobs.read_job(visit.org, view.made.job) if view.made.job else None
    if job and job.status == "done" and view.made.status == "completing":
        view = imports.read_import(visit.org, visit["import"])
    return view, job


def _shown_values(change: RowChange) -> list[tuple[str, str]]:
    """Return the values that a row writes, as (label, value)."""
    said = []
    for name, value in change.values.items():
        if name in NAMED_VALUES:
            said += [(id, text) for id, text in value]
        elif name not in UNSAID and value:
            said.append((WORDS.get(name, name), ", ".join(value) if isinstance(value, list) else value))
    return said
