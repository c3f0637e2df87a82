"""Messages: a row each. Only who holds the lease of a row sends it; whatever came of it is written on the row."""

import gzip
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from chalicelib.rules import times
from chalicelib.rules.deliveries import Fate, lighter
from chalicelib.rules.messages import Content, Kind, Message, State, Withheld
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.items import Item, item, plain, stored

NEW = "attribute_not_exists(pk)"
NOT_CALLED_NOW = "attribute_not_exists(called_at) OR called_at < :now"
MOST_AT_ONCE = 100
WAITS_TO_BE_SENT = "(#state = :queued OR (#state = :sending AND leased_until < :now))"
MY_ATTEMPT = "#state = :sending AND attempts = :attempts"
NOT_MARKED_YET = "#state IN (:queued, :sending)"
NOT_NOTED_YET = "attribute_exists(pk) AND attribute_not_exists(noted)"
SENT_UNNOTED = "attribute_exists(sent_at) AND attribute_not_exists(noted)"
STATE = {"#state": "state"}
QUEUED, SENDING = stored("queued"), stored("sending")
OVERDUE = "overdue"
"""What stands for the state on the one row of an organisation that is no message but a call to send."""


def add(message: Message) -> bool:
    """Write a new message. False when it was written before: the first one stands."""
    try:
        requests.put(settings().messages_table, _item(message), NEW)
    except requests.ConditionFailed:
        return False
    return True


def get(org: str, own: str) -> Message | None:
    found = requests.get(settings().messages_table, keys.message(org, own))
    return message_from(found) if found else None


def find(org: str, owns: Iterable[str]) -> dict[str, Message]:
    """Return those that are there of up to a hundred messages, by id, in one request."""
    found = requests.batch_get({settings().messages_table: [keys.message(org, own) for own in owns]})
    return {message.id: message for message in map(message_from, found.values())}


def noting(message: Message) -> dict[str, Any]:
    """Return the write that notes that what follows from a sent message was done; it fails when it was done before."""
    return {
        "TableName": settings().messages_table,
        "Key": keys.message(message.org, message.id).stored(),
        "UpdateExpression": "SET noted = :yes",
        "ConditionExpression": NOT_NOTED_YET,
        "ExpressionAttributeValues": {":yes": stored(True)},
    }


def take(org: str, own: str, *, now: datetime, until: datetime) -> Message | None:
    """Lease a message that waits to be sent. None when it is gone or done, or somebody else's lease still runs."""
    try:
        taken = requests.update(
            settings().messages_table,
            keys.message(org, own),
            "SET #state = :sending, leased_until = :until ADD attempts :one",
            WAITS_TO_BE_SENT,
            names=STATE,
            values={
                ":queued": QUEUED,
                ":sending": SENDING,
                ":now": stored(times.written(now)),
                ":until": stored(times.written(until)),
                ":one": stored(1),
            },
        )
    except requests.ConditionFailed:
        return None
    return message_from(taken)


def put_back(message: Message) -> None:
    """Let the next attempt begin at once, unless it has begun or the message is out already."""
    _mark(
        message,
        "SET #state = :queued REMOVE leased_until",
        MY_ATTEMPT,
        {":queued": QUEUED, ":sending": SENDING, ":attempts": stored(message.attempts)},
    )


def withhold(message: Message, withheld: Withheld) -> None:
    """Note that the message is not sent, and why."""
    _mark(
        message,
        "SET #state = :state, reason = :reason REMOVE leased_until, unsent",
        MY_ATTEMPT,
        {
            ":state": stored(withheld.state),
            ":reason": stored(withheld.reason),
            ":sending": SENDING,
            ":attempts": stored(message.attempts),
        },
    )


def mark_sent(message: Message, *, ses_id: str, content: Content, now: datetime) -> None:
    """Note what went out. It holds whoever has the lease by now: the message is out."""
    _mark(
        message,
        "SET #state = :sent, sent_at = :now, ses_id = :ses_id, subject = :subject, content = :content REMOVE leased_until, unsent",
        NOT_MARKED_YET,
        {
            ":sent": stored("sent"),
            ":now": stored(times.written(now)),
            ":ses_id": stored(ses_id),
            ":subject": stored(content.subject),
            ":content": stored(_packed(content)),
            ":queued": QUEUED,
            ":sending": SENDING,
        },
    )


def note_fate(message: Message, fate: Fate, *, reason: str, now: datetime) -> None:
    """Note what SES tells of it, even before it is marked as sent; word of less weight than what is noted changes nothing."""
    names = {f":f{place}": stored(other) for place, other in enumerate(lighter(fate))}
    weighs_more = "attribute_not_exists(fate)" + (f" OR fate IN ({', '.join(names)})" if names else "")
    change = "SET fate = :fate, fate_at = :now" + (", fate_reason = :reason" if reason else " REMOVE fate_reason")
    values = {":fate": stored(fate), ":now": stored(times.written(now)), **({":reason": stored(reason)} if reason else {})}
    try:
        requests.update(
            settings().messages_table,
            keys.message(message.org, message.id),
            change,
            f"attribute_exists(pk) AND ({weighs_more})",
            values={**values, **names},
            want="NONE",
        )
    except requests.ConditionFailed:
        return


def call_for_overdue(org: str, now: datetime) -> None:
    """Let the stream bring word that messages have waited too long. A second word of the same second says nothing new."""
    call = {**keys.overdue(org).stored(), **item({"state": OVERDUE, "called_at": times.written(now)})}
    try:
        requests.put(settings().messages_table, call, NOT_CALLED_NOW, values={":now": stored(times.written(now))})
    except requests.ConditionFailed:
        return


