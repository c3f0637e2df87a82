"""A contract's own row, and the one item with the terms of all: both change in one transaction, so that no prefix is used twice.

A contract that is being deleted is closed first: from then on it is nobody's any more, and nothing is added to it.
"""

from dataclasses import replace
from typing import Any, NamedTuple

from chalicelib.rules.contracts import Contract, ContractHasParticipants, ContractInUse, Terms, check_room
from chalicelib.rules.refusals import ChangedMeanwhile, NotFound
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.contracts import rows
from chalicelib.tables.items import Item, item, plain

NEW = "attribute_not_exists(pk)"
AS_READ = "version = :version"
OPEN = "attribute_exists(pk) AND attribute_not_exists(closing)"
NEVER_ISSUED = "attribute_not_exists(issued)"
NEVER_PEOPLED = "attribute_not_exists(peopled)"
WHATEVER_IT_IS = "attribute_exists(pk) OR attribute_not_exists(pk)"
GONE_OR_CLOSED = "attribute_not_exists(pk) OR closing = :closing"
SAME_IDENTIFIER = "identifier = :identifier"
MOST_IN_A_TRANSACTION = 100


class _Known(NamedTuple):
    """The terms of all contracts, as read."""

    of: dict[str, Terms]
    version: int


def terms(org: str) -> dict[str, Terms]:
    """Return the terms of every contract by its id."""
    return _known(org).of


def create(contract: Contract) -> None:
    """Write a new contract; one that was written before stands. Raises PrefixTaken, TooManyContracts, and ChangedMeanwhile after a race."""
    known = _known(contract.org)
    if contract.id in known.of:
        return
    check_room(contract, known.of)
    changed = {**known.of, contract.id: contract.terms}
    _transact([rows.put(rows.contract_item(contract), NEW), _terms_write(contract.org, changed, known.version)])


def get(org: str, own: str) -> Contract:
    """Return the contract, or NotFound; one that is being deleted is not found either."""
    found = _row(org, own)
    if "closing" in found:
        raise NotFound
    return rows.contract_from(org, found)


def every(org: str) -> list[Contract]:
    """Return all contracts by name."""
    found = requests.query(
        TableName=settings().records_table,
        KeyConditionExpression="pk = :contracts",
        FilterExpression="attribute_not_exists(closing)",
        ExpressionAttributeValues={":contracts": {"S": keys.contract(org, "").pk}},
        ConsistentRead=True,
    )
    return sorted((rows.contract_from(org, entry) for entry in found), key=lambda contract: (contract.name.casefold(), contract.id))


def save(contract: Contract, *, was: Contract) -> Contract:
    """Write the edited contract over the version that was read. Raises ChangedMeanwhile, PrefixTaken, ContractHasParticipants."""
    saved = replace(contract, version=was.version + 1)
    writes = [_edit(saved, was)]
    if saved.terms != was.terms:
        known = _known(saved.org)
        check_room(saved, known.of)
        writes.append(_terms_write(saved.org, {**known.of, saved.id: saved.terms}, known.version))
    try:
        requests.transact(writes)
    except requests.TransactionFailed as failed:
        old = failed.reasons[0]
        if old and "peopled" in old and plain(old)["version"] == was.version and saved.identifier != was.identifier:
            raise ContractHasParticipants from None
        raise ChangedMeanwhile from None
    return saved


def close(org: str, own: str, *, expected: int | None) -> None:
    """Begin to delete a contract: nobody finds it any more, and its prefix is free. It may be done again.

    Raises NotFound; ContractInUse when codes were ever issued under it; ChangedMeanwhile when it is of another version, or after a race.
    """
    found = _row(org, own)
    if "closing" in found:
        return
    contract = rows.contract_from(org, found)
    if contract.issued:
        raise ContractInUse
    if expected not in {None, contract.version}:
        raise ChangedMeanwhile
    known = _known(org)
    left = {one: terms for one, terms in known.of.items() if one != own}
    key, values = keys.contract(org, own), {":closing": True, ":version": contract.version}
    closing = rows.update(key, "SET closing = :closing", f"{AS_READ} AND {NEVER_ISSUED}", values)
    _transact([closing, _terms_write(org, left, known.version)])


