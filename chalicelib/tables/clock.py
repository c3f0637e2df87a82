"""The due rows of all organisations. A query asks each partition of a kind: an idle minute costs the same for one and ten thousand."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from chalicelib.config import config
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.conditions import Update, equals
from chalicelib.tables.items import Item
from chalicelib.tables.keys import ClockKind, Key

PAGES = 5
"""So many are read of each partition, a megabyte each. What does not fit waits for the next run."""
ENTRIES = 300
"""So many entries of waitlists does one run look at in each partition."""


class Index(NamedTuple):
    """Where the rows of a kind are found: a table, an index, and the attribute that the index sorts by."""

    table: str
    name: str
    sorts_by: str


class Due(NamedTuple):
    """A row that is due: its organisation, its key, and its place in the index, which begins with the moment."""

    org: str
    key: Key
    at: str = ""


def index_of(kind: ClockKind) -> Index:
    settings = config()
    indexes: Mapping[ClockKind, Index] = {
        "invitations": Index(settings.rosters_table, "remind", "remind_at"),
        "waitlists": Index(settings.rosters_table, "due", "due_at"),
        "portal": Index(settings.records_table, "due", "due_at"),
        "jobs": Index(settings.records_table, "due", "due_at"),
        "unsent": Index(settings.messages_table, "unsent", "created_at"),
        "gathering": Index(settings.messages_table, "unsent", "created_at"),
    }
    return indexes[kind]


def due(kind: ClockKind, *, until: str, partitions: Sequence[str] = ()) -> list[Due]:
    """Return the rows whose place in the index is at or before `until`, those first that wait longest; only of these partitions, if any."""
    index = index_of(kind)
    found = [one for partition in partitions or keys.clocks(kind) for one in _pages(index, _until(index, partition, until))]
    return sorted(found, key=lambda one: one.at)


def entries_of_waitlists(start: str) -> list[Due]:
    """Return live entries of waitlists, up to `ENTRIES` of each partition, from a place on, and on from the beginning."""
    return [one for partition in keys.clocks("waitlists") for one in _around(partition, start)]


def of_an_earlier_version(index: Index, partition: str) -> Iterator[Due]:
    """Yield the rows in a partition of one organisation, in which an earlier version has put them."""
    query = {"KeyConditionExpression": f"{index.name} = :partition", "ExpressionAttributeValues": {":partition": {"S": partition}}}
    return (_due(index, row) for row in dynamodb.query(TableName=index.table, IndexName=index.name, **query))


def move(kind: ClockKind, one: Due, *, was: str) -> bool:
    """Move a row from the partition of an earlier version into that of its kind. False when it has left that one meanwhile."""
    index = index_of(kind)
    change = Update().set(**{index.name: keys.clock(kind, one.org)})
    try:
        dynamodb.update(index.table, one.key, change, equals(index.name, was), want="NONE")
    except dynamodb.ConditionFailed:
        return False
    return True


def _around(partition: str, start: str) -> list[Due]:
    index = index_of("waitlists")
    found = _page(index, _between(index, partition, start, "~"), ENTRIES)
    return found + (_page(index, _between(index, partition, " ", start), ENTRIES - len(found)) if len(found) < ENTRIES else [])


def _until(index: Index, partition: str, until: str) -> dict[str, Any]:
    return {
        "KeyConditionExpression": f"{index.name} = :partition AND {index.sorts_by} <= :until",
        "ExpressionAttributeValues": {":partition": {"S": partition}, ":until": {"S": until}},
    }


def _between(index: Index, partition: str, first: str, end: str) -> dict[str, Any]:
    return {
        "KeyConditionExpression": f"{index.name} = :partition AND {index.sorts_by} BETWEEN :first AND :end",
        "ExpressionAttributeValues": {":partition": {"S": partition}, ":first": {"S": first}, ":end": {"S": end}},
    }


def _page(index: Index, query: dict[str, Any], limit: int) -> list[Due]:
    found, _ = dynamodb.query_page(TableName=index.table, IndexName=index.name, Limit=limit, **query)
    return [_due(index, row) for row in found]


def _pages(index: Index, query: dict[str, Any]) -> Iterator[Due]:
    start: Item | None = None
    for _ in range(PAGES):
        found, start = dynamodb.query_page(TableName=index.table, IndexName=index.name, **query, start=start)
        yield from (_due(index, row) for row in found)
        if not start:
            return


def _due(index: Index, row: Item) -> Due:
    key = Key(row["pk"]["S"], row["sk"]["S"] if "sk" in row else "")
    return Due(key.pk.partition("#")[0], key, row[index.sorts_by]["S"])
