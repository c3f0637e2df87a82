"""Code generation, in a batch or for one participant, and the page of a batch."""

from typing import Any

from chalicelib.operations import codes, contracts, links
from chalicelib.pages import downloads, forms
from chalicelib.pages.codes import expiry
from chalicelib.pages.contracts import layout
from chalicelib.pages.contracts.participants import PARTICIPANT
from chalicelib.pages.paths import written
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.code_generation import TooManyForWidth
from chalicelib.rules.codes import MOST_AT_ONCE, SAFE_WIDTH, grouped
from chalicelib.rules.inputs.codes import BatchInput, ParticipantCodeInput
from chalicelib.rules.refusals import Refusal
from chalicelib.web.audience import Staff

GENERATE = layout.CONTRACT + "/batches/new"
BATCH = layout.CONTRACT + "/batches/{batch}"
FOR_ONE = PARTICIPANT + "/code"
TYPED = ("quantity", "width", "price", "note", "max_redemptions")
TYPED_FOR_ONE = ("width", "price", "note")
USUAL = {"quantity": "50", "width": str(SAFE_WIDTH), "max_redemptions": "1"}


@page("GET", GENERATE, who=Staff("manage_codes"))
def generate_form(visit: Visit) -> PageResponse:
    return _form(visit, "codes/generate.html", forms.blank(USUAL))


@page("POST", GENERATE, who=Staff("manage_codes"))
def generate_codes(visit: Visit) -> PageResponse:
    try:
        draft = forms.read(BatchInput, *_values(visit, TYPED))
        batch = codes.generate_codes(visit.org, visit["contract"], draft, by=visit.by, key=visit.key, now=visit.call.now).batch
    except forms.REFUSED as refusal:
        return _form(visit, "codes/generate.html", _refused(visit, refusal))
    if batch.job:
        return Redirect(f"/o/{visit.org}/jobs/{batch.job}")
    return Redirect(written(BATCH, org=visit.org, contract=batch.contract, batch=batch.id), {"done": "codes-made"})


@page("GET", BATCH, who=Staff("read"))
def batch(visit: Visit) -> PageResponse:
    """Show a batch. A small one lists its codes, to be copied."""
    view = codes.read_batch(visit.org, visit["contract"], visit["batch"])
    found, small = [], view.batch.quantity <= MOST_AT_ONCE
    if small:
        found = codes.list_codes(visit.org, visit["contract"], batch=view.batch.id, now=visit.call.now, limit=MOST_AT_ONCE).items
    listed = [grouped(code.code, view.batch.prefix) for code in reversed(found)]
    data = {"view": view, "batch": view.batch, "small": small, "listed": listed, "short": view.batch.width < SAFE_WIDTH}
    data["page"] = links.portal_page(visit.org, "code")
    return Html("codes/batch.html", layout.contract_data(visit, **data))


@page("GET", BATCH + "/codes.csv", who=Staff("read"))
def batch_csv(visit: Visit) -> PageResponse:
    found = codes.export_codes(visit.org, visit["contract"], batch=visit["batch"], locale=visit.language, by=visit.by, now=visit.call.now)
    return downloads.exported(visit.org, found, "codes.csv")


@page("GET", FOR_ONE, who=Staff("manage_codes"))
def issue_form(visit: Visit) -> PageResponse:
    return _form_for_one(visit, forms.blank({"width": USUAL["width"]}))


@page("POST", FOR_ONE, who=Staff("manage_codes"))
def issue_code(visit: Visit) -> PageResponse:
    """Issue a code for the participant and redirect to its page."""
    try:
        draft = forms.read(ParticipantCodeInput, *_values(visit, TYPED_FOR_ONE))
        _, code = codes.issue_code(visit.org, visit["contract"], visit["participant"], draft, key=visit.key, now=visit.call.now)
    except forms.REFUSED as refusal:
        return _form_for_one(visit, _refused(visit, refusal))
    return Redirect(f"{layout.root(visit)}/codes/{code.code}", {"done": "code-made"})


def _values(visit: Visit, names: tuple[str, ...]) -> tuple[dict[str, Any], dict[str, str]]:
    expires, faults = expiry.values(visit)
    return {**{name: visit.typed.get(name, "").strip() for name in names}, **expires}, faults


def _refused(visit: Visit, refusal: Refusal) -> forms.Form:
    form = layout.refused(visit.typed, refusal, expiry.FIELDS)
    if isinstance(refusal, TooManyForWidth):
        return forms.Form(form.values, {"width": refusal.filled}, refusal, form.key)
    return form


def _form_for_one(visit: Visit, form: forms.Form) -> PageResponse:
    participant = contracts.read_participant(visit.org, visit["contract"], visit["participant"])
    return _form(visit, "codes/issue.html", form, participant=participant)


def _form(visit: Visit, template: str, form: forms.Form, **data: Any) -> PageResponse:
    about = layout.contract_data(visit, prices=contracts.list_prices(visit.org, visit["contract"]), safe=SAFE_WIDTH, **data)
    return layout.shown(template, about, form)
