"""Prices of a contract: a row each, and a row that keeps its price code from the others."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from chalicelib.rules.contracts import Price, PriceCodeTaken
from chalicelib.rules.refusals import ChangedMeanwhile, NotFound
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.contracts import rows
from chalicelib.tables.contracts.agreements import AS_READ, NEW, open_check
from chalicelib.tables.items import Item

EXISTS = "attribute_exists(pk)"


def create_price(price: Price) -> None:
    """Write a new price; one that was written before stands. Raises PriceCodeTaken, and NotFound when the contract is gone."""
    writes = [open_check(price.org, price.contract), rows.put(rows.price_item(price), NEW), rows.guard(_code(price), price.id)]
    try:
        requests.transact(writes)
    except requests.TransactionFailed as failed:
        contract, row, taken = failed.reasons
        if contract is not None:
            raise NotFound from None
        if row is None and taken:
            raise PriceCodeTaken(taken["holder"]["S"]) from None


def get_price(org: str, contract: str, own: str) -> Price:
    """Return the price, or NotFound."""
    found = requests.get(settings().records_table, keys.price(org, contract, own))
    if not found:
        raise NotFound
    return rows.price_from(org, contract, found)


def prices(org: str, contract: str) -> Iterator[Price]:
    """Return all prices of the contract."""
    return (rows.price_from(org, contract, entry) for entry in requests.query(**_all(org, contract)))


def save_price(price: Price, *, was: Price) -> Price:
    """Write the edited price over the version that was read. Raises ChangedMeanwhile, PriceCodeTaken."""
    saved = replace(price, version=was.version + 1)
    writes = [rows.put(rows.price_item(saved), AS_READ, {":version": was.version})]
    if _code(saved) != _code(was):
        writes += [rows.guard(_code(saved), saved.id), rows.unguard(_code(was), was.id)]
    try:
        requests.transact(writes)
    except requests.TransactionFailed as failed:
        if failed.reasons[0] is None and failed.reasons[1]:
            raise PriceCodeTaken(failed.reasons[1]["holder"]["S"]) from None
        raise ChangedMeanwhile from None
    return saved


def delete_price(price: Price) -> None:
    """Delete the price as it was read, and give its price code back. Raises ChangedMeanwhile."""
    key = keys.price(price.org, price.contract, price.id)
    try:
        requests.transact([rows.delete(key, AS_READ, {":version": price.version}), rows.unguard(_code(price), price.id)])
    except requests.TransactionFailed:
        raise ChangedMeanwhile from None


def price_check(price: Price) -> dict[str, Any]:
    """Return the part of a transaction that lets it happen only while the price is there."""
    return rows.check(keys.price(price.org, price.contract, price.id), EXISTS)


def _code(price: Price) -> keys.Key:
    return keys.price_code(price.org, price.contract, price.code)


def _all(org: str, contract: str) -> Item:
    return {
        "TableName": settings().records_table,
        "KeyConditionExpression": "pk = :contract AND begins_with(sk, :prices)",
        "ExpressionAttributeValues": {":contract": {"S": keys.under_contract(org, contract)}, ":prices": {"S": keys.PRICE}},
        "ConsistentRead": True,
    }
