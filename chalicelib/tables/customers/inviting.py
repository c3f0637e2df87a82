"""Customers as they are invited to the portal: their link, the note that an e-mail went out, and when they are reminded."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from chalicelib.rules import times
from chalicelib.rules.customers import Customer
from chalicelib.rules.messages import Message
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.settings import settings
from chalicelib.tables import keys, messages, requests
from chalicelib.tables.customers.rows import customer_from, customer_item, due_at
from chalicelib.tables.items import stored

OLDER_LINK = "attribute_exists(pk) AND link_version < :version"
AS_READ = "version = :version"
WAITS_AS_SEEN = "remind_at = :seen"


def every(org: str) -> Iterator[Customer]:
    """Return all customers by name: a query for each megabyte."""
    found = requests.query(
        TableName=settings().records_table,
        IndexName="directory",
        KeyConditionExpression="directory = :org",
        ExpressionAttributeValues={":org": {"S": org}},
    )
    return (customer_from(entry) for entry in found)


def find(org: str, owns: Iterable[str]) -> dict[str, Customer]:
    """Return those that are there of up to a hundred customers, by id, in one request."""
    found = requests.batch_get({settings().records_table: [keys.customer(org, own) for own in owns]})
    return {customer.id: customer for customer in map(customer_from, (entry for entry in found.values() if "directory" in entry))}


def replace_link(org: str, own: str, version: int) -> None:
    """Let the links before this version be dead. One as new or newer stays, and somebody who is gone has none."""
    try:
        requests.update(
            settings().records_table,
            keys.customer(org, own),
            "SET link_version = :version, version = version + :one",
            OLDER_LINK,
            values={":version": stored(version), ":one": stored(1)},
            want="NONE",
        )
    except requests.ConditionFailed:
        return


def note_sent(message: Message, customer: Customer, *, was: Customer) -> bool:
    """Write what follows for the customer from an e-mail that was sent, once for each e-mail. False when that was noted before.

    Raises ChangedMeanwhile when the customer is another by now than was read, or gone.
    """
    row = {
        "TableName": settings().records_table,
        "Item": customer_item(replace(customer, version=was.version + 1)),
        "ConditionExpression": AS_READ,
        "ExpressionAttributeValues": {":version": stored(was.version)},
    }
    try:
        requests.transact([{"Put": row}, {"Update": messages.noting(message)}])
    except requests.TransactionFailed as failed:
        if failed.reasons[1] is not None:
            return False
        raise ChangedMeanwhile from None
    return True


def due(org: str, now: datetime, *, limit: int) -> list[str]:
    """Return the ids of customers whom the schedule is to look at by now, from the index."""
    found, _ = requests.query_page(
        TableName=settings().records_table,
        IndexName="due",
        KeyConditionExpression="due = :org AND due_at <= :now",
        ExpressionAttributeValues={":org": {"S": org}, ":now": {"S": f"{times.written(now)}#~"}},
        Limit=limit,
    )
    return [entry["sk"]["S"].removeprefix(keys.CUSTOMER) for entry in found]


def look_again(customer: Customer, at: datetime | None) -> bool:
    """Let the schedule look at the customer again then, or no more. False when somebody else has moved that, or it waits no more."""
    values = {":seen": stored(times.written(customer.remind_at)) if customer.remind_at else stored(""), ":one": stored(1)}
    change = "SET version = version + :one"
    if at:
        change += ", remind_at = :at, due_at = :due_at"
        values |= {":at": stored(times.written(at)), ":due_at": stored(due_at(customer, at))}
    else:
        change += " REMOVE remind_at, due, due_at"
    try:
        requests.update(
            settings().records_table, keys.customer(customer.org, customer.id), change, WAITS_AS_SEEN, values=values, want="NONE"
        )
    except requests.ConditionFailed:
        return False
    return True
