"""Sessions that have changed since their figures were counted. One index finds those of all organisations by time."""

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


class ChangedSession(NamedTuple):
    """A session that has changed. `change` tells one change from the next."""

    org: str
    session: str
    change: str


def note_change(org: str, session: str, change: str, *, now: datetime) -> None:
    """Note that a session has changed. The same change may be noted twice."""
    due_at = f"{times.written(now)}#{org}#{session}"
    noted = Update().set(change=change).default(due=EVERYWHERE, due_at=due_at)
    dynamodb.update(config().records_table, keys.figures_stale(org, session), noted, ALWAYS, want="NONE")


def changed_sessions(org: str, *, limit: int) -> list[ChangedSession]:
    """Return changed sessions of an organisation."""
    found, _ = dynamodb.query_page(
        TableName=config().records_table,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :stale)",
        ExpressionAttributeValues={":pk": stored(keys.figures(org)), ":stale": stored(keys.STALE)},
        ConsistentRead=True,
        Limit=limit,
    )
    return [_changed_from(org, row) for row in found]


def longest_changed(*, limit: int) -> list[ChangedSession]:
    """Return the changed sessions of all organisations, those first that have waited longest."""
    found, _ = dynamodb.query_page(
        TableName=config().records_table,
        IndexName="due",
        KeyConditionExpression="due = :everywhere",
        ExpressionAttributeValues={":everywhere": stored(EVERYWHERE)},
        Limit=limit,
    )
    rows = dynamodb.batch_get({config().records_table: [keys.Key(row["pk"]["S"], row["sk"]["S"]) for row in found]})
    return [_changed_from(key.pk.removesuffix("#figures"), row) for key, row in rows.items()]


def forget_changes(seen: Sequence[ChangedSession]) -> None:
    """Forget changes, unless another one was noted since they were read."""
    for first in range(0, len(seen), MOST_IN_A_TRANSACTION):
        some = seen[first : first + MOST_IN_A_TRANSACTION]
        writes = [dynamodb.delete_write(config().records_table, keys.figures_stale(*one[:2]), equals("change", one.change)) for one in some]
        try:
            dynamodb.transact(writes)
        except dynamodb.TransactionFailed as failed:
            forget_changes([one for one, reason in zip(some, failed.reasons, strict=True) if reason is None])


def _changed_from(org: str, row: Item) -> ChangedSession:
    return ChangedSession(org, row["sk"]["S"].removeprefix(keys.STALE), row["change"]["S"])
