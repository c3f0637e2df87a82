"""A contract's row, and the one item with the terms of all contracts. Both change in one transaction, so that prefixes are unique.

Deletion closes a contract first: from then on it is not found any more, and nothing can be added to it.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple

from chalicelib.config import config
from chalicelib.rules.contracts import Contract, ContractHasParticipants, ContractInUse, ContractPrice, ContractTerms, check_room
from chalicelib.rules.refusals import Busy, ChangedMeanwhile, NotFound
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.conditions import ALWAYS, NEW, THERE, Update, absent, as_read, equals
from chalicelib.tables.contracts import rows
from chalicelib.tables.items import Item, item, plain
from chalicelib.tables.organisations import organisation_from

OPEN = THERE & absent("closing")
NEVER_ISSUED = absent("issued")
NEVER_PEOPLED = absent("peopled")
GONE_OR_CLOSED = NEW | equals("closing", True)
MOST_IN_A_TRANSACTION = 100
ATTEMPTS = 8


class _Known(NamedTuple):
    """The terms of all contracts, as read."""

    of: dict[str, ContractTerms]
    version: int


def terms(org: str) -> dict[str, ContractTerms]:
    """Return the terms of all contracts, by contract id."""
    return _known(org).of


def terms_of(found: Item | None) -> dict[str, ContractTerms]:
    """Return the terms in an item that was read with other items."""
    return {id: rows.TERMS.read(terms) for id, terms in plain(found)["contracts"].items()} if found else {}


def create(contract: Contract) -> None:
    """Write a new contract; an existing one stays. Raises PrefixTaken, TooManyContracts."""
    row = dynamodb.put_write(config().records_table, rows.contract_item(contract), NEW)
    with suppress(dynamodb.TransactionFailed):
        _write_with_terms(contract.org, row, lambda known: _among(known, contract))


def get(org: str, id: str) -> Contract:
    """Return the contract. Raises NotFound, for one that is being deleted too."""
    found = _row(org, id)
    if "closing" in found:
        raise NotFound
    return rows.contract_from(org, found)


def get_with_price(org: str, id: str, price: str) -> tuple[Contract, ContractPrice | None, str]:
    """Return the contract, one of its prices (None for an unknown one), and the organisation's time zone, in one request.

    Raises NotFound for the contract.
    """
    of_contract, of_price, of_org = keys.contract(org, id), keys.price(org, id, price), keys.organisation(org)
    found = dynamodb.batch_get({config().records_table: [of_contract, of_price, of_org]})
    if of_org not in found or "closing" in found.get(of_contract, {"closing": {}}):
        raise NotFound
    priced = rows.price_from(org, id, found[of_price]) if of_price in found else None
    return rows.contract_from(org, found[of_contract]), priced, organisation_from(found[of_org]).time_zone


def every(org: str) -> list[Contract]:
    """Return all contracts by name."""
    found = dynamodb.query(
        TableName=config().records_table,
        KeyConditionExpression="pk = :contracts",
        FilterExpression="attribute_not_exists(closing)",
        ExpressionAttributeValues={":contracts": {"S": keys.contract(org, "").pk}},
        ConsistentRead=True,
    )
    return sorted((rows.contract_from(org, row) for row in found), key=lambda contract: (contract.name.casefold(), contract.id))


def save(contract: Contract, *, was: Contract) -> Contract:
    """Write the edited contract over the version that was read. Raises ChangedMeanwhile, PrefixTaken, ContractHasParticipants."""
    saved = replace(contract, version=was.version + 1)
    edit = _edit(saved, was)
    try:
        if saved.terms == was.terms:
            dynamodb.transact([edit])
        else:
            _write_with_terms(saved.org, edit, lambda known: _among(known, saved))
    except dynamodb.TransactionFailed as failed:
        old = failed.reasons[0]
        if old and "peopled" in old and plain(old)["version"] == was.version and saved.identifier != was.identifier:
            raise ContractHasParticipants from None
        raise ChangedMeanwhile from None
    return saved


def close(org: str, id: str, *, expected: int | None) -> None:
    """Start the deletion of a contract: it is not found any more, and its prefix is free. Idempotent.

    Raises NotFound; ContractInUse when codes were ever issued under it; ChangedMeanwhile when it is of another version.
    """
    found = _row(org, id)
    if "closing" in found:
        return
    contract = rows.contract_from(org, found)
    if contract.issued:
        raise ContractInUse
    if expected not in {None, contract.version}:
        raise ChangedMeanwhile
    table, as_seen = config().records_table, as_read(contract.version) & NEVER_ISSUED
    closing = dynamodb.update_write(table, keys.contract(org, id), Update().set(closing=True), as_seen)
    try:
        _write_with_terms(org, closing, lambda known: {one: terms for one, terms in known.items() if one != id})
    except dynamodb.TransactionFailed:
        raise ChangedMeanwhile from None


def remove(org: str, id: str) -> None:
    """Delete a closed contract with all its rows; its own row goes last, so that an interrupted deletion can be repeated.

    Raises NotFound when it is gone, or not closed.
    """
    if "closing" not in _row(org, id):
        raise NotFound
    read = dynamodb.query(
        TableName=config().records_table,
        KeyConditionExpression="pk = :contract",
        ProjectionExpression="pk, sk",
        ExpressionAttributeValues={":contract": {"S": keys.under_contract(org, id)}},
        ConsistentRead=True,
    )
    table, found = config().records_table, [keys.Key(row["pk"]["S"], row["sk"]["S"]) for row in read]
    for first in range(0, len(found), MOST_IN_A_TRANSACTION):
        dynamodb.transact(dynamodb.delete_write(table, key, ALWAYS) for key in found[first : first + MOST_IN_A_TRANSACTION])
    dynamodb.transact([dynamodb.delete_write(table, keys.contract(org, id), GONE_OR_CLOSED)])


def codes_write(contract: Contract) -> dict[str, Any]:
    """Return the write that records that codes are issued under the contract. Its condition fails when the contract is gone."""
    table, key = config().records_table, keys.contract(contract.org, contract.id)
    return dynamodb.check(table, key, OPEN) if contract.issued else dynamodb.update_write(table, key, Update().set(issued=True), OPEN)


def participants_write(contract: Contract) -> dict[str, Any]:
    """Return the write that records that the contract has participants, by its present identifier. Its condition fails when the
    identifier has changed since, or the contract is gone.
    """
    table, key = config().records_table, keys.contract(contract.org, contract.id)
    same_identifier = OPEN & equals("identifier", contract.identifier)
    if contract.peopled:
        return dynamodb.check(table, key, same_identifier)
    return dynamodb.update_write(table, key, Update().set(peopled=True), same_identifier)


def open_check(org: str, id: str) -> dict[str, Any]:
    """Return the condition check that the contract exists and is not closed."""
    return dynamodb.check(config().records_table, keys.contract(org, id), OPEN)


def _write_with_terms(org: str, write: dict[str, Any], change: Callable[[dict[str, ContractTerms]], dict[str, ContractTerms]]) -> None:
    """Write a contract's row and the item with all terms in one transaction. Retries when another contract changed the item.

    Raises TransactionFailed when the row's own condition does not hold.
    """
    for _ in range(ATTEMPTS):
        known = _known(org)
        try:
            return dynamodb.transact([write, _terms_write(org, change(known.of), known.version)])
        except dynamodb.TransactionFailed as failed:
            if failed.reasons[0] is not None:
                raise
    raise Busy


def _among(known: dict[str, ContractTerms], contract: Contract) -> dict[str, ContractTerms]:
    check_room(contract, known)
    return {**known, contract.id: contract.terms}


def _row(org: str, id: str) -> Item:
    found = dynamodb.get(config().records_table, keys.contract(org, id))
    if not found:
        raise NotFound
    return found


def _known(org: str) -> _Known:
    found = dynamodb.get(config().records_table, keys.contract_terms(org))
    return _Known(terms_of(found), plain(found)["version"] if found else 0)


def _terms_write(org: str, changed: dict[str, ContractTerms], was: int) -> dict[str, Any]:
    """Return the write of all terms over those of the version that was read, 0 when there were none."""
    contracts = {id: rows.TERMS.write(terms) for id, terms in changed.items()}
    row = {**keys.contract_terms(org).stored(), **item({"contracts": contracts, "version": was + 1})}
    return dynamodb.put_write(config().records_table, row, as_read(was) if was else NEW)


def _edit(saved: Contract, was: Contract) -> dict[str, Any]:
    condition = as_read(was.version) & OPEN
    if saved.identifier != was.identifier:
        condition &= NEVER_PEOPLED
    change = Update().set(**rows.contract_changes(saved))
    return dynamodb.update_write(config().records_table, keys.contract(saved.org, saved.id), change, condition)
