"""How many customers and sessions an organisation with a quota has, in one row that each new one counts up in its own transaction.

Nothing counts down: before a refusal the rows are counted again, which finds deleted ones. So the count is never too low.
"""

from typing import Any

from chalicelib.config import config
from chalicelib.rules.quotas import QuotaKind
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.conditions import Update, absent, below, equals, present
from chalicelib.tables.items import plain, stored


class QuotaReached(Exception):
    """The counted number is at the quota, or nothing was counted yet."""


def count_write(org: str, kind: QuotaKind, most: int | None) -> dict[str, Any]:
    """Return the transaction write that counts one more, if there are fewer than `most`. It fails too when nothing was counted yet."""
    change = Update().add(**{kind: 1, "writes": 1})
    return dynamodb.update_write(
        config().records_table, keys.quota_counts(org), change, present(kind) if most is None else below(kind, most)
    )


def counted(org: str, kind: QuotaKind) -> int | None:
    """Return the counted number; None when nothing was counted yet."""
    found = dynamodb.get(config().records_table, keys.quota_counts(org))
    values = plain(found) if found else {}
    return int(values[kind]) if kind in values else None


def recount(org: str, kind: QuotaKind) -> bool:
    """Count the rows and write the number. False when something was counted meanwhile: then the number may be wrong, and is not written."""
    found = dynamodb.get(config().records_table, keys.quota_counts(org))
    writes = int(plain(found).get("writes", 0)) if found else None
    number = _customers(org) if kind == "customers" else _sessions(org)
    as_read = absent("writes") if writes is None else equals("writes", writes)
    try:
        dynamodb.update(config().records_table, keys.quota_counts(org), Update().set(**{kind: number}).default(writes=0), as_read)
    except dynamodb.ConditionFailed:
        return False
    return True


def _customers(org: str) -> int:
    """Count the customers that are listed: not those that were merged into another."""
    return dynamodb.count(
        TableName=config().records_table,
        KeyConditionExpression="pk = :of AND begins_with(sk, :customer)",
        FilterExpression="attribute_exists(directory)",
        ExpressionAttributeValues={":of": stored(keys.customer(org, "").pk), ":customer": stored(keys.CUSTOMER)},
        ConsistentRead=True,
    )


def _sessions(org: str) -> int:
    """Count the sessions by their meetings, of which each has at least one."""
    found = dynamodb.query(
        TableName=config().records_table,
        KeyConditionExpression="pk = :of AND sk < :end",
        ExpressionAttributeValues={":of": stored(keys.meetings(org)), ":end": stored("9~")},
        ProjectionExpression="sk",
        ConsistentRead=True,
    )
    return len({row["sk"]["S"].split("#")[1] for row in found})
