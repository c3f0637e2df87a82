"""Participants of a contract: the people entitled to book under it."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, NamedTuple

from chalicelib.operations.contracts.contracts import check_version, retry_on_conflict
from chalicelib.operations.identity import derived
from chalicelib.rules.contracts import Contract, ContractParticipant
from chalicelib.rules.inputs.contracts import ContractParticipantChanges, ContractParticipantInput
from chalicelib.rules.refusals import ValidationFailed
from chalicelib.rules.translation import N_
from chalicelib.tables import contracts
from chalicelib.tables.items import Item
from chalicelib.tables.retries import own_deadline

NEEDED = {
    "client_id": ("/client_id", "missing", N_("This contract tells participants apart by their client id. Fill it in.")),
    "email": ("/email", "missing", N_("This contract tells participants apart by their e-mail address. Fill it in.")),
}
NO_SUCH_DETAIL = ("/shareable", "unknown_detail", N_("Only details that are there can be shared."))


class ParticipantPage(NamedTuple):
    items: list[ContractParticipant]
    next: Item | None


def add_participant(org: str, contract_id: str, draft: ContractParticipantInput, *, key: str) -> ContractParticipant:
    """Add a participant. A retry with the same key returns the participant that it added.

    Raises NotFound, ValidationFailed, ParticipantExists."""
    id = derived("contract participant", org, contract_id, key)

    def add() -> None:
        contract = contracts.get(org, contract_id)
        contracts.create_participant(contract, participant_from(contract, id, draft))

    retry_on_conflict(add)
    return contracts.get_participant(org, contract_id, id)


def participant_from(contract: Contract, id: str, draft: ContractParticipantInput) -> ContractParticipant:
    """Return the participant that the draft describes, with this id; stores nothing.

    Raises ValidationFailed if the contract's identifier is missing or an unknown detail is shared."""
    participant = replace(ContractParticipant(contract.org, contract.id, id), **_named(draft, set(ContractParticipantInput.model_fields)))
    _check(contract, participant)
    return participant


def list_participants(org: str, contract: str, *, q: str, limit: int, start: Item | None = None) -> ParticipantPage:
    """Return a page of participants by name, all or those that `q` finds. A search may read thousands of rows. Raises NotFound."""
    contracts.get(org, contract)
    with own_deadline():
        return ParticipantPage(*contracts.participant_page(org, contract, q=q.strip(), limit=limit, start=start))


def read_participant(org: str, contract: str, id: str) -> ContractParticipant:
    """Return the participant. Raises NotFound."""
    contracts.get(org, contract)
    return contracts.get_participant(org, contract, id)


def find_participants(org: str, contract: str, wanted: Iterable[str]) -> dict[str, ContractParticipant]:
    """Return up to 100 participants by id, without the ids that do not exist."""
    ids = sorted({*wanted})
    return {participant.id: participant for participant in contracts.find_participants(org, contract, ids)} if ids else {}


def edit_participant(
    org: str, contract_id: str, id: str, changes: ContractParticipantChanges, *, expected: int | None
) -> ContractParticipant:
    """Change the given fields. A detail that is removed is no longer shared.

    `expected` is the version that was read, None to accept any. Raises NotFound, ChangedMeanwhile, ValidationFailed, ParticipantExists."""

    def edit() -> ContractParticipant:
        contract = contracts.get(org, contract_id)
        was = contracts.get_participant(org, contract_id, id)
        check_version(was.version, expected)
        edited = _edited(was, changes)
        _check(contract, edited)
        return contracts.save_participant(contract, edited, was=was)

    return retry_on_conflict(edit, expected=expected)


def delete_participant(org: str, contract_id: str, id: str, *, expected: int | None = None) -> None:
    """Delete a participant who has no codes. Raises NotFound, ParticipantHasCodes, ChangedMeanwhile."""

    def delete() -> None:
        contract = contracts.get(org, contract_id)
        participant = contracts.get_participant(org, contract_id, id)
        check_version(participant.version, expected)
        contracts.delete_participant(contract, participant)

    retry_on_conflict(delete, expected=expected)


def _edited(was: ContractParticipant, changes: ContractParticipantChanges) -> ContractParticipant:
    edited = replace(was, **_named(changes, changes.model_fields_set))
    if changes.shareable is not None:
        return edited
    left = {name for name, _ in edited.details}
    return replace(edited, shareable=tuple(name for name in edited.shareable if name in left))


def _named(draft: ContractParticipantInput | ContractParticipantChanges, names: set[str]) -> dict[str, Any]:
    values = {name: getattr(draft, name) for name in names}
    if "email" in values:
        values["email"] = values["email"] or ""
    if "details" in values:
        values["details"] = tuple(values["details"].items())
    if "shareable" in values:
        values["shareable"] = tuple(dict.fromkeys(values["shareable"]))
    return values


def _check(contract: Contract, participant: ContractParticipant) -> None:
    """Raise ValidationFailed, with all faults, for a missing identifier and for shared details that the participant does not have."""
    faults = []
    if not participant.identified_by(contract.identifier):
        faults.append(NEEDED[contract.identifier])
    if not {*participant.shareable} <= {name for name, _ in participant.details}:
        faults.append(NO_SUCH_DETAIL)
    if faults:
        raise ValidationFailed(faults)
