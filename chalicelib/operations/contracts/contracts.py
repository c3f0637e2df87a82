"""Contracts: create, edit, and delete while nothing was issued under them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from chalicelib.operations.identity import derived
from chalicelib.rules.contracts import Contract, check_dates
from chalicelib.rules.inputs.contracts import ContractChanges, ContractInput
from chalicelib.rules.refusals import Busy, ChangedMeanwhile
from chalicelib.tables import contracts, organisations

T = TypeVar("T")
ATTEMPTS = 8


def create_contract(org: str, draft: ContractInput, *, key: str, now: datetime) -> Contract:
    """Create a contract. A retry with the same key returns the contract that it created.

    Raises PrefixTaken, TooManyContracts, EndsBeforeItStarts."""
    organisations.get(org)
    contract = Contract(org=org, id=derived("contract", org, key), created_at=now.replace(microsecond=0), **dict(draft))
    check_dates(contract)
    contracts.create(contract)
    return contracts.get(org, contract.id)


def list_contracts(org: str) -> list[Contract]:
    """Return all contracts, at most 500, by name."""
    return contracts.every(org)


def read_contract(org: str, id: str) -> Contract:
    """Return the contract. Raises NotFound."""
    return contracts.get(org, id)


def edit_contract(org: str, id: str, changes: ContractChanges, *, expected: int | None) -> Contract:
    """Change the given fields. Issued codes keep their prefix.

    `expected` is the version that was read, None to accept any. Raises NotFound, ChangedMeanwhile, PrefixTaken, EndsBeforeItStarts,
    ContractHasParticipants for another identifier while the contract has participants.
    """

    def edit() -> Contract:
        was = contracts.get(org, id)
        check_version(was.version, expected)
        edited = replace(was, **{name: getattr(changes, name) for name in changes.model_fields_set})
        check_dates(edited)
        return contracts.save(edited, was=was)

    return retry_on_conflict(edit, expected=expected)


def delete_contract(org: str, id: str, *, expected: int | None = None) -> None:
    """Delete a contract with its prices and participants. A repeated call completes an interrupted one.

    Raises NotFound, ContractInUse while it has codes, ChangedMeanwhile."""
    retry_on_conflict(lambda: contracts.close(org, id, expected=expected), expected=expected)
    contracts.remove(org, id)


def check_version(version: int, expected: int | None) -> None:
    if expected not in {None, version}:
        raise ChangedMeanwhile


def retry_on_conflict(write: Callable[[], T], *, expected: int | None = None) -> T:
    """Return the result of `write`, retried after ChangedMeanwhile unless a version is expected. Raises Busy, ChangedMeanwhile."""
    for _ in range(ATTEMPTS):
        try:
            return write()
        except ChangedMeanwhile:
            if expected is not None:
                raise
    raise Busy
