"""The list of contracts; making one, changing it, deleting it."""

from chalicelib.operations import contracts
from chalicelib.pages import asking, forms
from chalicelib.pages.answers import Answer, Html, Redirect
from chalicelib.pages.contracts import frame
from chalicelib.pages.declaring import Staff, Visit, page
from chalicelib.rules.contracts import Contract
from chalicelib.rules.drafts.contracts import ContractChanges, ContractDraft
from chalicelib.rules.refusals import NotFound, Refusal
from chalicelib.web.refusals import status_of

TYPED = ("name", "client", "prefix", "starts_on", "ends_on", "identifier")


@page("GET", frame.CONTRACTS, who=Staff("viewer"))
def list_contracts(visit: Visit) -> Answer:
    found, today = contracts.list_contracts(visit.org), frame.today(visit)
    return Html("contracts/list.html", {"contracts": [(one, one.terms.state_on(today)) for one in found]})


@page("GET", frame.CONTRACTS + "/new", who=Staff("manager"))
def new_contract(_visit: Visit) -> Answer:
    return _form(forms.blank({"active": "true", "identifier": "client_id"}))


@page("POST", frame.CONTRACTS + "/new", who=Staff("manager"))
def create_contract(visit: Visit) -> Answer:
    try:
        contract = contracts.create_contract(visit.org, _draft(visit), key=visit.key, now=visit.call.now)
    except NotFound:
        raise
    except Refusal as refusal:
        return _form(frame.refused(visit.typed, refusal))
    return Redirect(f"/o/{visit.org}/contracts/{contract.id}", {"done": "contract-created"})


@page("GET", frame.CONTRACT + "/edit", who=Staff("manager"))
def edit_form(visit: Visit) -> Answer:
    contract = contracts.read_contract(visit.org, visit["contract"])
    return _form(forms.blank(_fields(contract)), contract)


@page("POST", frame.CONTRACT + "/edit", who=Staff("manager"))
def edit_contract(visit: Visit) -> Answer:
    contract = contracts.read_contract(visit.org, visit["contract"])
    try:
        changes = ContractChanges.model_construct(_fields_set=set(ContractDraft.model_fields), **dict(_draft(visit)))
        contracts.edit_contract(visit.org, contract.id, changes, expected=frame.version(visit))
    except NotFound:
        raise
    except Refusal as refusal:
        return _form(frame.refused(visit.typed, refusal), contract)
    return Redirect(frame.root(visit), {"done": "saved"})


@page("GET", frame.CONTRACT + "/delete", who=Staff("manager"))
def ask_delete_contract(visit: Visit) -> Answer:
    return _ask_delete(visit, forms.blank())


@page("POST", frame.CONTRACT + "/delete", who=Staff("manager"))
def delete_contract(visit: Visit) -> Answer:
    try:
        contracts.delete_contract(visit.org, visit["contract"])
    except NotFound:
        raise
    except Refusal as refusal:
        return _ask_delete(visit, forms.refused(visit.typed, refusal))
    return Redirect(f"/o/{visit.org}/contracts", {"done": "contract-deleted"})


def _ask_delete(visit: Visit, form: forms.Form) -> Answer:
    contract = contracts.read_contract(visit.org, visit["contract"])
    return asking.ask(
        visit,
        f"Delete {contract.name}?",
        [
            "It disappears for good, with its prices and participants. No e-mail goes out.",
            "This works only while no code was ever issued under it; after that, deactivate it instead, and its history stays.",
        ],
        verb="Delete",
        stay="Keep it",
        back=frame.root(visit),
        destroys=True,
        status=status_of(form.refusal) if form.refusal else 200,
        form=form,
        template="contracts/ask.html",
    )


def _draft(visit: Visit) -> ContractDraft:
    values = {name: visit.typed.get(name, "").strip() for name in TYPED}
    return forms.read(ContractDraft, {**values, "active": visit.typed.get("active") == "true"})


def _fields(contract: Contract) -> dict[str, str]:
    values = {name: getattr(contract, name) or "" for name in (*TYPED, "version")}
    return {**{name: str(value) for name, value in values.items()}, "active": "true" if contract.active else ""}


def _form(form: forms.Form, contract: Contract | None = None) -> Answer:
    return frame.shown("contracts/form.html", {"contract": contract}, form)
