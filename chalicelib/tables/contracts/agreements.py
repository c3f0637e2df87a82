"""A contract's own row, and the one item with the terms of all: both change in one transaction, so that no prefix is used twice.

A contract that is being deleted is closed first: from then on it is nobody's any more, and nothing is added to it.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple

from chalicelib.rules.contracts import Contract, ContractHasParticipants, ContractInUse, Price, Terms, check_room
from chalicelib.rules.refusals import Busy, ChangedMeanwhile, NotFound
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
ATTEMPTS = 8


class _Known(NamedTuple):
    """The terms of all contracts, as read."""

    of: dict[str, Terms]
    version: int


def terms(org: str) -> dict[str, Terms]:
    """Return the terms of every contract by its id."""
    return _known(org).of


def terms_of(found: Item | None) -> dict[str, Terms]:
    """Return the terms that the item holds which was read with other things."""
    return {own: rows.terms_from(terms) for own, terms in plain(found)["contracts"].items()} if found else {}


def create(contract: Contract) -> None:
    """Write a new contract; one that was written before stands. Raises PrefixTaken, TooManyContracts."""
    with suppress(requests.TransactionFailed):
        _write_with_terms(contract.org, rows.put(rows.contract_item(contract), NEW), lambda known: _among(known, contract))


def get(org: str, own: str) -> Contract:
    """Return the contract, or NotFound; one that is being deleted is not found either."""
    found = _row(org, own)
    if "closing" in found:
        raise NotFound
    return rows.contract_from(org, found)


def get_with_price(org: str, own: str, price: str) -> tuple[Contract, Price | None]:
    """Return the contract and one of its prices, if there is that price, in one request. Raises NotFound for the contract."""
    of_contract, of_price = keys.contract(org, own), keys.price(org, own, price)
    found = requests.batch_get({settings().records_table: [of_contract, of_price]})
    if "closing" in found.get(of_contract, {"closing": {}}):
        raise NotFound
    return rows.contract_from(org, found[of_contract]), rows.price_from(org, own, found[of_price]) if of_price in found else None


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
    edit = _edit(saved, was)
    try:
        if saved.terms == was.terms:
            requests.transact([edit])
        else:
            _write_with_terms(saved.org, edit, lambda known: _among(known, saved))
    except requests.TransactionFailed as failed:
        old = failed.reasons[0]
        if old and "peopled" in old and plain(old)["version"] == was.version and saved.identifier != was.identifier:
            raise ContractHasParticipants from None
        raise ChangedMeanwhile from None
    return saved


def close(org: str, own: str, *, expected: int | None) -> None:
    """Begin to delete a contract: nobody finds it any more, and its prefix is free. It may be done again.

    Raises NotFound; ContractInUse when codes were ever issued under it; ChangedMeanwhile when it is of another version.
    """
    found = _row(org, own)
    if "closing" in found:
        return
    contract = rows.contract_from(org, found)
    if contract.issued:
        raise ContractInUse
    if expected not in {None, contract.version}:
        raise ChangedMeanwhile
    key, values = keys.contract(org, own), {":closing": True, ":version": contract.version}
    closing = rows.update(key, "SET closing = :closing", f"{AS_READ} AND {NEVER_ISSUED}", values)
    try:
        _write_with_terms(org, closing, lambda known: {one: terms for one, terms in known.items() if one != own})
    except requests.TransactionFailed:
        raise ChangedMeanwhile from None


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


def _write_with_terms(org: str, write: dict[str, Any], change: Callable[[dict[str, Terms]], dict[str, Terms]]) -> None:
    """Write to a contract's row and change the terms of all in one transaction; again when another contract's terms changed meanwhile.

    Raises TransactionFailed when the row's own condition does not hold.
    """
    for _ in range(ATTEMPTS):
        known = _known(org)
        try:
            return requests.transact([write, _terms_write(org, change(known.of), known.version)])
        except requests.TransactionFailed as failed:
            if failed.reasons[0] is not None:
                raise
    raise Busy


def _among(known: dict[str, Terms], contract: Contract) -> dict[str, Terms]:
    check_room(contract, known)
    return {**known, contract.id: contract.terms}


def _row(org: str, own: str) -> Item:
    found = requests.get(settings().records_table, keys.contract(org, own))
    if not found:
        raise NotFound
    return found


def _known(org: str) -> _Known:
    found = requests.get(settings().records_table, keys.contract_terms(org))
    return _Known(terms_of(found), plain(found)["version"] if found else 0)


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
