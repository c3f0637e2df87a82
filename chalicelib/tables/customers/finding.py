"""Customers are found by id, by address (its row names the customer) and by name (index directory)."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from chalicelib.rules.addresses import compared
from chalicelib.rules.customers import Customer, beginnings
from chalicelib.rules.refusals import NotFound
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.customers.rows import customer_from
from chalicelib.tables.items import Item

LONGEST_PAGE = 500
MOST_AT_ONCE = 100


def get(org: str, own: str) -> Customer:
    """Return the customer, or NotFound."""
    found = requests.get(settings().records_table, keys.customer(org, own))
    if not found:
        raise NotFound
    return customer_from(found)


def of_address(org: str, email: str) -> Customer | None:
    """Return the customer with this address."""
    found = requests.get(settings().records_table, keys.address(org, email))
    return get(org, found["customer"]["S"]) if found and "customer" in found else None


def of_addresses(org: str, emails: Iterable[str]) -> dict[str, Customer]:
    """Return the customers who have one of these addresses, by the address as it is compared."""
    named = _found(keys.address(org, email) for email in emails)
    owners = [entry["customer"]["S"] for entry in named if "customer" in entry]
    known = map(customer_from, _found(keys.customer(org, own) for own in owners))
    return {compared(customer.email): customer for customer in known}


def _found(wanted: Iterable[keys.Key]) -> Iterator[Item]:
    waiting = iter(wanted)
    while some := list(islice(waiting, MOST_AT_ONCE)):
        yield from requests.batch_get({settings().records_table: some}).values()


def page(org: str, *, q: str, limit: int, start: Item | None) -> tuple[list[Customer], Item | None]:
    """Return customers by name, those of whom each word of `q` begins the address or a word of a name."""
    words = {f":q{place}": {"S": word} for place, word in enumerate(beginnings(q))}
    asked: dict[str, Any] = {
        "TableName": settings().records_table,
        "IndexName": "directory",
        "KeyConditionExpression": "directory = :org",
        "ExpressionAttributeValues": {":org": {"S": org}, **words},
        "Limit": LONGEST_PAGE if words else limit,
        **({"FilterExpression": " AND ".join(f"contains(sought, {name})" for name in words)} if words else {}),
    }
    found: list[Item] = []
    while True:
        items, start = requests.query_page(**asked, **({"ExclusiveStartKey": start} if start else {}))
        found += items
        if len(found) > limit:
            return [customer_from(entry) for entry in found[:limit]], _place(found[limit - 1])
        if not start or len(found) == limit:
            return [customer_from(entry) for entry in found], start


def _place(entry: Item) -> Item:
    """Return where the index goes on after this customer."""
    return {name: entry[name] for name in ("pk", "sk", "directory", "directory_at")}
