"""Messages of a session, of a customer, and one with its content."""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from chalicelib.rules.messages import Message
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.tables import customers, messages, sessions
from chalicelib.tables.items import Item

LATEST_READ = 100


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


def list_registration_messages(registration: Registration, *, limit: int) -> list[Message]:
    """Return the latest messages about a registration, among the last hundred to its address."""
    found, _ = messages.to_address(registration.org, registration.email, limit=LATEST_READ, start=None)
    mine = [one for one in found if one.session == registration.session and _is_about(one, registration)]
    return mine[:limit]


def _is_about(message: Message, registration: Registration) -> bool:
    """Whether a message is about a registration; one that names none is about the session, and so about each of them."""
    return not message.registrations or registration.id in message.registrations


def read_message(org: str, message_id: str, *, by: StaffMember) -> Message:
    """Return a message with its content as sent, secrets blanked. Raises NotFound.

    Staff who may not change rosters see no link that accepts, declines or leaves: it would do so for everybody who has it.
    """
    message = messages.get(org, message_id)
    if message is None:
        raise NotFound
    if message.content is None or by.may("manage_roster"):
        return message
    return replace(message, content=message.content.without_claims())


def _together(org: str, starts: Mapping[str, Item | None], limit: int) -> MessagePage:
    """Return the latest messages to several addresses, merged. `starts` maps each address to its start key, None to start."""
    pages = {email: messages.to_address(org, email, limit=limit, start=start or None) for email, start in starts.items()}
    every = [(message, email) for email, (found, _) in pages.items() for message in found]
    latest = sorted(every, key=lambda found: found[0].created_at, reverse=True)[:limit]
    next_starts: Item = {}
    for email, (found, more) in pages.items():
        shown = [message for message, of in latest if of == email]
        if len(shown) < len(found):
            next_starts[email] = messages.page_start(shown[-1]) if shown else starts[email]
        elif more:
            next_starts[email] = more
    return MessagePage([message for message, _ in latest], next_starts or None)
