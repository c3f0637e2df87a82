"""Marks of sessions that have changed since their figures were counted. One index finds those of all organisations by time."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from chalicelib.config import config
from chalicelib.rules import times
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.conditions import ALWAYS, Update, equals
from chalicelib.tables.items import Item, stored

MOST_IN_A_TRANSACTION = 100
EVERYWHERE = "figures"
"""The partition of the index with the changed sessions of all organisations."""


class ChangeMark(NamedTuple):
    """The mark of a session that has changed. `change` tells one change from the next."""

    org: str
    session: str
    change: str


def mark(org: str, session: str, change: str, *, now: datetime) -> None:
    """Mark a session as changed. The same change may be marked twice."""
    due_at = f"{times.written(now)}#{org}#{session}"
    marked = Update().set(change=change).default(due=EVERYWHERE, due_at=due_at)
    dynamodb.update(config().records_table, keys.figures_stale(org, session), marked, ALWAYS, want="NONE")


def marks(org: str, *, limit: int) -> list[ChangeMark]:
    """Return changed sessions of an organisation."""
    found, _ = dynamodb.query_page(
        TableName=config().records_table,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :stale)",
        ExpressionAttributeValues={":pk": stored(keys.figures(org)), ":stale": stored(keys.STALE)},
        ConsistentRead=True,
        Limit=limit,
    )
    return [_mark_from(org, row) for row in found]


def oldest_marks(*, limit: int) -> list[ChangeMark]:
    """Return the changed sessions of all organisations, those first that have waited longest."""
    found, _ = dynamodb.query_page(
        TableName=config().records_table,
        IndexName="due",
        KeyConditionExpression="due = :everywhere",
        ExpressionAttributeValues={":everywhere": stored(EVERYWHERE)},
        Limit=limit,
    )
    rows = dynamodb.batch_get({config().records_table: [keys.Key(row["pk"]["S"], row["sk"]["S"]) for row in found]})
    return [_mark_from(key.pk.removesuffix("#figures"), row) for key, row in rows.items()]


def unmark(seen: Sequence[ChangeMark]) -> None:
    """Delete marks that nobody has set again since they were read."""
    for first in range(0, len(seen), MOST_IN_A_TRANSACTION):
        some = seen[first : first + MOST_IN_A_TRANSACTION]
        writes = [dynamodb.delete_write(config().records_table, keys.figures_stale(*one[:2]), equals("change", one.change)) for one in some]
        try:
            dynamodb.transact(writes)
        except dynamodb.TransactionFailed as failed:
            unmark([one for one, reason in zip(some, failed.reasons, strict=True) if reason is None])


def _mark_from(org: str, row: Item) -> ChangeMark:
    return ChangeMark(org, row["sk"]["S"].removeprefix(keys.STALE), row["change"]["S"])
