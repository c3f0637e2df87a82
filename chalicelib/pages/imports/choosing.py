"""Choosing a file: the last tab of a contract, and a page of the customers. A large file goes into the bucket by a form of its own."""

from typing import Any
from urllib.parse import urlsplit

from chalicelib.operations import imports
from chalicelib.pages import downloads, forms
from chalicelib.pages.answers import Answer, Html, Redirect
from chalicelib.pages.contracts import frame
from chalicelib.pages.declaring import Staff, Visit, page
from chalicelib.rules.drafts.imports import USUAL_WIDTH, CodesWanted
from chalicelib.rules.imports.imports import Import
from chalicelib.rules.refusals import NotFound, Refusal
from chalicelib.settings import settings
from chalicelib.tables.requests import own_patience
from chalicelib.web.refusals import NoFile, status_of

PARTICIPANTS = frame.CONTRACT + "/imports"
CUSTOMERS = "/o/{org}/customers/import"
LATEST = 10


@page("GET", PARTICIPANTS, who=Staff("viewer"))
def choose_participants(visit: Visit) -> Answer:
    return _choose(visit, _blank())


@page("POST", PARTICIPANTS, who=Staff("manager"), files=True)
def import_participants(visit: Visit) -> Answer:
    return _checked(visit)


@page("GET", PARTICIPANTS + "/large", who=Staff("manager"))
def choose_large_participants(visit: Visit) -> Answer:
    return _large(visit)


@page("GET", PARTICIPANTS + "/uploaded/{upload}", who=Staff("manager"))
def uploaded_participants(visit: Visit) -> Answer:
    return _choose(visit, _blank(), uploaded=visit["upload"])


@page("GET", frame.CONTRACT + "/participants.csv", who=Staff("viewer"))
def participants_csv(visit: Visit) -> Answer:
    table = imports.export_participants(visit.org, visit["contract"])
    return downloads.table(visit.org, table, imports.PARTICIPANTS_CSV)


@page("GET", CUSTOMERS, who=Staff("manager"))
def choose_customers(visit: Visit) -> Answer:
    return _choose(visit, _blank())


@page("POST", CUSTOMERS, who=Staff("manager"), files=True)
def import_customers(visit: Visit) -> Answer:
    return _checked(visit)


@page("GET", CUSTOMERS + "/large", who=Staff("manager"))
def choose_large_customers(visit: Visit) -> Answer:
    return _large(visit)


@page("GET", CUSTOMERS + "/uploaded/{upload}", who=Staff("manager"))
def uploaded_customers(visit: Visit) -> Answer:
    return _choose(visit, _blank(), uploaded=visit["upload"])


def _blank() -> forms.Form:
    return forms.blank({"width": str(USUAL_WIDTH)})


def _checked(visit: Visit) -> Answer:
    """Check the file and go on to what was found, or say why it cannot be read."""
    try:
        made = _check(visit)
    except NotFound:
        raise
    except Refusal as refusal:
        with own_patience():
            return _choose(visit, forms.refused(visit.typed, refusal), uploaded=visit.typed.get("upload", ""))
    return Redirect(f"/o/{visit.org}/imports/{made.id}")


def _check(visit: Visit) -> Import:
    contract = visit.call.params.get("contract", "")
    width = forms.read(CodesWanted, {"width": visit.typed.get("width", "").strip()}).width if contract else 0
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


def _large(visit: Visit) -> Answer:
    """Show a form that posts into the bucket, which sends the browser back."""
    here = f"{settings().public_url}{_root(visit)}/uploaded/"
    form = forms.blank()
    offer = imports.offer_upload(visit.org, contract=visit.call.params.get("contract", ""), key=form.key, back=here)
    site = urlsplit(offer.url)
    return Html("imports/large.html", {"offer": offer, "back": _root(visit)}, leads_to=f"{site.scheme}://{site.netloc}")


def _choose(visit: Visit, form: forms.Form, *, uploaded: str = "") -> Answer:
    contract = visit.call.params.get("contract", "")
    data: dict[str, Any] = {
        "form": form,
        "uploaded": uploaded,
        "root": _root(visit),
        "imports": imports.latest_imports(visit.org, contract=contract, limit=LATEST),
    }
    status = status_of(form.refusal) if form.refusal else 200
    if contract:
        return Html("contracts/imports.html", frame.about(visit, **data), status)
    return Html("customers/import.html", data, status)


def _root(visit: Visit) -> str:
    """Return the address of the page where the file is chosen."""
    return f"{frame.root(visit)}/imports" if "contract" in visit.call.params else f"/o/{visit.org}/customers/import"
