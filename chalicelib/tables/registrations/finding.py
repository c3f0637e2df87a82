"""Registrations found by key, by address, by organisation."""

from collections.abc import Iterator

from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.items import Item, stored
from chalicelib.tables.registrations.people import distinct, guard_key
from chalicelib.tables.registrations.rows import registration_from


def find(org: str, session: str, own: str) -> Registration | None:
    """Return the registration if there is a row of it, confirmed or not."""
    found = requests.get(settings().rosters_table, keys.registration(org, session, own))
    return registration_from(found) if found else None


def get(org: str, session: str, own: str) -> Registration:
    """Return the registration, or NotFound."""
    found = find(org, session, own)
    if found is None:
        raise NotFound
    return found


def of_address(org: str, email: str, limit: int = 100) -> list[Registration]:
    """Return what an address registered for, latest first; those that never came to stand are left out."""
    found, _ = requests.query_page(
        TableName=settings().rosters_table,
        IndexName="booker",
        KeyConditionExpression="booker = :booker",
        FilterExpression="attribute_exists(confirmed_at)",
        ExpressionAttributeValues={":booker": stored(keys.booker(org, email))},
        ScanIndexForward=False,
        Limit=limit,
    )
    return [registration_from(entry) for entry in found]


def all_of_address(org: str, email: str) -> Iterator[Registration]:
    """Return all that an address ever registered for, latest first."""
    found = requests.query(
        TableName=settings().rosters_table,
        IndexName="booker",
        KeyConditionExpression="booker = :booker",
        FilterExpression="attribute_exists(confirmed_at)",
        ExpressionAttributeValues={":booker": stored(keys.booker(org, email))},
        ScanIndexForward=False,
    )
    return map(registration_from, found)


def orders(org: str, *, status: str, limit: int, start: Item | None) -> tuple[list[Registration], Item | None]:
    """Return a page of all registrations that stand or stood, latest first; of one billing status, it may be short."""
    found, following = requests.query_page(
        TableName=settings().rosters_table,
        IndexName="orders",
        KeyConditionExpression="orders = :org",
        FilterExpression="attribute_exists(confirmed_at)" + (" AND billing = :status" if status else ""),
        ExpressionAttributeValues={":org": stored(org), **({":status": stored(status)} if status else {})},
        ScanIndexForward=False,
        Limit=limit,
        **({"ExclusiveStartKey": start} if start else {}),
    )
    return [registration_from(entry) for entry in found], following


def taken(registration: Registration) -> list[tuple[str, str]]:
    """Return, of its participants, those whom a registration of this address and session names, and which one."""
    keyed = {guard_key(registration, name): name for name in distinct(registration)}
    found = requests.batch_get({settings().rosters_table: list(keyed)})
    return [(keyed[key], entry["registration"]["S"]) for key, entry in found.items()]
