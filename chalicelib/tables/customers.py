"""Customers: a row each, found by id, by address (its row names the customer) and by name (index directory)."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from chalicelib.rules import times
from chalicelib.rules.addresses import compared
from chalicelib.rules.customers import Customer, CustomerExists, Participant, beginnings, sought
from chalicelib.rules.refusals import ChangedMeanwhile, NotFound
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.items import Item, item, plain, stored

NEW = "attribute_not_exists(pk)"
AS_READ = "version = :version"
ADDRESS_FREE_OR_MINE = "attribute_not_exists(customer) OR customer = :own"
MINE = "customer = :own"
LONGEST_PAGE = 500
MOST_AT_ONCE = 100


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


def save(customer: Customer, *, was: Customer) -> Customer:
    """Write the edited customer over the version that was read. Raises ChangedMeanwhile, CustomerExists."""
    saved = replace(customer, version=was.version + 1)
    writes = [_put(saved, AS_READ, {":version": stored(was.version)})]
    if keys.address(saved.org, saved.email) != keys.address(was.org, was.email):
        writes += [_take_address(saved), _leave_address(was)]
    try:
        requests.transact(writes)
    except requests.TransactionFailed as failed:
        if len(failed.reasons) > 1 and failed.reasons[1]:
            raise CustomerExists(failed.reasons[1]["customer"]["S"]) from None
        raise ChangedMeanwhile from None
    return saved


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


def _put(customer: Customer, condition: str, values: Item) -> dict[str, Any]:
    write: dict[str, Any] = {"TableName": settings().records_table, "Item": _item(customer), "ConditionExpression": condition}
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


def customer_from(entry: Item) -> Customer:
    values = plain(entry)
    return Customer(
        org=values["directory"],
        id=values["sk"].removeprefix(keys.CUSTOMER),
        email=values["email"],
        name=values["name"],
        created_at=times.read(values["created_at"]),
        phone=values.get("phone", ""),
        participants=tuple(Participant(**participant) for participant in values.get("participants", ())),
        status=values["status"],
        version=values["version"],
    )


def _item(customer: Customer) -> Item:
    return {
        **keys.customer(customer.org, customer.id).stored(),
        **item(
            {
                "directory": customer.org,
                "directory_at": f"{customer.name.casefold()}#{customer.id}",
                "sought": sought(customer),
                "email": customer.email,
                "name": customer.name,
                "created_at": times.written(customer.created_at),
                "phone": customer.phone or None,
                "participants": [{"name": one.name, "date_of_birth": one.date_of_birth} for one in customer.participants] or None,
                "status": customer.status,
                "version": customer.version,
            }
        ),
    }
