"""Messages: a row each. A message is sent only under the lease of its row, and the result is recorded on the row."""

import gzip
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from chalicelib.config import config
from chalicelib.rules import times
from chalicelib.rules.deliveries import Fate, replaceable
from chalicelib.rules.letters import SessionBefore
from chalicelib.rules.messages import Content, EmailKind, Message, MessageState, Withheld
from chalicelib.rules.sessions import Meeting
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.codec import Codec, ValueCodec
from chalicelib.tables.conditions import NEW, THERE, Condition, Update, absent, at_most, below, equals, one_of
from chalicelib.tables.items import Item, item, plain, stored
from chalicelib.tables.session_rows import MEETINGS

MOST_AT_ONCE = 100
QUEUED, SENDING = "queued", "sending"
NOT_MARKED_YET = one_of("state", (QUEUED, SENDING))
NOT_NOTED_YET = THERE & absent("noted")
SENT_UNNOTED = "attribute_exists(sent_at) AND attribute_not_exists(noted)"
DATES = Codec(SessionBefore, inner={Meeting: MEETINGS})
OVERDUE = "overdue"
"""The `state` of an organisation's one row that is a call to send overdue messages, not a message."""


def _packed(content: Content) -> bytes:
    return gzip.compress(json.dumps(content._asdict(), ensure_ascii=False).encode(), mtime=0)


def _unpacked(packed: bytes) -> Content:
    return Content(**json.loads(gzip.decompress(packed)))


MESSAGES = Codec(Message, elsewhere={"org", "id"}, always={"state", "attempts"}, inner={Content: ValueCodec(_packed, _unpacked)})


def add(message: Message) -> bool:
    """Write a new message. False when it exists already; it is unchanged then."""
    try:
        dynamodb.put_new(config().messages_table, _item(message))
    except dynamodb.ConditionFailed:
        return False
    return True


def add_write(message: Message) -> dict[str, Any]:
    """Return the write of a new message, for a transaction with the row that it is about. It fails when the message exists."""
    return dynamodb.put_write(config().messages_table, _item(message), NEW)


def get(org: str, id: str) -> Message | None:
    found = dynamodb.get(config().messages_table, keys.message(org, id))
    return message_from(found) if found else None


def find(org: str, ids: Iterable[str]) -> dict[str, Message]:
    """Return the existing ones of up to a hundred messages, by id, in one request."""
    found = dynamodb.batch_get({config().messages_table: [keys.message(org, id) for id in ids]})
    return {message.id: message for message in map(message_from, found.values())}


def note_write(message: Message) -> dict[str, Any]:
    """Return the write that marks the consequences of a sent message as done. It fails when they were done before."""
    return dynamodb.update_write(config().messages_table, keys.message(message.org, message.id), Update().set(noted=True), NOT_NOTED_YET)


def take(org: str, id: str, *, now: datetime, until: datetime) -> Message | None:
    """Lease a message for sending until `until`. None when it is gone, done or not due, or another lease is still valid."""
    lease_is_over = equals("state", SENDING) & below("leased_until", times.written(now))
    waits = equals("state", QUEUED) & absent("due_at")
    change = Update().set(state=SENDING, leased_until=times.written(until)).add(attempts=1)
    try:
        taken = dynamodb.update(config().messages_table, keys.message(org, id), change, waits | lease_is_over)
    except dynamodb.ConditionFailed:
        return None
    return message_from(taken)


def put_back(message: Message) -> None:
    """End the lease, so that the next attempt can start at once; nothing if one has started or the message was sent."""
    _record(message, Update().set(state=QUEUED).remove("leased_until"), _my_attempt(message))


def defer(message: Message, *, until: datetime) -> None:
    """End the lease, and let the message wait until this moment; nothing if another attempt has started. `dispatch` queues it again."""
    index = {"due_at": times.written(until), "created_at": times.written(until), "unsent": keys.clock("gathering", message.org)}
    _record(message, Update().set(state=QUEUED, **index).remove("leased_until"), _my_attempt(message))


