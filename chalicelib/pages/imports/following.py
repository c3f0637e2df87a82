"""An import: every issue of its file, or what it would change; its progress; and what came of it."""

from typing import Any

from chalicelib.operations import contracts, imports, jobs
from chalicelib.pages import forms
from chalicelib.pages.answers import Answer, File, Html, Redirect
from chalicelib.pages.declaring import Staff, Visit, page
from chalicelib.rules.codes import grouped
from chalicelib.rules.csv_cells import written
from chalicelib.rules.drafts.imports import USUAL_WIDTH
from chalicelib.rules.imports.imports import Change
from chalicelib.rules.refusals import NotFound, Refusal
from chalicelib.web.refusals import status_of

IMPORT = "/o/{org}/imports/{import}"
SHOWN_ISSUES, SHOWN_ROWS = 1_000, 50
WORDS = {"client_id": "client id", "price_code": "a code at"}
UNSAID = {"price", "price_version"}


@page("GET", IMPORT, who=Staff("viewer"))
def show_import(visit: Visit) -> Answer:
    return _shown(visit)


@page("POST", IMPORT + "/complete", who=Staff("manager"))
def complete_import(visit: Visit) -> Answer:
    try:
        imports.complete(visit.org, visit["import"], by=visit.by, now=visit.call.now)
    except NotFound:
        raise
    except Refusal as refusal:
        return _shown(visit, refusal)
    return Redirect(f"/o/{visit.org}/imports/{visit['import']}")


@page("GET", IMPORT + "/issues.csv", who=Staff("viewer"))
def issues_csv(visit: Visit) -> Answer:
    view = imports.read_import(visit.org, visit["import"])
    text = written(("Row", "Column", "Value", "What is wrong"), [(one.row, one.column, one.value, one.detail) for one in view.issues])
    return File(text, "text/csv; charset=utf-8", forever=False, name="issues.csv")


def _shown(visit: Visit, refusal: Refusal | None = None) -> Answer:
    view = imports.read_import(visit.org, visit["import"])
    made, rows = view.made, view.todo[:SHOWN_ROWS]
    form = forms.refused(visit.typed, refusal) if refusal else forms.blank({"width": str(made.width or USUAL_WIDTH)})
    data: dict[str, Any] = {
        "made": made,
        "contract": contracts.read_contract(visit.org, made.contract) if made.contract else None,
        "issues": view.issues[:SHOWN_ISSUES],
        "rows": [(change, _said(change)) for change in rows],
        "codes": sum("price" in change.values for change in view.todo),
        "job": jobs.read_job(visit.org, made.job) if made.job else None,
        "people": imports.with_codes(made, rows) if made.status == "done" and made.contract else [],
        "grouped": grouped,
        "form": form,
        "root": f"/o/{visit.org}/contracts/{made.contract}/imports" if made.contract else f"/o/{visit.org}/customers/import",
        "uploaded": "",
    }
    return Html("imports/import.html", data, status_of(refusal) if refusal else 200)


def _said(change: Change) -> list[tuple[str, str]]:
    """Return what a row writes, as (what, value)."""
    said = []
    for name, value in change.values.items():
        if name == "details":
            said += [(detail, text) for detail, text in value]
        elif name not in UNSAID and value:
            said.append((WORDS.get(name, name), ", ".join(value) if isinstance(value, list) else value))
    return said
