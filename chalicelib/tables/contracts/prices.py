"""Prices of a contract: a row each, and a guard row that makes the price code unique."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from chalicelib.config import config
from chalicelib.rules.contracts import ContractPrice, PriceCodeTaken
from chalicelib.rules.refusals import ChangedMeanwhile, NotFound
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.conditions import NEW, THERE, as_read
from chalicelib.tables.contracts import rows
from chalicelib.tables.contracts.contracts import open_check
from chalicelib.tables.items import Item
from chalicelib.tables.saves import save_write


def create_price(price: ContractPrice) -> None:
    """Write a new price; an existing one stays. Raises PriceCodeTaken, and NotFound when the contract is gone."""
    new = dynamodb.put_write(config().records_table, rows.price_item(price), NEW)
    try:
        dynamodb.transact([open_check(price.org, price.contract), new, rows.guard(_code(price), price.id)])
    except dynamodb.TransactionFailed as failed:
        contract, row, taken = failed.reasons
        if contract is not None:
            raise NotFound from None
        if row is None and taken:
            raise PriceCodeTaken(taken["holder"]["S"]) from None


def get_price(org: str, contract: str, id: str) -> ContractPrice:
    """Return the price. Raises NotFound."""
    found = dynamodb.get(config().records_table, keys.price(org, contract, id))
    if not found:
        raise NotFound
    return rows.price_from(org, contract, found)


def prices(org: str, contract: str) -> Iterator[ContractPrice]:
    """Return all prices of the contract."""
    return (rows.price_from(org, contract, row) for row in dynamodb.query(**_all(org, contract)))


def save_price(price: ContractPrice, *, was: ContractPrice) -> ContractPrice:
    """Write the edited price over the version that was read. Raises ChangedMeanwhile, PriceCodeTaken."""
    saved = replace(price, version=was.version + 1)
    writes = [save_write(config().records_table, rows.price_item(saved), rows.PRICES.attributes, as_read(was.version))]
    if _code(saved) != _code(was):
        writes += [rows.guard(_code(saved), saved.id), rows.unguard(_code(was), was.id)]
    try:
        dynamodb.transact(writes)
    except dynamodb.TransactionFailed as failed:
        if failed.reasons[0] is None and failed.reasons[1]:
            raise PriceCodeTaken(failed.reasons[1]["holder"]["S"]) from None
        raise ChangedMeanwhile from None
    return saved


def delete_price(price: ContractPrice) -> None:
    """Delete the price and free its price code. Raises ChangedMeanwhile."""
    key = keys.price(price.org, price.contract, price.id)
    dynamodb.sign(config().records_table, key)
    row = dynamodb.delete_write(config().records_table, key, as_read(price.version))
    try:
        dynamodb.transact([row, rows.unguard(_code(price), price.id)])
    except dynamodb.TransactionFailed:
        raise ChangedMeanwhile from None


def price_check(price: ContractPrice) -> dict[str, Any]:
    """Return the condition check that the price exists."""
    return dynamodb.check(config().records_table, keys.price(price.org, price.contract, price.id), THERE)


def _code(price: ContractPrice) -> keys.Key:
    return keys.price_code(price.org, price.contract, price.code)


def _all(org: str, contract: str) -> Item:
    return {
        "TableName": config().records_table,
        "KeyConditionExpression": "pk = :contract AND begins_with(sk, :prices)",
        "ExpressionAttributeValues": {":contract": {"S": keys.under_contract(org, contract)}, ":prices": {"S": keys.PRICE}},
        "ConsistentRead": True,
    }
