"""Contracts: made, changed, and deleted while nothing was issued under them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from chalicelib.operations.identity import derived
from chalicelib.rules.contracts import Contract, check_dates
from chalicelib.rules.drafts.contracts import ContractChanges, ContractDraft
from chalicelib.rules.refusals import Busy, ChangedMeanwhile
from chalicelib.tables import contracts, organisations

T = TypeVar("T")
ATTEMPTS = 8


def create_contract(org: str, draft: ContractDraft, *, key: str, now: datetime) -> Contract:
    """Make a contract; a retry under the same key returns its own. Raises PrefixTaken, TooManyContracts, EndsBeforeItStarts."""
    organisations.get(org)
    contract = Contract(org=org, id=derived("contract", org, key), created_at=now.replace(microsecond=0), **dict(draft))
    check_dates(contract)
    contracts.create(contract)
    return contracts.get(org, contract.id)


def list_contracts(org: str) -> list[Contract]:
    """Return all contracts by name; there are never more than 500."""
    return contracts.every(org)


def read_contract(org: str, own: str) -> Contract:
    """Return the contract, or NotFound."""
    return contracts.get(org, own)


def edit_contract(org: str, own: str, changes: ContractChanges, *, expected: int | None) -> Contract:
    """Change what is named; codes that were issued keep their prefix.

    Raises ChangedMeanwhile, PrefixTaken, EndsBeforeItStarts, ContractHasParticipants.
    """

    def edit() -> Contract:
        was = contracts.get(org, own)
        check_version(was.version, expected)
        edited = replace(was, **{name: getattr(changes, name) for name in changes.model_fields_set})
        check_dates(edited)
        return contracts.save(edited, was=was)

    return repeated(edit, expected=expected)


def delete_contract(org: str, own: str, *, expected: int | None = None) -> None:
    """Delete a contract with its prices and participants, or go on where that was cut short. Raises ContractInUse, ChangedMeanwhile."""
    repeated(lambda: contracts.close(org, own, expected=expected), expected=expected)
    contracts.remove(org, own)


def check_version(version: int, expected: int | None) -> None:
    if expected not in {None, version}:
        raise ChangedMeanwhile


def repeated(step: Callable[[], T], *, expected: int | None = None) -> T:
    """Do it, again when somebody else was first; a change that expects a version is refused instead."""
    for _ in range(ATTEMPTS):
        try:
            return step()
        except ChangedMeanwhile:
            if expected is not None:
                raise
    raise Busy