def remove(org: str, own: str) -> None:
    """Delete a closed contract with all that is under it; its own row goes last, so that it can be done again when it was cut short.

    Raises NotFound when it is gone, or not closed.
    """
    if "closing" not in _row(org, own):
        raise NotFound
    entries = requests.query(
        TableName=settings().records_table,
        KeyConditionExpression="pk = :contract",
        ProjectionExpression="pk, sk",
        ExpressionAttributeValues={":contract": {"S": keys.under_contract(org, own)}},
        ConsistentRead=True,
    )
    found = [keys.Key(entry["pk"]["S"], entry["sk"]["S"]) for entry in entries]
    for first in range(0, len(found), MOST_IN_A_TRANSACTION):
        requests.transact(rows.delete(key, WHATEVER_IT_IS) for key in found[first : first + MOST_IN_A_TRANSACTION])
    requests.transact([rows.delete(keys.contract(org, own), GONE_OR_CLOSED, {":closing": True})])


def issuing_write(contract: Contract) -> dict[str, Any]:
    """Return the write that notes that codes are issued under the contract. Its failed condition means that it is gone."""
    key = keys.contract(contract.org, contract.id)
    return rows.check(key, OPEN) if contract.issued else rows.update(key, "SET issued = :issued", OPEN, {":issued": True})


def peopling_write(contract: Contract) -> dict[str, Any]:
    """Return the write that notes that the contract has participants, told apart as they are now. Its failed condition means that they
    are told apart otherwise by now, or that the contract is gone."""
    key, condition = keys.contract(contract.org, contract.id), f"{OPEN} AND {SAME_IDENTIFIER}"
    told_apart = {":identifier": contract.identifier}
    if contract.peopled:
        return rows.check(key, condition, told_apart)
    return rows.update(key, "SET peopled = :peopled", condition, {**told_apart, ":peopled": True})


def open_check(org: str, own: str) -> dict[str, Any]:
    """Return the part of a transaction that lets it happen only while the contract is there."""
    return rows.check(keys.contract(org, own), OPEN)


def _row(org: str, own: str) -> Item:
    found = requests.get(settings().records_table, keys.contract(org, own))
    if not found:
        raise NotFound
    return found


def _known(org: str) -> _Known:
    found = requests.get(settings().records_table, keys.contract_terms(org))
    if not found:
        return _Known({}, 0)
    values = plain(found)
    return _Known({own: rows.terms_from(terms) for own, terms in values["contracts"].items()}, values["version"])


def _terms_write(org: str, changed: dict[str, Terms], was: int) -> dict[str, Any]:
    """Return the write of all terms over those of the version that was read, 0 when there were none."""
    facts = {own: {name: value for name, value in rows.terms_facts(terms).items() if value is not None} for own, terms in changed.items()}
    entry = {**keys.contract_terms(org).stored(), **item({"contracts": facts, "version": was + 1})}
    return rows.put(entry, AS_READ, {":version": was}) if was else rows.put(entry, NEW)


def _edit(saved: Contract, was: Contract) -> dict[str, Any]:
    facts = rows.contract_facts(saved)
    kept = {name: value for name, value in facts.items() if value is not None}
    emptied = [name for name, value in facts.items() if value is None]
    change = (
        "SET "
        + ", ".join(f"#{name} = :{name}" for name in kept)
        + (f" REMOVE {', '.join(f'#{name}' for name in emptied)}" if emptied else "")
    )
    condition = f"#version = :was AND {OPEN}" + (f" AND {NEVER_PEOPLED}" if saved.identifier != was.identifier else "")
    values = {**{f":{name}": value for name, value in kept.items()}, ":was": was.version}
    write = rows.update(keys.contract(saved.org, saved.id), change, condition, values)
    write["Update"]["ExpressionAttributeNames"] = {f"#{name}": name for name in facts}
    return write


def _transact(writes: list[dict[str, Any]]) -> None:
    try:
        requests.transact(writes)
    except requests.TransactionFailed:
        raise ChangedMeanwhile from None
