"""Queries for customers: by id, by address (whose row names the customer) and by name (index directory)."""

from collections.abc import Iterable, Iterator
from itertools import count, islice
from typing import Any

from chalicelib.config import config
from chalicelib.rules.addresses import compared
from chalicelib.rules.customers import Customer, CustomerMerged
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.customers.rows import customer_from
from chalicelib.tables.customers.search import LONGEST_PAGE, MOST_AT_ONCE, CustomerFilter, by_word, is_indexed
from chalicelib.tables.items import Item, stored

SAME = {"status": "#status = :status", "group": "contains(#groups, :group)"}


def get(org: str, id: str) -> Customer:
    """Return the customer. Raises NotFound, and CustomerMerged with the surviving customer."""
    found = dynamodb.get(config().records_table, keys.customer(org, id))
    if not found:
        raise NotFound
    if "merged_into" in found:
        raise CustomerMerged(found["merged_into"]["S"])
    return customer_from(found)


def of_address(org: str, email: str) -> Customer | None:
    """Return the customer with this address."""
    found = dynamodb.get(config().records_table, keys.address(org, email))
    return get(org, found["customer"]["S"]) if found and "customer" in found else None


def of_addresses(org: str, emails: Iterable[str]) -> dict[str, Customer]:
    """Return the customers of these addresses: address in its `compared` form → customer."""
    named = _found(keys.address(org, email) for email in emails)
    owners = [entry["customer"]["S"] for entry in named if "customer" in entry]
    known = map(customer_from, _found(keys.customer(org, id) for id in owners))
    return {compared(customer.email): customer for customer in known}


def _found(wanted: Iterable[keys.Key]) -> Iterator[Item]:
    waiting = iter(wanted)
    while some := list(islice(waiting, MOST_AT_ONCE)):
        yield from dynamodb.batch_get({config().records_table: some}).values()


def page(
    org: str, sought: CustomerFilter, *, limit: int, start: Item | None, most_pages: int | None = None
) -> tuple[list[Customer], Item | None]:
    """Return a page of the filtered customers by name; with a text, by the words that it finds.

    Every page but the last is full, and one that had to read `most_pages` of the index.
    """
    if sought.prefixes and (_is_of_words(start) if start else is_indexed(org)):
        return by_word(org, sought, limit=limit, start=start, most_pages=most_pages)
    filtering = _filtering(sought)
    asked: dict[str, Any] = {
        "TableName": config().records_table,
        "IndexName": "directory",
        "KeyConditionExpression": "directory = :org",
        **filtering,
        "ExpressionAttributeValues": {":org": {"S": org}, **filtering.get("ExpressionAttributeValues", {})},
        "Limit": LONGEST_PAGE if filtering else limit,
    }
    found: list[Item] = []
    for read in count(1):
        items, start = dynamodb.query_page(**asked, **({"ExclusiveStartKey": start} if start else {}))
        found += items
        if len(found) > limit:
            return [customer_from(entry) for entry in found[:limit]], _place(found[limit - 1])
        if not start or len(found) == limit or read == most_pages:
            return [customer_from(entry) for entry in found], start
    raise AssertionError  # for the type checker: `count` has no end


def _filtering(sought: CustomerFilter) -> dict[str, Any]:
    """Return the query parameters of a filter. By text it is used only before the words of all customers have rows."""
    words = {f":q{place}": stored(word) for place, word in enumerate(sought.prefixes)}
    same = {name: value for name, value in (("status", sought.status), ("group", sought.group)) if value}
    conditions = [f"contains(sought, {name})" for name in words] + [SAME[name] for name in same]
    if not conditions:
        return {}
    named = {attribute: attribute[1:] for attribute in ("#status", "#groups") if any(attribute in condition for condition in conditions)}
    values = {**words, **{f":{name}": stored(value) for name, value in same.items()}}
    return {
        "FilterExpression": " AND ".join(conditions),
        "ExpressionAttributeValues": values,
        **({"ExpressionAttributeNames": named} if named else {}),
    }


def _is_of_words(start: Item) -> bool:
    """Whether a page went on among the rows of words, and not in the index by name."""
    return "directory" not in start


def addresses(customer: Customer) -> list[str]:
    """Return all addresses of a customer, the main one first. A former address that another customer has now is left out."""
    wanted = {email: keys.address(customer.org, email) for email in customer.addresses}
    found = dynamodb.batch_get({config().records_table: list(wanted.values())}) if wanted else {}
    others = {email for email, key in wanted.items() if found.get(key, {}).get("customer", stored(customer.id)) != stored(customer.id)}
    return [customer.email, *(email for email in customer.addresses if email not in others)]


def _place(entry: Item) -> Item:
    """Return the index's start key after this customer."""
    return {name: entry[name] for name in ("pk", "sk", "directory", "directory_at")}