def unsent(org: str, before: datetime) -> list[str]:
    """Return the ids of messages queued before this moment that have not left, oldest first, from the index."""
    found = requests.query(
        TableName=settings().messages_table,
        IndexName="unsent",
        KeyConditionExpression="unsent = :org AND created_at < :before",
        ExpressionAttributeValues={":org": {"S": org}, ":before": {"S": times.written(before)}},
    )
    return [entry["pk"]["S"].partition("#")[2] for entry in found]


def unnoted(org: str, kinds: Sequence[Kind]) -> Iterator[Message]:
    """Return the messages of these kinds that were sent without anybody having noted it. Reads the whole table: for operators alone."""
    names = {f":k{place}": stored(kind) for place, kind in enumerate(kinds)}
    found = requests.scan(
        TableName=settings().messages_table,
        FilterExpression=f"begins_with(pk, :org) AND kind IN ({', '.join(names)}) AND {SENT_UNNOTED}",
        ExpressionAttributeValues={":org": stored(f"{org}#"), **names},
        ConsistentRead=True,
    )
    return map(message_from, found)


def oldest_unsent(org: str) -> datetime | None:
    """Return when the oldest message was queued that has not left, from the index; None when all have."""
    found, _ = requests.query_page(
        TableName=settings().messages_table,
        IndexName="unsent",
        KeyConditionExpression="unsent = :org",
        ExpressionAttributeValues={":org": {"S": org}},
        Limit=1,
    )
    return times.read(found[0]["created_at"]["S"]) if found else None


def about_session(org: str, session: str, *, limit: int, start: Item | None) -> tuple[list[Message], Item | None]:
    """Return a page of the messages about a session, latest first, without what they say."""
    return _page("session", keys.roster(org, session), limit, start)


def to_address(org: str, email: str, *, limit: int, start: Item | None) -> tuple[list[Message], Item | None]:
    """Return a page of the messages to an address, latest first, without what they say."""
    return _page("recipient", keys.recipient(org, email), limit, start)


def place_of(message: Message) -> Item:
    """Return where a list of the messages to its address goes on after this one."""
    return {
        **keys.message(message.org, message.id).stored(),
        "recipient": stored(keys.recipient(message.org, message.to)),
        "created_at": stored(times.written(message.created_at)),
    }


def all_to_address(org: str, email: str) -> Iterator[Message]:
    """Return all messages to an address, latest first, with what they say."""
    listed = requests.query(
        TableName=settings().messages_table,
        IndexName="recipient",
        KeyConditionExpression="recipient = :of",
        ExpressionAttributeValues={":of": stored(keys.recipient(org, email))},
        ProjectionExpression="pk",
        ScanIndexForward=False,
    )
    while some := [entry["pk"]["S"].partition("#")[2] for entry in islice(listed, MOST_AT_ONCE)]:
        found = find(org, some)
        yield from (found[own] for own in some if own in found)


def _page(index: str, of: str, limit: int, start: Item | None) -> tuple[list[Message], Item | None]:
    found, following = requests.query_page(
        TableName=settings().messages_table,
        IndexName=index,
        KeyConditionExpression="#index = :of",
        ExpressionAttributeNames={"#index": index},
        ExpressionAttributeValues={":of": stored(of)},
        ScanIndexForward=False,
        Limit=limit,
        **({"ExclusiveStartKey": start} if start else {}),
    )
    return [message_from(entry) for entry in found], following


def message_from(entry: Item) -> Message:
    values = plain(entry)
    org, _, own = values["pk"].partition("#")
    read = {name: values[name] for name in Message.__dataclass_fields__ if name in values}
    if "fate" in values and values["state"] == "sent":
        read |= {"state": values["fate"], "reason": values.get("fate_reason", "")}
    return Message(
        **{
            **read,
            "org": org,
            "id": own,
            "created_at": times.read(values["created_at"]),
            "sent_at": times.read(values["sent_at"]) if "sent_at" in values else None,
            "content": _unpacked(values["content"]) if "content" in values else None,
        }
    )


def is_call(image: Item) -> bool:
    """Whether the image is the call to send what is overdue, and no message."""
    return bool(image["state"]["S"] == OVERDUE)


def named_by(image: Item) -> tuple[str, str, State]:
    """Return (org, id, state) of a message's image."""
    org, _, own = image["pk"]["S"].partition("#")
    return org, own, image["state"]["S"]


def _mark(message: Message, change: str, condition: str, values: Item) -> None:
    try:
        requests.update(settings().messages_table, keys.message(message.org, message.id), change, condition, names=STATE, values=values)
    except requests.ConditionFailed:
        return


def _item(message: Message) -> Item:
    return {
        **keys.message(message.org, message.id).stored(),
        **item(
            {
                "kind": message.kind,
                "to": message.to,
                "recipient": keys.recipient(message.org, message.to),
                "session": keys.roster(message.org, message.session) if message.session else None,
                "locale": message.locale,
                "data": message.data,
                "state": message.state,
                "attempts": message.attempts,
                "created_at": times.written(message.created_at),
                "unsent": message.org,
            }
        ),
    }


def _packed(content: Content) -> bytes:
    return gzip.compress(json.dumps(content._asdict(), ensure_ascii=False).encode(), mtime=0)


def _unpacked(packed: Any) -> Content:
    return Content(**json.loads(gzip.decompress(packed)))
