"""One code: its price, its sessions and its uses; pages to edit it, delete it and return uses."""

from typing import Any

from chalicelib.operations import codes, contracts, links
from chalicelib.operations.codes import CodeView
from chalicelib.pages import confirm, forms
from chalicelib.pages.codes import expiry
from chalicelib.pages.codes.list import CODE, participants_of
from chalicelib.pages.contracts import layout
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.codes import Code, CodePrice, CodeUsed, grouped
from chalicelib.rules.inputs.codes import CodeChanges
from chalicelib.rules.refusals import NotFound
from chalicelib.web.audience import Staff
from chalicelib.web.refusals import status_of


@page("GET", CODE, who=Staff("read"))
def code(visit: Visit) -> PageResponse:
    view = _view(visit)
    return Html("codes/code.html", _about(visit, view, used_by=view.registrations))


@page("GET", CODE + "/edit", who=Staff("manage_codes"))
def code_form(visit: Visit) -> PageResponse:
    view = _view(visit)
    return _form(visit, view, forms.blank(_fields(visit, view.code)))


@page("POST", CODE + "/edit", who=Staff("manage_codes"))
def edit_code(visit: Visit) -> PageResponse:
    view = _view(visit)
    try:
        changes = _changes(visit, view.code)
        codes.edit_code(visit.org, view.contract.id, view.code.code, changes, expected=forms.version(visit.typed), now=visit.call.now)
    except forms.REFUSED as refusal:
        form = forms.with_conflict(layout.refused(visit.typed, refusal, expiry.FIELDS), _fields(visit, view.code))
        return _form(visit, view, _beside(form, "price") if isinstance(refusal, CodeUsed) else form)
    return Redirect(_path(visit, view.code), {"done": "saved"})


@page("GET", CODE + "/delete", who=Staff("manage_codes"))
def ask_delete_code(visit: Visit) -> PageResponse:
    view = _view(visit)
    used = bool(view.code.redeemed)
    kept = visit.gettext("It was used, so it is archived: its bookings and history stay. Nobody can book with it any more.")
    gone = visit.gettext("It was never used, so it is deleted for good. This code is never issued again.")
    return _ask(
        visit,
        view,
        visit.gettext("Archive") if used else visit.gettext("Delete"),
        [kept if used else gone],
        stay=visit.gettext("Cancel"),
        destroys=True,
    )


@page("POST", CODE + "/delete", who=Staff("manage_codes"))
def delete_code(visit: Visit) -> PageResponse:
    view = _view(visit)
    codes.delete_code(visit.org, view.contract.id, view.code.code, expected=None, now=visit.call.now)
    return Redirect(layout.root(visit) + "/codes", {"done": "code-archived" if _is_there(view.code) else "code-deleted"})


@page("GET", CODE + "/return", who=Staff("manage_codes"))
def ask_return_code(visit: Visit) -> PageResponse:
    return _ask_return(visit, forms.blank())


@page("POST", CODE + "/return", who=Staff("manage_codes"))
def return_code(visit: Visit) -> PageResponse:
    view = _view(visit)
    try:
        codes.return_code(visit.org, view.contract.id, view.code.code, now=visit.call.now)
    except forms.REFUSED as refusal:
        return _ask_return(visit, forms.refused(visit.typed, refusal))
    return Redirect(_path(visit, view.code), {"done": "code-returned"})


def _view(visit: Visit) -> CodeView:
    return codes.read_code(visit.org, visit["contract"], visit["code"])


def _path(visit: Visit, code: Code) -> str:
    return f"{layout.root(visit)}/codes/{code.code}"


def _is_there(code: Code) -> bool:
    try:
        return bool(codes.read_code(code.org, code.contract, code.code))
    except NotFound:
        return False


def _about(visit: Visit, view: CodeView, **data: Any) -> dict[str, Any]:
    code = view.code
    return {
        **layout.contract_data(visit),
        "code": code,
        "readable": grouped(code.code, view.contract.prefix),
        "word": code.state(visit.call.now),
        "page": links.portal_page(visit.org, "code"),
        "participant": participants_of(visit, [code]).get(code.participant),
        **data,
    }


def _ask_return(visit: Visit, form: forms.Form) -> PageResponse:
    lines = [
        visit.gettext("Uses of bookings that were removed, or whose session was cancelled, become available again."),
        visit.gettext("Current bookings keep theirs."),
    ]
    return _ask(visit, _view(visit), visit.gettext("Return"), lines, form=form)


def _ask(visit: Visit, view: CodeView, verb: str, lines: list[str], **more: Any) -> PageResponse:
    form: forms.Form = more.get("form") or forms.blank()
    return confirm.ask(
        visit,
        visit.gettext("%(verb)s %(name)s?") % {"verb": verb, "name": grouped(view.code.code, view.contract.prefix)},
        lines,
        verb=verb,
        back=_path(visit, view.code),
        status=status_of(form.refusal) if form.refusal else 200,
        template="contracts/ask.html",
        **more,
    )


def _changes(visit: Visit, code: Code) -> CodeChanges:
    """Return the changes in the form. It has no field `price` for a used code, and `handed_out` is ignored for a participant's code."""
    expires, faults = expiry.values(visit, was=code.expires_at)
    values = {name: visit.typed.get(name, "").strip() for name in ("note", "price", "handed_out")}
    draft = forms.read(CodeChanges, {**values, **expires}, faults)
    named = {"note", "expires_at", *(["price"] if values["price"] else []), *([] if code.participant else ["handed_out"])}
    return CodeChanges.model_construct(_fields_set=named, **dict(draft))


def _fields(visit: Visit, code: Code) -> dict[str, str]:
    return {
        "note": code.note,
        "price": code.price.id,
        "expires_on": expiry.field(visit, code.expires_at),
        "handed_out": "true" if code.handed_out else "",
        "version": str(code.version),
    }


def _form(visit: Visit, view: CodeView, form: forms.Form) -> PageResponse:
    now = view.code.price
    others = [CodePrice.of(price) for price in contracts.list_prices(visit.org, visit["contract"]) if price.id != now.id]
    return layout.shown("codes/code_form.html", _about(visit, view, prices=[now, *others]), form)


def _beside(form: forms.Form, field: str) -> forms.Form:
    sentence = form.refusal.filled if form.refusal else ""
    return forms.Form(form.values, {**form.faults, field: sentence}, form.refusal, form.key)
