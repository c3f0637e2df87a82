"""The list of contracts, and creating, editing and deleting one."""

from chalicelib.operations import contracts
from chalicelib.pages import confirm, forms
from chalicelib.pages.contracts import layout
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.contracts import Contract
from chalicelib.rules.inputs.contracts import ContractChanges, ContractInput
from chalicelib.web.audience import Staff
from chalicelib.web.refusals import status_of

TYPED = ("name", "client", "prefix", "starts_on", "ends_on", "identifier")


@page("GET", layout.CONTRACTS, who=Staff("read"))
def list_contracts(visit: Visit) -> PageResponse:
    found, today = contracts.list_contracts(visit.org), layout.today(visit)
    return Html("contracts/list.html", {"contracts": [(one, one.terms.state_on(today)) for one in found]})


@page("GET", layout.CONTRACTS + "/new", who=Staff("manage_contracts"))
def new_contract(_visit: Visit) -> PageResponse:
    return _form(forms.blank({"active": "true", "identifier": "client_id"}))


@page("POST", layout.CONTRACTS + "/new", who=Staff("manage_contracts"))
def create_contract(visit: Visit) -> PageResponse:
    try:
        contract = contracts.create_contract(visit.org, _draft(visit), key=visit.key, now=visit.call.now)
    except forms.REFUSED as refusal:
        return _form(layout.refused(visit.typed, refusal))
    return Redirect(f"/o/{visit.org}/contracts/{contract.id}", {"done": "contract-created"})


@page("GET", layout.CONTRACT + "/edit", who=Staff("manage_contracts"))
def edit_form(visit: Visit) -> PageResponse:
    contract = contracts.read_contract(visit.org, visit["contract"])
    return _form(forms.blank(_fields(contract)), contract)


@page("POST", layout.CONTRACT + "/edit", who=Staff("manage_contracts"))
def edit_contract(visit: Visit) -> PageResponse:
    contract = contracts.read_contract(visit.org, visit["contract"])
    try:
        changes = ContractChanges.model_construct(_fields_set=set(ContractInput.model_fields), **dict(_draft(visit)))
        contracts.edit_contract(visit.org, contract.id, changes, expected=forms.version(visit.typed))
    except forms.REFUSED as refusal:
        return _form(forms.with_conflict(layout.refused(visit.typed, refusal), _fields(contract)), contract)
    return Redirect(layout.root(visit), {"done": "saved"})


@page("GET", layout.CONTRACT + "/delete", who=Staff("manage_contracts"))
def ask_delete_contract(visit: Visit) -> PageResponse:
    return _ask_delete(visit, forms.blank())


@page("POST", layout.CONTRACT + "/delete", who=Staff("manage_contracts"))
def delete_contract(visit: Visit) -> PageResponse:
    try:
        contracts.delete_contract(visit.org, visit["contract"])
    except forms.REFUSED as refusal:
        return _ask_delete(visit, forms.refused(visit.typed, refusal))
    return Redirect(f"/o/{visit.org}/contracts", {"done": "contract-deleted"})


def _ask_delete(visit: Visit, form: forms.Form) -> PageResponse:
    contract = contracts.read_contract(visit.org, visit["contract"])
    return confirm.ask(
        visit,
        visit.gettext("Delete %(name)s?") % {"name": contract.name},
        [
            visit.gettext("It disappears for good, with its prices and participants. No e-mail is sent."),
            visit.gettext(
                "This works only while no code was ever issued under it; after that, deactivate it instead, and its history stays."
            ),
        ],
        verb=visit.gettext("Delete"),
        stay=visit.gettext("Cancel"),
        back=layout.root(visit),
        destroys=True,
        status=status_of(form.refusal) if form.refusal else 200,
        form=form,
        template="contracts/ask.html",
    )


def _draft(visit: Visit) -> ContractInput:
    values = {name: visit.typed.get(name, "").strip() for name in TYPED}
    return forms.read(ContractInput, {**values, "active": visit.typed.get("active") == "true"})


def _fields(contract: Contract) -> dict[str, str]:
    values = {name: getattr(contract, name) or "" for name in (*TYPED, "version")}
    return {**{name: str(value) for name, value in values.items()}, "active": "true" if contract.active else ""}


def _form(form: forms.Form, contract: Contract | None = None) -> PageResponse:
    return layout.shown("contracts/form.html", {"contract": contract}, form)
