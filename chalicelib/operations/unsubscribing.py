"""What an address wants of an organisation: stop portal invitations, reminders and session invitations, and undo it.

What answers an own request (confirmations, invoices, messages about a booking) is never stopped.
"""

from datetime import datetime
from typing import NamedTuple

from chalicelib.operations import links
from chalicelib.rules.addresses import masked
from chalicelib.rules.organisations import Organisation
from chalicelib.tables import organisations


class Wish(NamedTuple):
    organisation: Organisation
    masked: str
    """The address, masked: the link may have been forwarded."""
    unsubscribed: bool


def read_wish(token: str) -> Wish:
    """Return what the address of this link wants. Raises NotFound for a link that is none."""
    org, email = links.unsubscribing(token)
    return Wish(organisations.get(org), masked(email), organisations.wishes(org, email).unsubscribed)


def unsubscribe(token: str, *, now: datetime) -> Wish:
    """Stop what the address did not ask for. Again: nothing changes."""
    return _wish(token, unsubscribed=True, now=now)


def resubscribe(token: str, *, now: datetime) -> Wish:
    """Let invitations and reminders through again."""
    return _wish(token, unsubscribed=False, now=now)


def _wish(token: str, *, unsubscribed: bool, now: datetime) -> Wish:
    org, email = links.unsubscribing(token)
    organisations.set_unsubscribed(org, email, unsubscribed=unsubscribed, now=now)
    return read_wish(token)
