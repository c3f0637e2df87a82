"""Participants of a contract: the second tab, and the form of one."""

from collections.abc import Mapping
from typing import Any

from chalicelib.operations import contracts
from chalicelib.pages import asking, forms
from chalicelib.pages.answers import Answer, Redirect
from chalicelib.pages.contracts import frame
from chalicelib.pages.declaring import Staff, Visit, page
from chalicelib.rules.contracts import ContractParticipant
from chalicelib.rules.drafts.contracts import MOST_DETAILS, ContractParticipantChanges, ContractParticipantDraft
from chalicelib.rules.refusals import NotFound, Refusal, marked
from chalicelib.tables.requests import own_patience
from chalicelib.web.refusals import Invalid, status_of
from chalicelib.web.validation import read_values

PARTICIPANTS = frame.CONTRACT + "/participants"
PARTICIPANT = PARTICIPANTS + "/{participant}"
TYPED = ("client_id", "name", "email")
DETAIL = ("name", "value")
SHOWN = 100
BLANK_DETAILS = 2
TWICE = ("same_name_twice", marked("Two details have the same name; capital and small letters do not count."))


@page("GET", PARTICIPANTS, who=Staff("viewer"))
def list_participants(visit: Visit) -> Answer:
    q = visit.call.query.get("q", "")
    found = contracts.list_participants(visit.org, visit["contract"], q=q, limit=SHOWN)
    with own_patience():
        return frame.tab(visit, "contracts/participants.html", participants=found.items, more=found.next is not None, q=q)


@page("GET", PARTICIPANTS + "/new", who=Staff("manager"))
def new_participant(visit: Visit) -> Answer:
    return _form(visit, forms.blank())


@page("POST", PARTICIPANTS + "/new", who=Staff("manager"))
def add_participant(visit: Visit) -> Answer:
    if visit.typed.get("more"):
        return _more(visit)
    try:
        contracts.add_participant(visit.org, visit["contract"], _draft(visit), key=visit.key)
    except NotFound:
        raise
    except Refusal as refusal:
        return _form(visit, frame.refused(visit.typed, refusal, _places(visit)))
    return Redirect(frame.root(visit) + "/participants", {"done": "participant-added"})


@page("GET", PARTICIPANT, who=Staff("viewer"))
def participant(visit: Visit) -> Answer:
    found = contracts.read_participant(visit.org, visit["contract"], visit["participant"])
    return _form(visit, forms.blank(_fields(found)), found)


@page("POST", PARTICIPANT, who=Staff("manager"))
def edit_participant(visit: Visit) -> Answer:
    found = contracts.read_participant(visit.org, visit["contract"], visit["participant"])
    if visit.typed.get("more"):
        return _more(visit, found)
    try:
        changes = ContractParticipantChanges.model_construct(_fields_set=set(ContractParticipantDraft.model_fields), **dict(_draft(visit)))
        contracts.edit_participant(visit.org, found.contract, found.id, changes, expected=frame.version(visit))
    except NotFound:
        raise
    except Refusal as refusal:
        return _form(visit, frame.refused(visit.typed, refusal, _places(visit)), found)
    return Redirect(frame.root(visit) + "/participants", {"done": "saved"})


@page("GET", PARTICIPANT + "/delete", who=Staff("manager"))
def ask_delete_participant(visit: Visit) -> Answer:
    return _ask_delete(visit, forms.blank())


@page("POST", PARTICIPANT + "/delete", who=Staff("manager"))
def delete_participant(visit: Visit) -> Answer:
    try:
        contracts.delete_participant(visit.org, visit["contract"], visit["participant"])
    except NotFound:
        raise
    except Refusal as refusal:
        return _ask_delete(visit, forms.refused(visit.typed, refusal))
    return Redirect(frame.root(visit) + "/participants", {"done": "participant-deleted"})


def _ask_delete(visit: Visit, form: forms.Form) -> Answer:
    found = contracts.read_participant(visit.org, visit["contract"], visit["participant"])
    return asking.ask(
        visit,
        f"Delete {found.name or found.client_id or found.email}?",
        ["They and their details leave the list for good. What they booked stays.", "This works only while they have no codes."],
        verb="Delete",
        stay="Keep them",
        back=frame.root(visit) + "/participants",
        destroys=True,
        status=status_of(form.refusal) if form.refusal else 200,
        form=form,
        template="contracts/ask.html",
    )


def _draft(visit: Visit) -> ContractParticipantDraft:
    """Return the participant that the form describes. Raises Invalid."""
    details = forms.rows(visit.typed, "details", DETAIL, chosen=("shareable",))
    values: dict[str, Any] = {
        **{name: visit.typed.get(name, "").strip() for name in ("client_id", "name")},
        "email": visit.typed.get("email", "").strip() or None,
        "details": {row["name"]: row["value"] for row in details},
        "shareable": [row["name"] for row in details if row["shareable"] == "true"],
    }
    found = [] if len(values["details"]) == len(details) else [("/details", *TWICE)]
    try:
        draft = read_values(ContractParticipantDraft, values)
    except Invalid as invalid:
        found += invalid.faults
    if found:
        raise Invalid(found)
    return draft


def _places(visit: Visit) -> dict[str, str]:
    """Return where what is wrong with a detail stands: beside its name, and what is wrong with all of them beside the first."""
    details = forms.rows(visit.typed, "details", DETAIL)
    named = {f"details/{row['name']}": f"details/{number}/name" for number, row in enumerate(details)}
    return {"details": "details/0/name", "shareable": "details/0/name", **named}


def _more(visit: Visit, found: ContractParticipant | None = None) -> Answer:
    """Return the form as it was typed, with room for more details."""
    return _form(visit, forms.Form(visit.typed, key=visit.typed.get("key", "")), found, more=BLANK_DETAILS)


def _fields(found: ContractParticipant) -> dict[str, str]:
    details = [{"name": name, "value": value, "shareable": "true" if name in found.shareable else ""} for name, value in found.details]
    return {**{name: getattr(found, name) for name in TYPED}, **forms.renumbered("details", details), "version": str(found.version)}


def _form(visit: Visit, form: forms.Form, found: ContractParticipant | None = None, *, more: int = 0) -> Answer:
    details = forms.rows(form.values, "details", DETAIL, chosen=("shareable",))
    others: Mapping[str, str] = {name: value for name, value in form.values.items() if not name.startswith("details/")}
    shown = forms.Form({**others, **forms.renumbered("details", details)}, form.faults, form.refusal, form.key)
    rows = min(MOST_DETAILS, len(details) + (more or (0 if found else BLANK_DETAILS)))
    return frame.shown("contracts/participant.html", frame.about(visit, participant=found, details=rows), shown)
