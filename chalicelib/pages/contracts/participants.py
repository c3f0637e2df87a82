"""Participants of a contract: the second tab, and the form of one."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chalicelib.operations import contracts
from chalicelib.pages import confirm, forms
from chalicelib.pages.contracts import layout
from chalicelib.pages.pager import ListPage
from chalicelib.pages.responses import PageResponse, Redirect
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.contracts import ContractParticipant
from chalicelib.rules.inputs.contracts import MOST_DETAILS, ContractParticipantChanges, ContractParticipantInput
from chalicelib.rules.refusals import ValidationFailed
from chalicelib.rules.translation import N_
from chalicelib.tables.retries import own_deadline
from chalicelib.web.audience import Staff
from chalicelib.web.refusals import status_of
from chalicelib.web.validation import read_values

PARTICIPANTS = layout.CONTRACT + "/participants"
PARTICIPANT = PARTICIPANTS + "/{participant}"
TYPED = ("client_id", "name", "email")
DETAIL = ("name", "value")
SHOWN = 100
BLANK_DETAILS = 2
TWICE = ("same_name_twice", N_("Two details have the same name; capital and small letters do not count."))


@page("GET", PARTICIPANTS, who=Staff("read"))
def list_participants(visit: Visit) -> PageResponse:
    list_page = ListPage.of(visit, "q")
    q = list_page.filter["q"]
    found = contracts.list_participants(visit.org, visit["contract"], q=q, limit=SHOWN, start=list_page.start)
    with own_deadline():
        return layout.tab(visit, "contracts/participants.html", participants=found.items, pager=list_page.links(found.next), q=q)


@page("GET", PARTICIPANTS + "/new", who=Staff("manage_contracts"))
def new_participant(visit: Visit) -> PageResponse:
    return _form(visit, forms.blank())


@page("POST", PARTICIPANTS + "/new", who=Staff("manage_contracts"))
def add_participant(visit: Visit) -> PageResponse:
    if visit.typed.get("more"):
        return _more(visit)
    try:
        contracts.add_participant(visit.org, visit["contract"], _draft(visit), key=visit.key)
    except forms.REFUSED as refusal:
        return _form(visit, layout.refused(visit.typed, refusal, _field_names(visit)))
    return Redirect(layout.root(visit) + "/participants", {"done": "participant-added"})


@page("GET", PARTICIPANT, who=Staff("read"))
def participant(visit: Visit) -> PageResponse:
    found = contracts.read_participant(visit.org, visit["contract"], visit["participant"])
    return _form(visit, forms.blank(_fields(found)), found)


@page("POST", PARTICIPANT, who=Staff("manage_contracts"))
def edit_participant(visit: Visit) -> PageResponse:
    found = contracts.read_participant(visit.org, visit["contract"], visit["participant"])
    if visit.typed.get("more"):
        return _more(visit, found)
    try:
        changes = ContractParticipantChanges.model_construct(_fields_set=set(ContractParticipantInput.model_fields), **dict(_draft(visit)))
        contracts.edit_participant(visit.org, found.contract, found.id, changes, expected=forms.version(visit.typed))
    except forms.REFUSED as refusal:
        return _form(visit, forms.with_conflict(layout.refused(visit.typed, refusal, _field_names(visit)), _fields(found)), found)
    return Redirect(layout.root(visit) + "/participants", {"done": "saved"})


@page("GET", PARTICIPANT + "/delete", who=Staff("manage_contracts"))
def ask_delete_participant(visit: Visit) -> PageResponse:
    return _ask_delete(visit, forms.blank())


@page("POST", PARTICIPANT + "/delete", who=Staff("manage_contracts"))
def delete_participant(visit: Visit) -> PageResponse:
    try:
        contracts.delete_participant(visit.org, visit["contract"], visit["participant"])
    except forms.REFUSED as refusal:
        return _ask_delete(visit, forms.refused(visit.typed, refusal))
    return Redirect(layout.root(visit) + "/participants", {"done": "participant-deleted"})


def _ask_delete(visit: Visit, form: forms.Form) -> PageResponse:
    found = contracts.read_participant(visit.org, visit["contract"], visit["participant"])
    return confirm.ask(
        visit,
        visit.gettext("Delete %(name)s?") % {"name": found.name or found.client_id or found.email},
        [
            visit.gettext("They and their details leave the list for good. What they booked stays."),
            visit.gettext("This works only while they have no codes."),
        ],
        verb=visit.gettext("Delete"),
        stay=visit.gettext("Cancel"),
        back=layout.root(visit) + "/participants",
        destroys=True,
        status=status_of(form.refusal) if form.refusal else 200,
        form=form,
        template="contracts/ask.html",
    )


def _draft(visit: Visit) -> ContractParticipantInput:
    """Return the participant from the form. Raises ValidationFailed, also when two details have the same name."""
    details = forms.rows(visit.typed, "details", DETAIL, chosen=("shareable",))
    values: dict[str, Any] = {
        **{name: visit.typed.get(name, "").strip() for name in ("client_id", "name")},
        "email": visit.typed.get("email", "").strip() or None,
        "details": {row["name"]: row["value"] for row in details},
        "shareable": [row["name"] for row in details if row["shareable"] == "true"],
    }
    found = [] if len(values["details"]) == len(details) else [("/details", *TWICE)]
    try:
        draft = read_values(ContractParticipantInput, values)
    except ValidationFailed as invalid:
        found += invalid.faults
    if found:
        raise ValidationFailed(found)
    return draft


def _field_names(visit: Visit) -> dict[str, str]:
    """Return the field for each fault of the details: the detail's name; for a fault of all details, the first detail's name."""
    details = forms.rows(visit.typed, "details", DETAIL)
    named = {f"details/{row['name']}": f"details/{number}/name" for number, row in enumerate(details)}
    return {"details": "details/0/name", "shareable": "details/0/name", **named}


def _more(visit: Visit, found: ContractParticipant | None = None) -> PageResponse:
    """Return the unsaved form with more blank rows for details."""
    return _form(visit, forms.Form(visit.typed, key=visit.typed.get("key", "")), found, more=BLANK_DETAILS)


def _fields(found: ContractParticipant) -> dict[str, str]:
    details = [{"name": name, "value": value, "shareable": "true" if name in found.shareable else ""} for name, value in found.details]
    return {**{name: getattr(found, name) for name in TYPED}, **forms.renumbered("details", details), "version": str(found.version)}


def _form(visit: Visit, form: forms.Form, found: ContractParticipant | None = None, *, more: int = 0) -> PageResponse:
    details = forms.rows(form.values, "details", DETAIL, chosen=("shareable",))
    others: Mapping[str, str] = {name: value for name, value in form.values.items() if not name.startswith("details/")}
    shown = replace(form, values={**others, **forms.renumbered("details", details)})
    rows = min(MOST_DETAILS, len(details) + (more or (0 if found else BLANK_DETAILS)))
    return layout.shown("contracts/participant.html", layout.contract_data(visit, participant=found, details=rows), shown)
