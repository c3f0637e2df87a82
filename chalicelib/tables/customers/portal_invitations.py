"""Portal invitations of customers: the link, the record of a sent e-mail, and the next reminder."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from chalicelib.config import config
from chalicelib.rules import times
from chalicelib.rules.customers import Customer
from chalicelib.rules.messages import Message
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.tables import dynamodb, keys, messages
from chalicelib.tables.conditions import THERE, Update, as_read, below, equals
from chalicelib.tables.customers.lists import list_writes
from chalicelib.tables.customers.rows import CUSTOMERS, INDEXED, customer_from, customer_item, due_at
from chalicelib.tables.saves import save_write

NONE_DUE = {"remind_at": None, "due": None, "due_at": None}


def every(org: str) -> Iterator[Customer]:
    """Yield all customers by name, with one query per megabyte."""
    found = dynamodb.query(
        TableName=config().records_table,
        IndexName="directory",
        KeyConditionExpression="directory = :org",
        ExpressionAttributeValues={":org": {"S": org}},
    )
    return (customer_from(row) for row in found)


def find(org: str, ids: Iterable[str]) -> dict[str, Customer]:
    """Return the existing ones of up to a hundred customers, by id, in one request."""
    found = dynamodb.batch_get({config().records_table: [keys.customer(org, id) for id in ids]})
    return {customer.id: customer for customer in map(customer_from, (row for row in found.values() if "directory" in row))}


def replace_link(org: str, id: str, version: int) -> None:
    """Invalidate the links below this version. A newer version stays. Nothing to do for a deleted customer."""
    change, older = Update().set(link_version=version).add(version=1), THERE & below("link_version", version)
    try:
        dynamodb.update(config().records_table, keys.customer(org, id), change, older, want="NONE")
    except dynamodb.ConditionFailed:
        return


def note_sent(message: Message, customer: Customer, *, was: Customer) -> bool:
    """Write the customer after a sent e-mail, once for each e-mail. False when it was written before.

    Raises ChangedMeanwhile when the customer has changed since it was read, or is gone.
    """
    row = customer_item(replace(customer, version=was.version + 1))
    put = save_write(config().records_table, row, CUSTOMERS.attributes | INDEXED, as_read(was.version))
    try:
        dynamodb.transact([put, messages.note_write(message), *list_writes(customer, was=was)])
    except dynamodb.TransactionFailed as failed:
        if failed.reasons[1] is not None:
            return False
        raise ChangedMeanwhile from None
    return True


def reschedule_reminder(customer: Customer, at: datetime | None) -> bool:
    """Set when the schedule checks the customer again (None: never). False when that was changed meanwhile, or no reminder is pending."""
    as_seen = equals("remind_at", times.written(customer.remind_at) if customer.remind_at else "")
    moved = {"remind_at": times.written(at), "due": keys.clock("portal", customer.org), "due_at": due_at(customer, at)} if at else NONE_DUE
    change = Update().set(**moved).add(version=1)
    try:
        dynamodb.update(config().records_table, keys.customer(customer.org, customer.id), change, as_seen, want="NONE")
    except dynamodb.ConditionFailed:
        return False
    return True
