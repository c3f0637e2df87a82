"""Queries for customers: by id, by address (whose row names the customer), by name (index directory), by status and by group (lists)."""

from collections.abc import Iterable, Iterator
from itertools import count, islice
from typing import Any

from chalicelib.config import config
from chalicelib.rules.addresses import compared
from chalicelib.rules.customers import Customer, CustomerMerged
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.customers import lists
from chalicelib.tables.customers.index import Indexed, indexed
from chalicelib.tables.customers.portal_invitations import every, find
from chalicelib.tables.customers.rows import customer_from, customer_item, sort_key
from chalicelib.tables.customers.search import LONGEST_PAGE, MOST_AT_ONCE, CustomerFilter, by_word
from chalicelib.tables.items import Item, stored

MOST_READ_EACH = 1000
"""A group of more customers is read with all of the organisation, which costs less than one by one."""
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
    owners = [row["customer"]["S"] for row in named if "customer" in row]
    known = map(customer_from, _found(keys.customer(org, id) for id in owners))
    return {compared(customer.email): customer for customer in known}


def _found(wanted: Iterable[keys.Key]) -> Iterator[Item]:
    waiting = iter(wanted)
    while some := list(islice(waiting, MOST_AT_ONCE)):
        yield from dynamodb.batch_get({config().records_table: some}).values()


def page(
    org: str, wanted: CustomerFilter, *, limit: int, start: Item | None, most_pages: int | None = None
) -> tuple[list[Customer], Item | None]:
    """Return a page of the filtered customers by name; with a text, by the words that it finds.

    Every page but the last is full, and one that had to read `most_pages` of the index.
    """
    have_rows = indexed(org) if wanted != CustomerFilter() else Indexed(words=False, lists=False)
    if wanted.prefixes and (_is_of_words(start) if start else have_rows.words):
        return by_word(org, wanted, limit=limit, start=start, most_pages=most_pages, by_list=have_rows.lists)
    if have_rows.lists and not wanted.prefixes and (wanted.status or wanted.group):
        return _by_list(org, wanted, limit=limit, start=start)
    return _by_name(org, wanted, limit=limit, start=start, most_pages=most_pages)


def of_group(org: str, group: str) -> list[Customer]:
    """Return the customers of a group by name."""
    if not indexed(org).lists:
        return [customer for customer in every(org) if group in customer.groups]
    wanted = CustomerFilter(group=group)
    found, start = _by_list(org, wanted, limit=MOST_READ_EACH, start=None)
    return found if start is None else [customer for customer in every(org) if group in customer.groups]


def _by_list(org: str, wanted: CustomerFilter, *, limit: int, start: Item | None) -> tuple[list[Customer], Item | None]:
    """Return a page of the customers of a status, of a group or of both, by name. It may have begun in the index by name."""
    after = start["directory_at"]["S"] if start else ""
    sort_keys = lists.sort_keys(org, status=wanted.status, group=wanted.group, after=after, at_once=limit + 1)
    found: list[Customer] = []
    while some := list(islice(sort_keys, min(limit + 1 - len(found), MOST_AT_ONCE))):
        known = find(org, map(lists.customer_of, some))
        listed = ((key, known.get(lists.customer_of(key))) for key in some)
        found += [one for key, one in listed if one and sort_key(one) == key and wanted.matches(one)]
        if len(found) > limit:
            return found[:limit], _start_after(customer_item(found[limit - 1]))
    return found, None


def _by_name(
    org: str, wanted: CustomerFilter, *, limit: int, start: Item | None, most_pages: int | None
) -> tuple[list[Customer], Item | None]:
    """Return a page of the index by name, filtered: of all customers, or before they have rows that lead to them."""
    filtering = _filtering(wanted)
    query: dict[str, Any] = {
        "TableName": config().records_table,
        "IndexName": "directory",
        "KeyConditionExpression": "directory = :org",
        **filtering,
        "ExpressionAttributeValues": {":org": {"S": org}, **filtering.get("ExpressionAttributeValues", {})},
        "Limit": LONGEST_PAGE if filtering else limit,
    }
    found: list[Item] = []
    for read in count(1):
        items, start = dynamodb.query_page(**query, start=start)
        found += items
        if len(found) > limit:
            return [customer_from(row) for row in found[:limit]], _start_after(found[limit - 1])
        if not start or len(found) == limit or read == most_pages:
            return [customer_from(row) for row in found], start
    raise AssertionError  # for the type checker: `count` has no end


def _filtering(wanted: CustomerFilter) -> dict[str, Any]:
    """Return the query parameters of a filter."""
    words = {f":q{index}": stored(word) for index, word in enumerate(wanted.prefixes)}
    same = {name: value for name, value in (("status", wanted.status), ("group", wanted.group)) if value}
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


def _start_after(row: Item) -> Item:
    """Return the index's start key after this customer."""
    return {name: row[name] for name in ("pk", "sk", "directory", "directory_at")}
