"""The upload of an import, for a contract or for customers. A large file is posted directly to the bucket."""

from typing import Any
from urllib.parse import urlsplit

from chalicelib.config import config
from chalicelib.operations import imports
from chalicelib.pages import downloads, forms
from chalicelib.pages.contracts import layout
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.imports.imports import Import
from chalicelib.rules.inputs.imports import USUAL_WIDTH, ImportCodesInput
from chalicelib.tables.retries import own_deadline
from chalicelib.web.audience import Staff
from chalicelib.web.refusals import NoFile, status_of

PARTICIPANTS = layout.CONTRACT + "/imports"
CUSTOMERS = "/o/{org}/customers/import"
LATEST = 10


@page("GET", PARTICIPANTS, who=Staff("read"))
def choose_participants(visit: Visit) -> PageResponse:
    return _choose(visit, _blank())


@page("POST", PARTICIPANTS, who=Staff("import_files"), files=True)
def import_participants(visit: Visit) -> PageResponse:
    return _checked(visit)


@page("GET", PARTICIPANTS + "/large", who=Staff("import_files"))
def choose_large_participants(visit: Visit) -> PageResponse:
    return _large(visit)


@page("GET", PARTICIPANTS + "/uploaded/{upload}", who=Staff("import_files"))
def uploaded_participants(visit: Visit) -> PageResponse:
    return _choose(visit, _blank(), uploaded=visit["upload"])


@page("GET", layout.CONTRACT + "/participants.csv", who=Staff("read"))
def participants_csv(visit: Visit) -> PageResponse:
    table = imports.export_participants(visit.org, visit["contract"], locale=visit.language, now=visit.call.now)
    return downloads.csv_download(visit.org, table, imports.PARTICIPANTS_CSV)


@page("GET", CUSTOMERS, who=Staff("import_files"))
def choose_customers(visit: Visit) -> PageResponse:
    return _choose(visit, _blank())


@page("POST", CUSTOMERS, who=Staff("import_files"), files=True)
def import_customers(visit: Visit) -> PageResponse:
    return _checked(visit)


@page("GET", CUSTOMERS + "/large", who=Staff("import_files"))
def choose_large_customers(visit: Visit) -> PageResponse:
    return _large(visit)


@page("GET", CUSTOMERS + "/uploaded/{upload}", who=Staff("import_files"))
def uploaded_customers(visit: Visit) -> PageResponse:
    return _choose(visit, _blank(), uploaded=visit["upload"])


def _blank() -> forms.Form:
    return forms.blank({"width": str(USUAL_WIDTH)})


def _checked(visit: Visit) -> PageResponse:
    """Check the file and redirect to the result, or show the form with the reason why the file cannot be read."""
    try:
        made = _check(visit)
    except forms.REFUSED as refusal:
        with own_deadline():
            return _choose(visit, forms.refused(visit.typed, refusal), uploaded=visit.typed.get("upload", ""))
    return Redirect(f"/o/{visit.org}/imports/{made.id}")


def _check(visit: Visit) -> Import:
    contract = visit.call.params.get("contract", "")
    width = forms.read(ImportCodesInput, {"width": visit.typed.get("width", "").strip()}).width if contract else 0
    content = imports.uploaded_file(visit.org, visit.typed["upload"]) if visit.typed.get("upload") else visit.file
    if not content:
        raise NoFile
    view = imports.check_file(
        visit.org,
        content,
        kind="participants" if contract else "customers",
        contract=contract,
        width=width,
        by=visit.by,
        key=visit.key,
        now=visit.call.now,
    )
    return view.made


def _large(visit: Visit) -> PageResponse:
    """Show a form that posts the file to the bucket, which redirects the browser back to this deployment."""
    here = f"{config().public_url}{_root(visit)}/uploaded/"
    form = forms.blank()
    offer = imports.prepare_upload(visit.org, contract=visit.call.params.get("contract", ""), key=form.key, back=here)
    site = urlsplit(offer.url)
    return Html("imports/large.html", {"offer": offer, "back": _root(visit)}, leads_to=f"{site.scheme}://{site.netloc}")


def _choose(visit: Visit, form: forms.Form, *, uploaded: str = "") -> PageResponse:
    contract = visit.call.params.get("contract", "")
    data: dict[str, Any] = {
        "form": form,
        "uploaded": uploaded,
        "root": _root(visit),
        "imports": imports.latest_imports(visit.org, contract=contract, limit=LATEST),
    }
    status = status_of(form.refusal) if form.refusal else 200
    if contract:
        return Html("contracts/imports.html", layout.contract_data(visit, **data), status)
    return Html("customers/import.html", data, status)


def _root(visit: Visit) -> str:
    """Return the path of the upload page."""
    return f"{layout.root(visit)}/imports" if "contract" in visit.call.params else f"/o/{visit.org}/customers/import"
