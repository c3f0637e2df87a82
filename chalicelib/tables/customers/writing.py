"""Customers are written with their address: it names them, so that each has one."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.rules import times
from chalicelib.rules.customers import Customer, CustomerExists
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.customers.groups import still_there
from chalicelib.tables.customers.rows import customer_item
from chalicelib.tables.items import Item, stored

NEW = "attribute_not_exists(pk)"
AS_READ = "version = :version"
ADDRESS_FREE_OR_MINE = "attribute_not_exists(customer) OR customer = :own"
MINE = "customer = :own"


def create(customer: Customer) -> None:
    """Write a new customer. Raises CustomerExists when the address is somebody's, ChangedMeanwhile when a group is gone."""
    try:
        requests.transact([_put(customer, NEW, {}), _take_address(customer), *still_there(customer.org, customer.groups)])
    except requests.TransactionFailed as failed:
        row, address, *_ = failed.reasons
        if address:
            raise CustomerExists(address["customer"]["S"]) from None
        if row:
            raise CustomerExists(customer.id) from None
        raise ChangedMeanwhile from None


def save(customer: Customer, *, was: Customer) -> Customer:
    """Write the edited customer over the version that was read. Raises ChangedMeanwhile, also when a group is gone, and CustomerExists."""
    moved = keys.address(customer.org, customer.email) != keys.address(was.org, was.email)
    saved = replace(customer, version=was.version + 1)
    writes = [_put(saved, AS_READ, {":version": stored(was.version)})]
    if moved:
        writes += [_take_address(saved), _leave_address(was)]
    writes += still_there(saved.org, [own for own in saved.groups if own not in was.groups])
    try:
        requests.transact(writes)
    except requests.TransactionFailed as failed:
        if moved and failed.reasons[1]:
            raise CustomerExists(failed.reasons[1]["customer"]["S"]) from None
        raise ChangedMeanwhile from None
    return saved


def merge(merged: Customer, survivor: Customer, *, was: Customer, now: datetime) -> Customer:
    """Let `merged` become one with `survivor`, which was read as `was`: both rows and every address of it, or nothing.

    The row of the merged one says where it went. Raises ChangedMeanwhile.
    """
    saved = replace(survivor, version=was.version + 1)
    gone = {**keys.customer(merged.org, merged.id).stored(), "merged_into": stored(saved.id), "merged_at": stored(times.written(now))}
    end = {"TableName": settings().records_table, "Item": gone, "ConditionExpression": AS_READ}
    writes = [
        _put(saved, AS_READ, {":version": stored(was.version)}),
        {"Put": {**end, "ExpressionAttributeValues": {":version": stored(merged.version)}}},
        *(_hand_over(email, merged, saved) for email in {keys.address(merged.org, one): one for one in theirs(merged)}.values()),
    ]
    try:
        requests.transact(writes)
    except requests.TransactionFailed:
        raise ChangedMeanwhile from None
    return saved


def theirs(customer: Customer) -> list[str]:
    """Return the addresses whose rows name the customer."""
    wanted = {keys.address(customer.org, email): email for email in (customer.email, *customer.addresses)}
    found = requests.batch_get({settings().records_table: list(wanted)})
    return [email for key, email in wanted.items() if found.get(key, {}).get("customer") == stored(customer.id)]


def _put(customer: Customer, condition: str, values: Item) -> dict[str, Any]:
    write: dict[str, Any] = {"TableName": settings().records_table, "Item": customer_item(customer), "ConditionExpression": condition}
    return {"Put": {**write, "ExpressionAttributeValues": values} if values else write}


def _take_address(customer: Customer) -> dict[str, Any]:
    return _address(customer, "SET customer = :own", ADDRESS_FREE_OR_MINE)


def _leave_address(customer: Customer) -> dict[str, Any]:
    return _address(customer, "REMOVE customer", MINE)


def _hand_over(email: str, merged: Customer, survivor: Customer) -> dict[str, Any]:
    found = _address(replace(merged, email=email), "SET customer = :survivor", MINE)
    found["Update"]["ExpressionAttributeValues"][":survivor"] = stored(survivor.id)
    return found


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
