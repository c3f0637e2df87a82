"""Entries of waitlists found by key, by session, by address, and all that are live."""

from collections.abc import Iterator

from chalicelib.rules.refusals import NotFound
from chalicelib.rules.waitlist import Entry
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.waitlist.rows import entry_from


def find(org: str, session: str, own: str) -> Entry | None:
    """Return the entry if there is one."""
    found = requests.get(settings().rosters_table, keys.waiting(org, session, own))
    return entry_from(found) if found else None


def get(org: str, session: str, own: str) -> Entry:
    """Return the entry, or NotFound."""
    entry = find(org, session, own)
    if entry is None:
        raise NotFound
    return entry


def list_entries(org: str, session: str) -> list[Entry]:
    """Return everybody who is or was on the waitlist of a session."""
    found = requests.query(
        TableName=settings().rosters_table,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :waiting)",
        ExpressionAttributeValues={":pk": {"S": keys.roster(org, session)}, ":waiting": {"S": keys.WAITING}},
        ConsistentRead=True,
    )
    return [entry_from(entry) for entry in found]


def all_of_address(org: str, email: str) -> Iterator[Entry]:
    """Return all entries that an address ever had, latest first."""
    found = requests.query(
        TableName=settings().rosters_table,
        IndexName="booker",
        KeyConditionExpression="booker = :booker",
        ExpressionAttributeValues={":booker": {"S": keys.waiter(org, email)}},
        ScanIndexForward=False,
    )
    return map(entry_from, found)


def live(org: str) -> list[str]:
    """Return the sessions on whose waitlists somebody waits or has an offer, from the index."""
    found = requests.query(
        TableName=settings().rosters_table,
        IndexName="due",
        KeyConditionExpression="due = :waitlist",
        ExpressionAttributeValues={":waitlist": {"S": keys.waitlist(org)}},
    )
    return list(dict.fromkeys(entry["pk"]["S"].partition("#")[2] for entry in found))
