"""Queues a message as a row; the stream sends it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chalicelib.rules.messages import EmailKind, Message, message_id
from chalicelib.tables import messages


def queue(*, kind: EmailKind, org: str, to: str, locale: str, data: Mapping[str, Any], key: str, now: datetime) -> str:
    """Queue an e-mail and return its id. A repeated call with the same kind and key adds nothing.

    `data` holds ids of what the e-mail is about (see `context`), never a link or a token. Without an address, as of an erased customer,
    nothing is queued.
    """
    message = new_message(kind=kind, org=org, to=to, locale=locale, data=data, key=key, now=now)
    queue_new(message)
    return message.id


def new_message(*, kind: EmailKind, org: str, to: str, locale: str, data: Mapping[str, Any], key: str, now: datetime) -> Message:
    """Return a message that `queue` would queue, to be written in a transaction with its subject."""
    return Message(org=org, id=message_id(kind, org, key), kind=kind, to=to, locale=locale, created_at=now, data=data)


def queue_new(message: Message) -> bool:
    """Queue a message. False when there is one of this id already, which stays as it is, or no address."""
    return bool(message.to) and messages.add(message)
