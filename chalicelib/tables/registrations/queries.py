"""Queries for registrations: by key, by address, by organisation."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from chalicelib.config import config
from chalicelib.rules import times
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.items import Item, stored
from chalicelib.tables.registrations.participants import distinct, elsewhere, guard_key
from chalicelib.tables.registrations.rows import registration_from

MOST_REQUESTS = 16
LARGEST_READ = 1000
MOST_AT_ONCE = 100


def find(org: str, session: str, id: str) -> Registration | None:
    """Return the registration, confirmed or not; None for an unknown one."""
    found = dynamodb.get(config().rosters_table, keys.registration(org, session, id))
    return registration_from(found) if found else None


def get(org: str, session: str, id: str) -> Registration:
    """Return the registration. Raises NotFound."""
    found = find(org, session, id)
    if found is None:
        raise NotFound
    return found


def of_address(org: str, email: str, limit: int = 100) -> list[Registration]:
    """Return the registrations of an address, latest first, without those that were never confirmed."""
    found, _ = dynamodb.query_page(
        TableName=config().rosters_table,
        IndexName="booker",
        KeyConditionExpression="booker = :booker",
        FilterExpression="attribute_exists(confirmed_at)",
        ExpressionAttributeValues={":booker": stored(keys.booker(org, email))},
        ScanIndexForward=False,
        Limit=limit,
    )
    return [registration_from(row) for row in found]


def all_of_address(org: str, email: str) -> Iterator[Registration]:
    """Yield all registrations of an address, latest first."""
    found = dynamodb.query(
        TableName=config().rosters_table,
        IndexName="booker",
        KeyConditionExpression="booker = :booker",
        FilterExpression="attribute_exists(confirmed_at)",
        ExpressionAttributeValues={":booker": stored(keys.booker(org, email))},
        ScanIndexForward=False,
    )
    return map(registration_from, found)


def orders(org: str, *, status: str, limit: int, start: Item | None) -> tuple[list[Registration], Item | None]:
    """Return a page of all confirmed registrations, removed ones too, latest first.

    A page by `status` is full unless it is the last one, or none of some ten thousand registrations after its last has that status.
    """
    found: list[Registration] = []
    for request in range(MOST_REQUESTS):
        read, next_start = _orders_read(org, status=status, limit=min(limit * 2**request, LARGEST_READ), start=start)
        found += [registration for registration in read if not status or registration.billing_status == status]
        if len(found) > limit:
            return found[:limit], _order_key(found[limit - 1])
        if len(found) == limit or not next_start:
            return found, next_start
        start = next_start
    return found, start


def _orders_read(org: str, *, status: str, limit: int, start: Item | None) -> tuple[list[Registration], Item | None]:
    """Return the registrations of this status among the next `limit`. `free` is stored as `unpaid`: the total tells them apart."""
    billing = "unpaid" if status == "free" else status
    found, next_start = dynamodb.query_page(
        TableName=config().rosters_table,
        IndexName="orders",
        KeyConditionExpression="orders = :org",
        FilterExpression="attribute_exists(confirmed_at)" + (" AND billing = :status" if billing else ""),
        ExpressionAttributeValues={":org": stored(org), **({":status": stored(billing)} if billing else {})},
        ScanIndexForward=False,
        Limit=limit,
        start=start,
    )
    return [registration_from(row) for row in found], next_start


def _order_key(registration: Registration) -> Item:
    """Return the start key of the page after this registration."""
    key = keys.registration(registration.org, registration.session, registration.id).stored()
    return {**key, "orders": stored(registration.org), "created_at": stored(times.written(registration.created_at))}


def taken(registration: Registration, others: Sequence[str] = ()) -> list[tuple[str, str]]:
    """Return the participants that a registration of this customer on this session has, each with that registration's id.

    `others`: the other addresses of the customer.
    """
    keyed = {guard_key(registration, name): name for name in distinct(registration)}
    keyed |= {guard_key(replace(registration, email=email), name): name for name, email in elsewhere(registration, others)}
    batches = (list(keyed)[first : first + MOST_AT_ONCE] for first in range(0, len(keyed), MOST_AT_ONCE))
    found = {key: row for batch in batches for key, row in dynamodb.batch_get({config().rosters_table: batch}).items()}
    return [(keyed[key], row["registration"]["S"]) for key, row in found.items()]
