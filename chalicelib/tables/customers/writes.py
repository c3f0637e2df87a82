"""Writes of customers, each with the rows of its addresses, so that an address belongs to one customer."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.config import config
from chalicelib.rules import times
from chalicelib.rules.customers import Customer, CustomerExists
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.conditions import NEW, Condition, Update, absent, as_read, equals
from chalicelib.tables.customers.groups import group_checks
from chalicelib.tables.customers.index import index_writes
from chalicelib.tables.customers.other_addresses import addresses_change, naming_write
from chalicelib.tables.customers.rows import CUSTOMERS, INDEXED, customer_item
from chalicelib.tables.items import stored
from chalicelib.tables.quotas import QuotaReached
from chalicelib.tables.saves import save_write

MOST_CHECKED = 50
"""Groups that one transaction checks, beside the rows that lead to the customer."""


def create(customer: Customer, beside: Sequence[dict[str, Any]] = ()) -> None:
    """Write a new customer, counted by `beside` where a quota counts.

    Raises CustomerExists when another customer has the address, ChangedMeanwhile when a group is gone, QuotaReached.
    """
    writes = [_put_new(customer), _take_address(customer), *group_checks(customer.org, customer.groups), *index_writes(customer)]
    try:
        dynamodb.transact([*writes, *beside])
    except dynamodb.TransactionFailed as failed:
        row, address, *_ = failed.reasons
        if address:
            raise CustomerExists(address["customer"]["S"]) from None
        if row:
            raise CustomerExists(customer.id) from None
        if beside and failed.reasons[-1] is not None:
            raise QuotaReached from None
        raise ChangedMeanwhile from None


def save(customer: Customer, *, was: Customer, beside: Sequence[dict[str, Any]] = ()) -> Customer:
    """Write the edited customer over the version that was read. Raises ChangedMeanwhile, also when a group is gone, and CustomerExists.

    An edit that is too much for one transaction, of every word and of dozens of groups, writes the groups first.
    """
    moved = keys.address(customer.org, customer.email) != keys.address(was.org, was.email)
    saved = replace(customer, version=was.version + 1)
    writes = [save_write(config().records_table, customer_item(saved), CUSTOMERS.attributes | INDEXED, as_read(was.version))]
    if moved:
        writes += _move_address(saved, was)
    writes += [*group_checks(saved.org, [id for id in saved.groups if id not in was.groups]), *index_writes(saved, was=was), *beside]
    if len(writes) > dynamodb.MOST_WRITES and customer.groups != was.groups:
        return save(customer, was=save(replace(was, groups=_some_groups(customer, was)), was=was), beside=beside)
    try:
        dynamodb.transact(writes)
    except dynamodb.TransactionFailed as failed:
        if moved and failed.reasons[1]:
            raise CustomerExists(failed.reasons[1]["customer"]["S"]) from None
        raise ChangedMeanwhile from None
    return saved


def _some_groups(customer: Customer, was: Customer) -> tuple[str, ...]:
    """Return so many of the groups of an edited customer as one transaction can check."""
    late = [id for id in customer.groups if id not in was.groups][MOST_CHECKED:]
    return tuple(id for id in customer.groups if id not in late)


def merge(merged: Customer, survivor: Customer, *, was: Customer, now: datetime) -> Customer:
    """Merge `merged` into `survivor`, which was read as `was`: both rows and all addresses change in one transaction.

    The merged customer's row names the survivor, and the row of each address names them all. A merge that is too much for one
    transaction, of every word and of many groups, hands the groups over first. Raises ChangedMeanwhile.
    """
    saved = replace(survivor, version=was.version + 1)
    kept, gained = linked_addresses(was), linked_addresses(merged)
    everything = [*kept, *gained]
    gone = {**keys.customer(merged.org, merged.id).stored(), "merged_into": stored(saved.id), "merged_at": stored(times.written(now))}
    writes = [
        save_write(config().records_table, customer_item(saved), CUSTOMERS.attributes | INDEXED, as_read(was.version)),
        dynamodb.put_write(config().records_table, gone, as_read(merged.version)),
        *(naming_write(saved.org, email, saved.id, everything) for email in kept),
        *(_assign_address(email, merged, saved, everything) for email in gained),
        *index_writes(saved, was=was),
        *index_writes(None, was=merged),
    ]
    if len(writes) > dynamodb.MOST_WRITES and merged.groups:
        grouped = save(replace(was, groups=survivor.groups), was=was)
        return merge(save(replace(merged, groups=()), was=merged), survivor, was=grouped, now=now)
    try:
        dynamodb.transact(writes)
    except dynamodb.TransactionFailed:
        raise ChangedMeanwhile from None
    return saved


def delete(customer: Customer) -> None:
    """Delete the customer and free its addresses; their e-mail preferences stay. Raises ChangedMeanwhile."""
    addresses = linked_addresses(customer)
    dynamodb.sign(config().records_table, keys.customer(customer.org, customer.id))
    row = dynamodb.delete_write(config().records_table, keys.customer(customer.org, customer.id), as_read(customer.version))
    try:
        left = [_leave_address(replace(customer, email=email)) for email in addresses]
        dynamodb.transact([row, *left, *index_writes(None, was=customer)])
    except dynamodb.TransactionFailed:
        raise ChangedMeanwhile from None


def linked_addresses(customer: Customer) -> list[str]:
    """Return the addresses whose rows name the customer, each once, the main one first."""
    wanted: dict[keys.Key, str] = {}
    for email in (customer.email, *customer.addresses):
        wanted.setdefault(keys.address(customer.org, email), email)
    found = dynamodb.batch_get({config().records_table: list(wanted)})
    return [email for key, email in wanted.items() if found.get(key, {}).get("customer") == stored(customer.id)]


def _put_new(customer: Customer) -> dict[str, Any]:
    return dynamodb.put_write(config().records_table, customer_item(customer), NEW)


def _take_address(customer: Customer) -> dict[str, Any]:
    free_or_mine = absent("customer") | _names(customer)
    return _address(customer, Update().set(customer=customer.id), free_or_mine)


def _leave_address(customer: Customer) -> dict[str, Any]:
    return _address(customer, Update().remove("customer", "addresses"), _names(customer))


def _move_address(saved: Customer, was: Customer) -> list[dict[str, Any]]:
    """Return the writes that take the new main address, leave the former one, and name the new one on the rows of all others."""
    ends = {keys.address(saved.org, saved.email), keys.address(was.org, was.email)}
    others = [email for email in linked_addresses(was) if keys.address(was.org, email) not in ends] if was.addresses else []
    addresses = [saved.email, *others]
    take = _address(saved, addresses_change(addresses).set(customer=saved.id), absent("customer") | _names(saved))
    return [take, _leave_address(was), *(naming_write(saved.org, email, saved.id, addresses) for email in others)]


def _assign_address(email: str, merged: Customer, survivor: Customer, addresses: list[str]) -> dict[str, Any]:
    return _address(replace(merged, email=email), addresses_change(addresses).set(customer=survivor.id), _names(merged))


def _names(customer: Customer) -> Condition:
    """The row of an address names the customer."""
    return equals("customer", customer.id)


def _address(customer: Customer, change: Update, condition: Condition) -> dict[str, Any]:
    return dynamodb.update_write(config().records_table, keys.address(customer.org, customer.email), change, condition)
