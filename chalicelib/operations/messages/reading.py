"""Messages as they are looked at: of a session, of a customer, and one with what it said."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from chalicelib.rules.messages import Message
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import customers, messages, sessions
from chalicelib.tables.items import Item


class MessagePage(NamedTuple):
    items: list[Message]
    next: Item | None


def list_session_messages(org: str, session_id: str, *, limit: int, start: Item | None = None) -> MessagePage:
    """Return a page of the messages about a session, latest first. Raises NotFound."""
    sessions.get(org, session_id)
    return MessagePage(*messages.about_session(org, session_id, limit=limit, start=start))


def list_customer_messages(org: str, customer_id: str, *, limit: int, start: Item | None = None) -> MessagePage:
    """Return a page of the messages to any of a customer's addresses, latest first. Raises NotFound, CustomerMerged."""
    emails = customers.addresses(customers.get(org, customer_id))
    return _together(org, start or dict.fromkeys(emails), limit)


def read_message(org: str, message_id: str) -> Message:
    """Return a message with what was sent, secrets blanked. Raises NotFound."""
    message = messages.get(org, message_id)
    if message is None:
        raise NotFound
    return message


def waits(org: str, *, now: datetime) -> float:
    """Return for how many seconds the organisation's oldest message that has not left has waited; 0 when all have left."""
    oldest = messages.oldest_unsent(org)
    return max(0.0, (now - oldest).total_seconds()) if oldest else 0.0


def _together(org: str, places: Mapping[str, Item | None], limit: int) -> MessagePage:
    """Return the latest messages to several addresses, each read from its place on, and the places of those that have more."""
    pages = {email: messages.to_address(org, email, limit=limit, start=place or None) for email, place in places.items()}
    every = [(message, email) for email, (found, _) in pages.items() for message in found]
    latest = sorted(every, key=lambda entry: entry[0].created_at, reverse=True)[:limit]
    following: Item = {}
    for email, (found, more) in pages.items():
        shown = [message for message, of in latest if of == email]
        if len(shown) < len(found):
            following[email] = messages.place_of(shown[-1]) if shown else places[email]
        elif more:
            following[email] = more
    return MessagePage([message for message, _ in latest], following or None)
