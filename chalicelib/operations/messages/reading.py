"""Messages as they are looked at: of a session, of a customer, and one with what it said."""

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
    """Return a page of the messages to a customer's address, latest first. Raises NotFound."""
    customer = customers.get(org, customer_id)
    return MessagePage(*messages.to_address(org, customer.email, limit=limit, start=start))


def read_message(org: str, message_id: str) -> Message:
    """Return a message with what was sent, secrets blanked. Raises NotFound."""
    message = messages.get(org, message_id)
    if message is None:
        raise NotFound
    return message
