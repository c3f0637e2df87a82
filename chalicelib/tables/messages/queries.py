"""Queries for messages: by id, by session and by address, and those that wait for something."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from chalicelib.config import config
from chalicelib.rules import times
from chalicelib.rules.messages import EmailKind, Message
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.items import Item, stored
from chalicelib.tables.messages.rows import message_from

MOST_AT_ONCE = 100
SENT_UNNOTED = "attribute_exists(sent_at) AND attribute_not_exists(noted)"


def get(org: str, id: str) -> Message | None:
    found = dynamodb.get(config().messages_table, keys.message(org, id))
    return message_from(found) if found else None


def find(org: str, ids: Iterable[str]) -> dict[str, Message]:
    """Return the existing ones of up to a hundred messages, by id, in one request."""
    found = dynamodb.batch_get({config().messages_table: [keys.message(org, id) for id in ids]})
    return {message.id: message for message in map(message_from, found.values())}


def unsent(org: str, before: datetime) -> Iterator[str]:
    """Yield the ids of an organisation's unsent messages queued before this moment, oldest first, from the index."""
    found = dynamodb.query(
        TableName=config().messages_table,
        IndexName="unsent",
        KeyConditionExpression="unsent = :partition AND created_at < :before",
        FilterExpression="begins_with(pk, :org)",
        ExpressionAttributeValues={
            ":partition": stored(keys.clock("unsent", org)),
            ":before": stored(times.written(before)),
            ":org": stored(f"{org}#"),
        },
    )
    return (row["pk"]["S"].partition("#")[2] for row in found)


def unnoted(org: str, kinds: Sequence[EmailKind]) -> Iterator[Message]:
    """Yield the sent messages of these kinds whose consequences are not marked as done. Reads the whole table: for operators only."""
    names = {f":k{index}": stored(kind) for index, kind in enumerate(kinds)}
    found = dynamodb.scan(
        TableName=config().messages_table,
        FilterExpression=f"begins_with(pk, :org) AND kind IN ({', '.join(names)}) AND {SENT_UNNOTED}",
        ExpressionAttributeValues={":org": stored(f"{org}#"), **names},
        ConsistentRead=True,
    )
    return map(message_from, found)


def about_session(org: str, session: str, *, limit: int, start: Item | None) -> tuple[list[Message], Item | None]:
    """Return a page of the messages about a session, latest first, without their content."""
    return _page("session", keys.roster(org, session), limit, start)


def to_address(org: str, email: str, *, limit: int, start: Item | None) -> tuple[list[Message], Item | None]:
    """Return a page of the messages to an address, latest first, without their content."""
    return _page("recipient", keys.recipient(org, email), limit, start)


def page_start(message: Message) -> Item:
    """Return the start key of the page after this message in the list of its address."""
    return {
        **keys.message(message.org, message.id).stored(),
        "recipient": stored(keys.recipient(message.org, message.to)),
        "created_at": stored(times.written(message.created_at)),
    }


def all_to_address(org: str, email: str) -> Iterator[Message]:
    """Yield all messages to an address, latest first, with their content."""
    listed = dynamodb.query(
        TableName=config().messages_table,
        IndexName="recipient",
        KeyConditionExpression="recipient = :of",
        ExpressionAttributeValues={":of": stored(keys.recipient(org, email))},
        ProjectionExpression="pk",
        ScanIndexForward=False,
    )
    while some := [row["pk"]["S"].partition("#")[2] for row in islice(listed, MOST_AT_ONCE)]:
        found = find(org, some)
        yield from (found[id] for id in some if id in found)


def _page(index: str, of: str, limit: int, start: Item | None) -> tuple[list[Message], Item | None]:
    found, next_start = dynamodb.query_page(
        TableName=config().messages_table,
        IndexName=index,
        KeyConditionExpression="#index = :of",
        ExpressionAttributeNames={"#index": index},
        ExpressionAttributeValues={":of": stored(of)},
        ScanIndexForward=False,
        Limit=limit,
        start=start,
    )
    return [message_from(row) for row in found], next_start
