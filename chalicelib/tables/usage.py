"""What an organisation uses: its e-mails by day, which are counted as they are sent, and its things, which an operator has counted.

Nothing here reads a row of another organisation.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from chalicelib import clients
from chalicelib.config import config
from chalicelib.rules import times
from chalicelib.rules.usage import MailCount
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.conditions import ALWAYS, Update, absent, below
from chalicelib.tables.items import Item, plain, stored

RETENTION = timedelta(days=40)
"""How long the e-mails of a day are known: longer than they are shown."""


def count_mails(org: str, *, now: datetime, sent: int = 0, bounced: int = 0, complained: int = 0) -> MailCount:
    """Add e-mails to those of the day, and return the day's. Nothing is refused: each counts, whatever was counted before."""
    counts = {name: number for name, number in (("sent", sent), ("bounced", bounced), ("complained", complained)) if number}
    forget_at = int((now + RETENTION).timestamp())
    return _mail_count(dynamodb.update(config().memory_table, _day(org, now), Update().add(**counts).default(forget_at=forget_at), ALWAYS))


def take_mail(org: str, most: int, *, now: datetime) -> MailCount | None:
    """Count an e-mail that is about to leave, if fewer than `most` have left on this day, and return the day's. None when there were as
    many."""
    change = Update().add(sent=1).default(forget_at=int((now + RETENTION).timestamp()))
    try:
        return _mail_count(dynamodb.update(config().memory_table, _day(org, now), change, absent("sent") | below("sent", most)))
    except dynamodb.ConditionFailed:
        return None


def mails_today(org: str, *, now: datetime) -> MailCount:
    """Return the e-mails of the day until now."""
    found = dynamodb.get(config().memory_table, _day(org, now))
    return _mail_count(found) if found else MailCount()


def mails_of(org: str, days: Iterable[str]) -> list[MailCount]:
    """Return the e-mails of up to a hundred days, in one request; days without any are left out."""
    found = dynamodb.batch_get({config().memory_table: [keys.usage(org, day) for day in days]}, consistent=False)
    return [_mail_count(row) for row in found.values()]


def count_sessions(org: str) -> int:
    return _counted(config().rosters_table, "calendar", org)


def count_registrations(org: str) -> int:
    return _counted(config().rosters_table, "orders", org)


def count_customers(org: str) -> int:
    return _counted(config().records_table, "directory", org)


def bytes_stored(org: str) -> int:
    """Return the size of the organisation's files and pictures."""
    pages = clients.s3().get_paginator("list_objects_v2")
    buckets = (config().imports_bucket, config().pictures_bucket)
    return sum(
        file["Size"] for bucket in buckets for page in pages.paginate(Bucket=bucket, Prefix=f"{org}/") for file in page.get("Contents", ())
    )


def last_activity(org: str) -> datetime | None:
    """Return the moment of the latest entry of the audit log; None when there is none."""
    found, _ = dynamodb.query_page(
        TableName=config().records_table,
        KeyConditionExpression="pk = :of",
        ExpressionAttributeValues={":of": stored(keys.audit(org, "").pk)},
        ScanIndexForward=False,
        Limit=1,
    )
    return times.read(found[0]["sk"]["S"].partition("#")[0]) if found else None


def _counted(table: str, index: str, of: str) -> int:
    return dynamodb.count(
        TableName=table,
        IndexName=index,
        KeyConditionExpression="#index = :of",
        ExpressionAttributeNames={"#index": index},
        ExpressionAttributeValues={":of": stored(of)},
    )


def _day(org: str, now: datetime) -> keys.Key:
    return keys.usage(org, now.astimezone(UTC).date().isoformat())


def _mail_count(row: Item) -> MailCount:
    values = plain(row)
    return MailCount(*(int(values.get(name, 0)) for name in ("sent", "bounced", "complained")))
