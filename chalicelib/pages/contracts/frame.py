"""What the pages of a contract have in common: the contract, its state, the tabs; and where on a form a refusal stands."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from chalicelib.operations import contracts
from chalicelib.pages import forms
from chalicelib.pages.answers import Answer, Html
from chalicelib.pages.declaring import Visit
from chalicelib.rules import times
from chalicelib.rules.codes import grouped
from chalicelib.rules.contracts import (
    ContractHasParticipants,
    EndsBeforeItStarts,
    ParticipantExists,
    PrefixTaken,
    PriceCodeTaken,
)
from chalicelib.rules.refusals import Refusal
from chalicelib.web.refusals import status_of

CONTRACTS = "/o/{org}/contracts"
CONTRACT = CONTRACTS + "/{contract}"
TABS = {"": "Prices", "/participants": "Participants", "/codes": "Codes", "/imports": "Imports"}
"""Each tab, by what its address adds to the contract's."""
BESIDE: dict[type[Refusal], str] = {
    ContractHasParticipants: "identifier",
    EndsBeforeItStarts: "ends_on",
    PrefixTaken: "prefix",
    PriceCodeTaken: "code",
}
"""The field that a refusal is about."""


def tab(visit: Visit, template: str, **data: Any) -> Answer:
    """Return a tab of the contract; `template` extends contracts/contract.html. Raises NotFound."""
    return Html(template, about(visit, **data))


def about(visit: Visit, **data: Any) -> dict[str, Any]:
    """Return what contracts/contract.html needs, and what is given beside it. Raises NotFound."""
    contract = contracts.read_contract(visit.org, visit["contract"])
    return {"contract": contract, "state": contract.terms.state_on(today(visit)), "tabs": TABS, "grouped": grouped, **data}


def today(visit: Visit) -> date:
    """Return the day that it is in the organisation's time zone."""
    return times.local(visit.call.now, visit.home.time_zone).date()


def refused(values: Mapping[str, str], refusal: Refusal, places: Mapping[str, str] | None = None) -> forms.Form:
    """Return the form as it was sent, with what is wrong with it beside its field; `places` says where, when a field has another name."""
    form = forms.refused(values, refusal)
    faults = {(places or {}).get(name, name): sentence for name, sentence in form.faults.items()}
    field = BESIDE.get(type(refusal))
    return forms.Form(form.values, {**faults, field: refusal.sentence} if field else faults, refusal, form.key)


def version(visit: Visit) -> int | None:
    """Return the version that the form was filled with."""
    typed = visit.typed.get("version", "")
    return int(typed) if typed.isdigit() else None


def shown(template: str, data: Mapping[str, Any], form: forms.Form) -> Answer:
    """Return the page with its form, and the status that says whether it was refused."""
    in_the_way = form.refusal.participant if isinstance(form.refusal, ParticipantExists) else ""
    status = status_of(form.refusal) if form.refusal else 200
    return Html(template, {**data, "form": form, "in_the_way": in_the_way}, status)


def root(visit: Visit) -> str:
    """Return the address of the contract's own page."""
    return f"/o/{visit.org}/contracts/{visit['contract']}"
