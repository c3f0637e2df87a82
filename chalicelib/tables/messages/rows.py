"""The stored form of messages: a row each, and one row of an organisation that calls for those that are overdue."""

import gzip
import json

from chalicelib.rules import times
from chalicelib.rules.messages import Content, Message, MessageState
from chalicelib.tables import keys
from chalicelib.tables.codec import Codec, ValueCodec
from chalicelib.tables.items import Item, item, plain

OVERDUE = "overdue"
"""The `state` of an organisation's one row that is a call to send overdue messages, not a message."""


def packed(content: Content) -> bytes:
    return gzip.compress(json.dumps(content._asdict(), ensure_ascii=False).encode(), mtime=0)


def _unpacked(packed: bytes) -> Content:
    return Content(**json.loads(gzip.decompress(packed)))


MESSAGES = Codec(Message, elsewhere={"org", "id"}, always={"state", "attempts"}, inner={Content: ValueCodec(packed, _unpacked)})


def message_from(row: Item) -> Message:
    values = plain(row)
    org, _, id = values["pk"].partition("#")
    if "fate" in values and values["state"] == "sent":
        values |= {"state": values["fate"], "reason": values.get("fate_reason", "")}
    return MESSAGES.read(values, org=org, id=id)


def message_item(message: Message) -> Item:
    indexed = {
        "recipient": keys.recipient(message.org, message.to),
        "session": keys.roster(message.org, message.session) if message.session else None,
        "created_at": times.written(message.due_at or message.created_at),
        "unsent": keys.clock("gathering" if message.due_at else "unsent", message.org),
    }
    return {**keys.message(message.org, message.id).stored(), **item({**MESSAGES.write(message), **indexed})}


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