def withhold(message: Message, withheld: Withheld) -> None:
    """Record that the message is not sent, and why."""
    change = Update().set(state=withheld.state, reason=withheld.reason).remove("leased_until", "unsent")
    _record(message, change, _my_attempt(message))


def mark_sent(message: Message, *, ses_id: str, content: Content, now: datetime, told: SessionBefore | None = None) -> None:
    """Record the sent content, even if another attempt has the lease: SES has accepted the message. `told`: the content of a notice."""
    facts = {"ses_id": ses_id, "subject": content.subject, "content": _packed(content), "told": DATES.write(told) if told else None}
    sent = {"state": "sent", "sent_at": times.written(now), **facts}
    _record(message, Update().set(**sent).remove("leased_until", "unsent"), NOT_MARKED_YET)


def dispatch(org: str, id: str, *, now: datetime, leaves_at: datetime) -> bool:
    """Queue a message that is due, as of `leaves_at`; the stream sends it as it sends new ones. False when another run was faster."""
    change = Update().set(created_at=times.written(leaves_at), unsent=keys.clock("unsent", org)).remove("due_at")
    due = equals("state", QUEUED) & at_most("due_at", times.written(now))
    try:
        dynamodb.update(config().messages_table, keys.message(org, id), change, due, want="NONE")
    except dynamodb.ConditionFailed:
        return False
    return True


def note_fate(message: Message, fate: Fate, *, reason: str, now: datetime) -> bool:
    """Record SES's event, even before the message is marked as sent. False for the recorded fate and for one of lower precedence:
    they change nothing."""
    change = Update().set(fate=fate, fate_at=times.written(now), fate_reason=reason or None)
    less = replaceable(fate)
    weighs_more = absent("fate") | one_of("fate", less) if less else absent("fate")
    try:
        dynamodb.update(config().messages_table, keys.message(message.org, message.id), change, THERE & weighs_more, want="NONE")
    except dynamodb.ConditionFailed:
        return False
    return True


def call_for_overdue(org: str, now: datetime) -> bool:
    """Write the row whose stream record makes the handler send overdue messages. False when somebody has called within this second."""
    call = {**keys.overdue(org).stored(), **item({"state": OVERDUE, "called_at": times.written(now)})}
    not_called_now = absent("called_at") | below("called_at", times.written(now))
    try:
        dynamodb.put(config().messages_table, call, not_called_now)
    except dynamodb.ConditionFailed:
        return False
    return True


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
        **({"ExclusiveStartKey": start} if start else {}),
    )
    return [message_from(row) for row in found], next_start


def message_from(row: Item) -> Message:
    values = plain(row)
    org, _, id = values["pk"].partition("#")
    if "fate" in values and values["state"] == "sent":
        values |= {"state": values["fate"], "reason": values.get("fate_reason", "")}
    return MESSAGES.read(values, org=org, id=id)


def is_call(image: Item) -> bool:
    """Whether the image is the call to send overdue messages."""
    return bool(image["state"]["S"] == OVERDUE)


def gathers(image: Item) -> bool:
    """Whether the image is of a message that is not due yet."""
    return "due_at" in image


def named_by(image: Item) -> tuple[str, str, MessageState]:
    """Return (org, id, state) of a message's image."""
    org, _, id = image["pk"]["S"].partition("#")
    return org, id, image["state"]["S"]


def _my_attempt(message: Message) -> Condition:
    return equals("state", SENDING) & equals("attempts", message.attempts)


def _record(message: Message, change: Update, condition: Condition) -> None:
    try:
        dynamodb.update(config().messages_table, keys.message(message.org, message.id), change, condition)
    except dynamodb.ConditionFailed:
        return


def _item(message: Message) -> Item:
    indexed = {
        "recipient": keys.recipient(message.org, message.to),
        "session": keys.roster(message.org, message.session) if message.session else None,
        "created_at": times.written(message.due_at or message.created_at),
        "unsent": keys.clock("gathering" if message.due_at else "unsent", message.org),
    }
    return {**keys.message(message.org, message.id).stored(), **item({**MESSAGES.write(message), **indexed})}
