"""E-mail preferences of an address: unsubscribe from portal invitations, reminders and session invitations, and undo it.

Answers to the recipient's own requests (confirmations, invoices, messages about a registration) are always sent.
"""

from datetime import datetime
from typing import NamedTuple

from chalicelib.operations import links
from chalicelib.rules.addresses import masked
from chalicelib.rules.organisations import Organisation
from chalicelib.tables import organisations


class PreferencesView(NamedTuple):
    organisation: Organisation
    masked: str
    """The address, masked: the link may have been forwarded."""
    unsubscribed: bool


def read_preferences(token: str) -> PreferencesView:
    """Return the preferences of the link's address. Raises NotFound for an invalid link."""
    org, email = links.read_unsubscribe_token(token)
    return PreferencesView(organisations.get(org), masked(email), organisations.email_preferences(org, email).unsubscribed)


def unsubscribe(token: str, *, now: datetime) -> PreferencesView:
    """Unsubscribe the link's address from invitations and reminders. Safe to repeat. Raises NotFound."""
    return _set(token, unsubscribed=True, now=now)


def resubscribe(token: str, *, now: datetime) -> PreferencesView:
    """Undo the unsubscription of the link's address. Safe to repeat. Raises NotFound."""
    return _set(token, unsubscribed=False, now=now)


def _set(token: str, *, unsubscribed: bool, now: datetime) -> PreferencesView:
    org, email = links.read_unsubscribe_token(token)
    organisations.set_unsubscribed(org, email, unsubscribed=unsubscribed, now=now)
    return read_preferences(token)
