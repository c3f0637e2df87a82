"""The export of all data that an organisation stores about a customer, for the customer."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, NamedTuple

from chalicelib.rules import times
from chalicelib.rules.attendance import MarkedDate
from chalicelib.rules.customers import Customer
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.invoices import Invoice
from chalicelib.rules.messages import Message
from chalicelib.rules.organisations import EmailPreferences
from chalicelib.rules.registrations import Registration
from chalicelib.rules.waitlist import WaitlistEntry

OURS = {
    *("org", "nonce", "hold", "chunk", "version", "link_version", "user", "extra"),
    *("mail", "sends", "place", "feed_version", "silent", "vouched"),
}
"""Attributes without personal data, such as nonces and the counting of spots."""
PUBLISHED = {"tokens_valid_from": "sessions_from"}
"""Attributes that have another name in the export."""


class DataExport(NamedTuple):
    customer: Customer
    groups: list[str]
    """By name."""
    email_preferences: Mapping[str, EmailPreferences]
    """The e-mail preferences of each address."""
    registrations: list[Registration]
    invitations: list[Invitation]
    waitlists: list[WaitlistEntry]
    messages: list[Message]
    """The messages, with their content."""
    invoices: list[Invoice]
    titles: Mapping[str, str]
    """The sessions' titles."""
    attendance: Sequence[MarkedDate] = ()
    """The marks of their participants."""


def to_json(export: DataExport) -> dict[str, Any]:
    """Return the export as JSON values."""
    customer = {**_facts(export.customer), "groups": export.groups, "fields": dict(export.customer.fields)}
    return {
        "customer": customer,
        "addresses": [_address(email, preferences) for email, preferences in export.email_preferences.items()],
        "registrations": [_on_a_session(one, export) for one in export.registrations],
        "invitations": [_on_a_session(one, export) for one in export.invitations],
        "waitlists": [_on_a_session(one, export) for one in export.waitlists],
        "attendance": [_mark(marked) for marked in export.attendance],
        "messages": [_message(message) for message in export.messages],
        "invoices": [{**_facts(invoice), "total": invoice.total._asdict()} for invoice in export.invoices],
    }


def _address(email: str, preferences: EmailPreferences) -> dict[str, Any]:
    return {
        "address": email,
        "unsubscribed": preferences.unsubscribed,
        "date_reminders": not preferences.no_date_reminders,
        "language": preferences.language,
        "suppressed": preferences.suppressed,
        "suppressed_for": preferences.suppressed_for or "",
        "bounce": _plain(preferences.bounce._asdict()) if preferences.bounce else None,
        "complaints": list(preferences.complaints),
    }


def _on_a_session(booked: Registration | Invitation | WaitlistEntry, export: DataExport) -> dict[str, Any]:
    return {"title": export.titles.get(booked.session, ""), **_facts(booked)}


def _mark(marked: MarkedDate) -> dict[str, Any]:
    return {
        "title": marked.session.title,
        "starts_at": times.written(marked.meeting.starts_at),
        "participant": marked.name,
        "status": marked.mark.status,
        "at": times.written(marked.mark.at),
        "note": marked.mark.note,
    }


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


def _facts(record: Customer | Registration | Invitation | WaitlistEntry | Invoice) -> dict[str, Any]:
    values = {PUBLISHED.get(name, name): value for name, value in asdict(record).items() if name not in OURS}
    return {name: _plain(value) for name, value in values.items() if value not in (None, "", (), {})}


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return times.written(value)
        case dict():
            return {name: _plain(inner) for name, inner in value.items()}
        case list() | tuple():
            return value._asdict() if hasattr(value, "_asdict") else [_plain(inner) for inner in value]
    return value
