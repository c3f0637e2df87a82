"""Customers are found by id, by address (its row names the customer) and by name (index directory)."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from chalicelib.rules.addresses import compared
from chalicelib.rules.customers import Customer, CustomerMerged, beginnings
from chalicelib.rules.refusals import NotFound
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.customers.rows import customer_from
from chalicelib.tables.items import Item, stored

LONGEST_PAGE = 500
MOST_AT_ONCE = 100
SAME = {"status": "#status = :status", "group": "contains(#groups, :group)"}


def get(org: str, own: str) -> Customer:
    """Return the customer. Raises NotFound, CustomerMerged with the one that it became."""
    found = requests.get(settings().records_table, keys.customer(org, own))
    if not found:
        raise NotFound
    if "merged_into" in found:
        raise CustomerMerged(found["merged_into"]["S"])
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


class Sought(NamedTuple):
    """Which customers a list is to have: each word of `q` begins an address or a word of a name. What is empty does not matter."""

    q: str = ""
    status: str = ""
    group: str = ""

    def filtering(self) -> dict[str, Any]:
        """Return what of a query leaves the others out."""
        words = {f":q{place}": stored(word) for place, word in enumerate(beginnings(self.q))}
        same = {name: value for name, value in (("status", self.status), ("group", self.group)) if value}
        conditions = [f"contains(sought, {name})" for name in words] + [SAME[name] for name in same]
        if not conditions:
            return {}
        named = {
            attribute: attribute[1:] for attribute in ("#status", "#groups") if any(attribute in condition for condition in conditions)
        }
        values = {**words, **{f":{name}": stored(value) for name, value in same.items()}}
        return {
            "FilterExpression": " AND ".join(conditions),
            "ExpressionAttributeValues": values,
            **({"ExpressionAttributeNames": named} if named else {}),
        }


def page(org: str, sought: Sought, *, limit: int, start: Item | None) -> tuple[list[Customer], Item | None]:
    """Return customers by name, those that are sought; a page is full unless it is the last."""
    filtering = sought.filtering()
    asked: dict[str, Any] = {
        "TableName": settings().records_table,
        "IndexName": "directory",
        "KeyConditionExpression": "directory = :org",
        **filtering,
        "ExpressionAttributeValues": {":org": {"S": org}, **filtering.get("ExpressionAttributeValues", {})},
        "Limit": LONGEST_PAGE if filtering else limit,
    }
    found: list[Item] = []
    while True:
        items, start = requests.query_page(**asked, **({"ExclusiveStartKey": start} if start else {}))
        found += items
        if len(found) > limit:
            return [customer_from(entry) for entry in found[:limit]], _place(found[limit - 1])
        if not start or len(found) == limit:
            return [customer_from(entry) for entry in found], start


def addresses(customer: Customer) -> list[str]:
    """Return all addresses of a customer, the first one first; a former one is left out that is another customer's by now."""
    wanted = {email: keys.address(customer.org, email) for email in customer.addresses}
    found = requests.batch_get({settings().records_table: list(wanted.values())}) if wanted else {}
    others = {email for email, key in wanted.items() if found.get(key, {}).get("customer", stored(customer.id)) != stored(customer.id)}
    return [customer.email, *(email for email in customer.addresses if email not in others)]


def _place(entry: Item) -> Item:
    """Return where the index goes on after this customer."""
    return {name: entry[name] for name in ("pk", "sk", "directory", "directory_at")}
