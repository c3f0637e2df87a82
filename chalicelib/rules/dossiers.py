"""All that an organisation keeps about a customer, in a form that the customer can be given."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, NamedTuple

from chalicelib.rules import times
from chalicelib.rules.customers import Customer
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.invoices import Invoice
from chalicelib.rules.messages import Message
from chalicelib.rules.organisations import Wishes
from chalicelib.rules.registrations import Registration
from chalicelib.rules.waitlist import Entry

OURS = {"org", "nonce", "hold", "chunk", "version", "link_version", "user", "extra", "mail", "sends", "place"}
"""What says nothing of anybody: how we count spots and tell attempts apart."""


class Dossier(NamedTuple):
    customer: Customer
    groups: list[str]
    """By name."""
    wishes: Mapping[str, Wishes]
    """What each of the addresses does not want or does not get."""
    registrations: list[Registration]
    invitations: list[Invitation]
    waitlists: list[Entry]
    messages: list[Message]
    """With what they said."""
    invoices: list[Invoice]
    titles: Mapping[str, str]
    """What the sessions are called."""


def told(dossier: Dossier) -> dict[str, Any]:
    """Return the dossier as JSON takes it."""
    customer = {**_facts(dossier.customer), "groups": dossier.groups, "fields": dict(dossier.customer.fields)}
    return {
        "customer": customer,
        "addresses": [{"address": email, **asdict(wishes)} for email, wishes in dossier.wishes.items()],
        "registrations": [_on_a_session(entry, dossier) for entry in dossier.registrations],
        "invitations": [_on_a_session(entry, dossier) for entry in dossier.invitations],
        "waitlists": [_on_a_session(entry, dossier) for entry in dossier.waitlists],
        "messages": [_message(message) for message in dossier.messages],
        "invoices": [{**_facts(invoice), "total": invoice.total._asdict()} for invoice in dossier.invoices],
    }


def _on_a_session(entry: Registration | Invitation | Entry, dossier: Dossier) -> dict[str, Any]:
    return {"title": dossier.titles.get(entry.session, ""), **_facts(entry)}


def _message(message: Message) -> dict[str, Any]:
    content = message.content
    return {
        "kind": message.kind,
        "to": message.to,
        "state": message.state,
        "reason": message.reason,
        "created_at": times.written(message.created_at),
        "sent_at": times.written(message.sent_at) if message.sent_at else None,
        "subject": content.subject if content else message.subject,
        "text": content.text if content else None,
    }


def _facts(thing: Customer | Registration | Invitation | Entry | Invoice) -> dict[str, Any]:
    return {name: _plain(value) for name, value in asdict(thing).items() if name not in OURS and value not in (None, "", (), {})}


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return times.written(value)
        case dict():
            return {name: _plain(inner) for name, inner in value.items()}
        case list() | tuple():
            return value._asdict() if hasattr(value, "_asdict") else [_plain(inner) for inner in value]
    return value
