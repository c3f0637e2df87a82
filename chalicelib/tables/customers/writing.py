"""Customers are written with their address: it names them, so that each has one."""

from dataclasses import replace
from typing import Any

from chalicelib.rules.customers import Customer, CustomerExists
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.customers.rows import customer_item
from chalicelib.tables.items import Item, stored

NEW = "attribute_not_exists(pk)"
AS_READ = "version = :version"
ADDRESS_FREE_OR_MINE = "attribute_not_exists(customer) OR customer = :own"
MINE = "customer = :own"


def create(customer: Customer) -> None:
    """Write a new customer. Raises CustomerExists when the address is somebody's."""
    try:
        requests.transact([_put(customer, NEW, {}), _take_address(customer)])
    except requests.TransactionFailed as failed:
        row, address = failed.reasons
        if address:
            raise CustomerExists(address["customer"]["S"]) from None
        if row:
            raise CustomerExists(customer.id) from None
        raise ChangedMeanwhile from None


def save(customer: Customer, *, was: Customer) -> Customer:
    """Write the edited customer over the version that was read. Raises ChangedMeanwhile, CustomerExists.

    With another address every portal link is dead that went to the one before: it must not open an account for the new one.
    """
    moved = keys.address(customer.org, customer.email) != keys.address(was.org, was.email)
    saved = replace(customer, version=was.version + 1, link_version=was.link_version + 1 if moved else customer.link_version)
    writes = [_put(saved, AS_READ, {":version": stored(was.version)})]
    if moved:
        writes += [_take_address(saved), _leave_address(was)]
    try:
        requests.transact(writes)
    except requests.TransactionFailed as failed:
        if len(failed.reasons) > 1 and failed.reasons[1]:
            raise CustomerExists(failed.reasons[1]["customer"]["S"]) from None
        raise ChangedMeanwhile from None
    return saved


def _put(customer: Customer, condition: str, values: Item) -> dict[str, Any]:
    write: dict[str, Any] = {"TableName": settings().records_table, "Item": customer_item(customer), "ConditionExpression": condition}
    return {"Put": {**write, "ExpressionAttributeValues": values} if values else write}


def _take_address(customer: Customer) -> dict[str, Any]:
    return _address(customer, "SET customer = :own", ADDRESS_FREE_OR_MINE)


def _leave_address(customer: Customer) -> dict[str, Any]:
    return _address(customer, "REMOVE customer", MINE)


def _address(customer: Customer, change: str, condition: str) -> dict[str, Any]:
    return {
        "Update": {
            "TableName": settings().records_table,
            "Key": keys.address(customer.org, customer.email).stored(),
            "UpdateExpression": change,
            "ConditionExpression": condition,
            "ExpressionAttributeValues": {":own": stored(customer.id)},
        }
    }
