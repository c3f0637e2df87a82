"""The layout of a contract's pages: header, state and tabs; and the form field at which each refusal is shown."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from chalicelib.operations import contracts
from chalicelib.pages import forms
from chalicelib.pages.responses import Html, PageResponse
from chalicelib.pages.visit import Visit
from chalicelib.rules import times
from chalicelib.rules.codes import grouped
from chalicelib.rules.contracts import ContractHasParticipants, EndsBeforeItStarts, ParticipantExists, PrefixTaken, PriceCodeTaken
from chalicelib.rules.refusals import Refusal
from chalicelib.rules.translation import N_
from chalicelib.web.refusals import status_of

CONTRACTS = "/o/{org}/contracts"
CONTRACT = CONTRACTS + "/{contract}"
TABS = {"": N_("Prices"), "/participants": N_("Participants"), "/codes": N_("Codes"), "/imports": N_("Imports")}
"""The label of each tab, by the part of its path after the contract's path."""
BESIDE: dict[type[Refusal], str] = {
    ContractHasParticipants: "identifier",
    EndsBeforeItStarts: "ends_on",
    PrefixTaken: "prefix",
    PriceCodeTaken: "code",
}
"""The form field at which a refusal is shown."""


def tab(visit: Visit, template: str, **data: Any) -> PageResponse:
    """Return a tab of the contract. Its `template` extends contracts/contract.html. Raises NotFound."""
    return Html(template, contract_data(visit, **data))


def contract_data(visit: Visit, **data: Any) -> dict[str, Any]:
    """Return the data of contracts/contract.html, with `data` added. Raises NotFound."""
    contract = contracts.read_contract(visit.org, visit["contract"])
    return {"contract": contract, "state": contract.terms.state_on(today(visit)), "tabs": TABS, "grouped": grouped, **data}


def today(visit: Visit) -> date:
    """Return the current day in the organisation's time zone."""
    return times.local(visit.call.now, visit.home.time_zone).date()


def refused(values: Mapping[str, str], refusal: Refusal, fields: Mapping[str, str] | None = None) -> forms.Form:
    """Return the submitted form, with each fault at its field. `places` maps the names of faults to other field names."""
    form = forms.refused(values, refusal)
    faults = {(fields or {}).get(name, name): sentence for name, sentence in form.faults.items()}
    field = BESIDE.get(type(refusal))
    return forms.Form(form.values, {**faults, field: refusal.filled} if field else faults, refusal, form.key)


def shown(template: str, data: Mapping[str, Any], form: forms.Form) -> PageResponse:
    """Return the page with its form; the status is that of the form's refusal, else 200."""
    in_the_way = form.refusal.participant if isinstance(form.refusal, ParticipantExists) else ""
    status = status_of(form.refusal) if form.refusal else 200
    return Html(template, {**data, "form": form, "in_the_way": in_the_way}, status)


def root(visit: Visit) -> str:
    """Return the path of the contract's page."""
    return f"/o/{visit.org}/contracts/{visit['contract']}"
