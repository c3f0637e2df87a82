"""Queries for waitlist entries: by key, by session, by address, and all live ones."""

from collections.abc import Iterator

from chalicelib.config import config
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.waitlist import WaitlistEntry
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.items import stored
from chalicelib.tables.waitlist.rows import due_at, entry_from


def find(org: str, session: str, id: str) -> WaitlistEntry | None:
    """Return the entry; None for an unknown one."""
    found = dynamodb.get(config().rosters_table, keys.waitlist_entry(org, session, id))
    return entry_from(found) if found else None


def get(org: str, session: str, id: str) -> WaitlistEntry:
    """Return the entry. Raises NotFound."""
    entry = find(org, session, id)
    if entry is None:
        raise NotFound
    return entry


def list_alternatives(entry: WaitlistEntry) -> list[WaitlistEntry]:
    """Return the entry's places in other lines, in any status. One that was never written, as its address waited there, is left out."""
    named = [keys.waitlist_entry(entry.org, session, entry.id) for session in entry.others]
    found = dynamodb.batch_get({config().rosters_table: named}) if named else {}
    return [entry_from(found[key]) for key in named if key in found]


def find_waiting(org: str, session: str, email: str) -> WaitlistEntry | None:
    """Return the live entry of the address, None without one."""
    guard = dynamodb.get(config().rosters_table, keys.waitlist_address(org, session, email))
    return find(org, session, guard["entry"]["S"]) if guard else None


def list_entries(org: str, session: str) -> list[WaitlistEntry]:
    """Return all entries of a session's waitlist, ended ones too."""
    found = dynamodb.query(
        TableName=config().rosters_table,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :waiting)",
        ExpressionAttributeValues={":pk": {"S": keys.roster(org, session)}, ":waiting": {"S": keys.WAITLIST_ENTRY}},
        ConsistentRead=True,
    )
    return [entry_from(row) for row in found]


def count_up_to(entry: WaitlistEntry) -> int:
    """Return the number of live entries of the session before the entry in line, itself included if it is live, however many wait.

    They are counted where they lie: none of them is sent here.
    """
    return dynamodb.count(
        TableName=config().rosters_table,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :waiting)",
        FilterExpression="attribute_exists(due) AND (place < :place OR (place = :place AND due_at <= :own))",
        ExpressionAttributeValues={
            ":pk": {"S": keys.roster(entry.org, entry.session)},
            ":waiting": {"S": keys.WAITLIST_ENTRY},
            ":place": stored(entry.place),
            ":own": stored(due_at(entry)),
        },
        ConsistentRead=True,
    )


def all_of_address(org: str, email: str) -> Iterator[WaitlistEntry]:
    """Yield all entries of an address, latest first."""
    found = dynamodb.query(
        TableName=config().rosters_table,
        IndexName="booker",
        KeyConditionExpression="booker = :booker",
        ExpressionAttributeValues={":booker": {"S": keys.waiter(org, email)}},
        ScanIndexForward=False,
    )
    return map(entry_from, found)
