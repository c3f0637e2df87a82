"""The meetings at which sessions are listed, and the tags of meetings: of each row only what is needed, as reading a row is most of a list.

DynamoDB counts whole rows, but what is not transferred need not be parsed.
"""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from chalicelib.config import config
from chalicelib.rules import times
from chalicelib.rules.inputs.sessions import LONGEST_MEETING
from chalicelib.rules.meetings import ListedMeeting
from chalicelib.rules.session_filter import SessionBrief
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.codec import Codec
from chalicelib.tables.items import Item, plain
from chalicelib.tables.meetings import AT_ONCE, meeting_from

NEXT = "ends_at > :now AND (attribute_not_exists(earlier_end) OR earlier_end <= :now)"
BRIEFS = Codec(SessionBrief)
ON_EVERY_ROW = "time_zone"
"""A fact that every row with facts has: without it, one that lacks all others would look bare."""


def shown(
    org: str, *, now: datetime, ended: bool, after: str, facts: Collection[str] = (), at_once: int = AT_ONCE
) -> Iterator[tuple[ListedMeeting, SessionBrief | None]]:
    """Yield the row of the meeting at which each session is listed at a moment, by start; with `ended` also for sessions that are over.

    Each has these `facts` of the session; None if the row is bare, or if none is asked for. `after` is the sort key of the meeting to go
    on after; empty for the first. One request reads `at_once` rows, of which it passes over those of other meetings.
    """
    earliest = "0" if ended else times.written(now - LONGEST_MEETING - timedelta(days=1))
    names = {f"#{name}": name for name in {*facts, ON_EVERY_ROW}} if facts else {}
    found = dynamodb.query(
        TableName=config().records_table,
        KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
        FilterExpression=f"({NEXT}) OR last_end <= :now" if ended else NEXT,
        ProjectionExpression=", ".join(["sk", "ends_at", "earlier_end", "last_end", *(f"facts.{alias}" for alias in names)]),
        ExpressionAttributeValues={
            ":pk": {"S": keys.meetings(org)},
            ":first": {"S": f"{after} " if after else earliest},
            ":last": {"S": "9~"},
            ":now": {"S": times.written(now)},
        },
        **({"ExpressionAttributeNames": names} if names else {}),
        ConsistentRead=True,
        Limit=at_once,
    )
    return ((meeting_from(row), _brief_from(row)) for row in found)


def tags_between(org: str, first: datetime, end: datetime, *, limit: int) -> list[str]:
    """Return the tags on the rows of the next `limit` meetings that start from `first` until before `end`, without cancelled ones."""
    found, _ = dynamodb.query_page(
        TableName=config().records_table,
        KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :end",
        ProjectionExpression="facts.tags, facts.cancelled_at",
        ExpressionAttributeValues={
            ":pk": {"S": keys.meetings(org)},
            ":first": {"S": times.written(first)},
            ":end": {"S": times.written(end)},
        },
        ConsistentRead=True,
        Limit=limit,
    )
    facts = [plain(row["facts"]["M"]) for row in found if "facts" in row]
    return [tag for one in facts if "cancelled_at" not in one for tag in one.get("tags", ())]


def _brief_from(row: Item) -> SessionBrief | None:
    return BRIEFS.read(plain(row["facts"]["M"])) if "facts" in row else None
