"""Participants of a contract: the people who are entitled to book under it."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, NamedTuple

from chalicelib.operations.contracts.agreements import check_version, repeated
from chalicelib.operations.identity import derived
from chalicelib.rules.contracts import Contract, ContractParticipant
from chalicelib.rules.drafts.contracts import ContractParticipantChanges, ContractParticipantDraft
from chalicelib.rules.refusals import DoesNotFit, marked
from chalicelib.tables import contracts
from chalicelib.tables.items import Item
from chalicelib.tables.requests import own_patience

NEEDED = {
    "client_id": ("/client_id", "missing", marked("This contract tells participants apart by their client id. Fill it in.")),
    "email": ("/email", "missing", marked("This contract tells participants apart by their e-mail address. Fill it in.")),
}
NO_SUCH_DETAIL = ("/shareable", "unknown_detail", marked("Only details that are there can be shared."))


class ParticipantPage(NamedTuple):
    items: list[ContractParticipant]
    next: Item | None


def add_participant(org: str, contract_id: str, draft: ContractParticipantDraft, *, key: str) -> ContractParticipant:
    """Add a participant; a retry under the same key returns the one that it made. Raises NotFound, DoesNotFit, ParticipantExists."""
    own = derived("contract participant", org, contract_id, key)

    def add() -> None:
        contract = contracts.get(org, contract_id)
        contracts.create_participant(contract, participant_from(contract, own, draft))

    repeated(add)
    return contracts.get_participant(org, contract_id, own)


def participant_from(contract: Contract, own: str, draft: ContractParticipantDraft) -> ContractParticipant:
    """Return the participant of this id that the draft describes. Raises DoesNotFit without the identifier."""
    participant = replace(ContractParticipant(contract.org, contract.id, own), **_named(draft, set(ContractParticipantDraft.model_fields)))
    _check(contract, participant)
    return participant


def list_participants(org: str, contract: str, *, q: str, limit: int, start: Item | None = None) -> ParticipantPage:
    """Return a page of participants by name, all or those that a search finds: it may look through thousands. Raises NotFound."""
    contracts.get(org, contract)
    with own_patience():
        return ParticipantPage(*contracts.participant_page(org, contract, q=q.strip(), limit=limit, start=start))


def read_participant(org: str, contract: str, own: str) -> ContractParticipant:
    """Return the participant, or NotFound."""
    contracts.get(org, contract)
    return contracts.get_participant(org, contract, own)


def find_participants(org: str, contract: str, wanted: Iterable[str]) -> dict[str, ContractParticipant]:
    """Return those of up to a hundred participants that there are, by id."""
    own = sorted({*wanted})
    return {participant.id: participant for participant in contracts.find_participants(org, contract, own)} if own else {}


def edit_participant(
    org: str, contract_id: str, own: str, changes: ContractParticipantChanges, *, expected: int | None
) -> ContractParticipant:
    """Change what is named; a detail that goes is no longer shared. Raises ChangedMeanwhile, DoesNotFit, ParticipantExists."""

    def edit() -> ContractParticipant:
        contract = contracts.get(org, contract_id)
        was = contracts.get_participant(org, contract_id, own)
        check_version(was.version, expected)
        edited = _edited(was, changes)
        _check(contract, edited)
        return contracts.save_participant(contract, edited, was=was)

    return repeated(edit, expected=expected)


def delete_participant(org: str, contract_id: str, own: str, *, expected: int | None = None) -> None:
    """Delete a participant who has no codes. Raises NotFound, ParticipantHasCodes, ChangedMeanwhile."""

    def delete() -> None:
        contract = contracts.get(org, contract_id)
        participant = contracts.get_participant(org, contract_id, own)
        check_version(participant.version, expected)
        contracts.delete_participant(contract, participant)

    repeated(delete, expected=expected)


def _edited(was: ContractParticipant, changes: ContractParticipantChanges) -> ContractParticipant:
    edited = replace(was, **_named(changes, changes.model_fields_set))
    if changes.shareable is not None:
        return edited
    left = {name for name, _ in edited.details}
    return replace(edited, shareable=tuple(name for name in edited.shareable if name in left))


def _named(draft: ContractParticipantDraft | ContractParticipantChanges, names: set[str]) -> dict[str, Any]:
    values = {name: getattr(draft, name) for name in names}
    if "email" in values:
        values["email"] = values["email"] or ""
    if "details" in values:
        values["details"] = tuple(values["details"].items())
    if "shareable" in values:
        values["shareable"] = tuple(dict.fromkeys(values["shareable"]))
    return values


def _check(contract: Contract, participant: ContractParticipant) -> None:
    """Refuse, with every fault at once, one without what tells participants apart, or who shares details that are not there."""
    faults = []
    if not participant.identified_by(contract.identifier):
        faults.append(NEEDED[contract.identifier])
    if not {*participant.shareable} <= {name for name, _ in participant.details}:
        faults.append(NO_SUCH_DETAIL)
    if faults:
        raise DoesNotFit(faults)
