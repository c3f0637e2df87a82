"""The rows that lead to a customer: by words (`search`), by status and by group (`lists`); and whether all customers have them.

Customers of an earlier version have none, or only those of their words. The recount writes the missing ones.
"""

from typing import Any, NamedTuple

from chalicelib.config import config
from chalicelib.rules.customers import Customer, search_text
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.conditions import ALWAYS, Update, as_read
from chalicelib.tables.customers.lists import list_writes
from chalicelib.tables.customers.portal_invitations import find
from chalicelib.tables.customers.rows import customer_from
from chalicelib.tables.customers.search import MOST_AT_ONCE, word_writes
from chalicelib.tables.items import Item, stored

INDEXED_AT_A_TIME = 2_000
"""Customers of an earlier version whose rows one recount writes."""
TRIES = 5


class Indexed(NamedTuple):
    """Which rows all customers of an organisation have."""

    words: bool
    lists: bool


def index_writes(customer: Customer | None, *, was: Customer | None = None) -> list[dict[str, Any]]:
    """Return the writes that replace all rows that lead to a customer. They belong into the transaction that writes the customer."""
    return [*word_writes(customer, was=was), *list_writes(customer, was=was)]


def indexed(org: str) -> Indexed:
    """Return which rows all customers have. An earlier version wrote those of words only, under a mark of its own."""
    of_words, of_all = keys.customers_searchable(org), keys.customers_listed(org)
    found = dynamodb.batch_get({config().records_table: [of_words, of_all]}, consistent=False)
    lists = "complete" in found.get(of_all, {})
    return Indexed(lists or "complete" in found.get(of_words, {}), lists)


def note_indexed(org: str) -> None:
    """Note that all customers have their rows: of a new organisation, which has none."""
    _note_progress(org, None)


def write_missing(org: str) -> int:
    """Write the rows of customers that an earlier version has stored, up to `INDEXED_AT_A_TIME`, and return how many were written.

    The next call goes on, also after an exception.
    """
    noted = dynamodb.get(config().records_table, keys.customers_listed(org)) or {}
    if "complete" in noted:
        return 0
    start = noted["after"]["M"] if "after" in noted else None
    written = 0
    while written < INDEXED_AT_A_TIME:
        items, start = dynamodb.query_page(
            TableName=config().records_table,
            IndexName="directory",
            KeyConditionExpression="directory = :org",
            ExpressionAttributeValues={":org": stored(org)},
            Limit=MOST_AT_ONCE,
            start=start,
        )
        written += sum(_index(customer_from(row)) for row in items)
        _note_progress(org, start)
        if not start:
            break
    return written


def _index(customer: Customer) -> bool:
    """Write the searched text and the rows of a customer, as it is now. False if it is gone.

    An edit since it was read has written none of them but those that it changed. Raises ChangedMeanwhile if it never stops changing.
    """
    for _ in range(TRIES):
        text = Update().set(sought=search_text(customer))
        row = dynamodb.update_write(config().records_table, keys.customer(customer.org, customer.id), text, as_read(customer.version))
        try:
            dynamodb.transact([row, *index_writes(customer)])
        except dynamodb.TransactionFailed:
            known = find(customer.org, [customer.id])
            if customer.id not in known:
                return False
            customer = known[customer.id]
        else:
            return True
    raise ChangedMeanwhile


def _note_progress(org: str, after: Item | None) -> None:
    noted: Item = {"after": {"M": after}} if after else {"complete": {"BOOL": True}}
    dynamodb.put(config().records_table, {**keys.customers_listed(org).stored(), **noted}, ALWAYS)
