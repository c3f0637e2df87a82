"""E-mail preferences of an address: which e-mails it gets beside the answers to its own requests, and in which language.

Answers to the recipient's own requests (confirmations, invoices, messages about a registration) are always sent.
"""

from datetime import datetime
from typing import NamedTuple

from chalicelib.languages import Locale
from chalicelib.operations import links
from chalicelib.rules.addresses import masked
from chalicelib.rules.inputs.email_preferences import PreferencesChanges
from chalicelib.rules.organisations import Organisation
from chalicelib.tables import organisations


class PreferencesView(NamedTuple):
    organisation: Organisation
    masked: str
    """The address, masked: the link may have been forwarded."""
    unsubscribed: bool
    """Whether it gets no invitations."""
    date_reminders: bool
    """Whether it gets reminders before dates."""
    language: Locale | None
    """The language of e-mails to it; None for that of what each is about."""
    about_dates: bool
    """Whether the link is that of a reminder before a date, which one click turns off."""

    @property
    def is_off(self) -> bool:
        """Whether what one click turns off is off."""
        return not self.date_reminders if self.about_dates else self.unsubscribed


def read_preferences(token: str) -> PreferencesView:
    """Return the preferences of the link's address. Raises NotFound for an invalid link."""
    org, email = links.read_unsubscribe_token(token)
    found = organisations.email_preferences(org, email)
    shown = (found.unsubscribed, not found.no_date_reminders, found.language)
    return PreferencesView(organisations.get(org), masked(email), *shown, links.is_of_date_reminders(token))


def unsubscribe(token: str, *, now: datetime) -> PreferencesView:
    """Unsubscribe the link's address from invitations, or with the link of a reminder from these. Safe to repeat. Raises NotFound."""
    return _set(token, off=True, now=now)


def resubscribe(token: str, *, now: datetime) -> PreferencesView:
    """Undo the unsubscription of the link's address. Safe to repeat. Raises NotFound."""
    return _set(token, off=False, now=now)


def change_preferences(token: str, changes: PreferencesChanges, *, now: datetime) -> PreferencesView:
    """Change the preferences that are given. Safe to repeat. Raises NotFound."""
    org, email = links.read_unsubscribe_token(token)
    given = changes.model_fields_set
    if changes.invitations is not None:
        organisations.set_unsubscribed(org, email, unsubscribed=not changes.invitations, now=now)
    if changes.date_reminders is not None:
        organisations.set_date_reminders(org, email, off=not changes.date_reminders)
    if "language" in given:
        organisations.set_language(org, email, changes.language)
    return read_preferences(token)


def _set(token: str, *, off: bool, now: datetime) -> PreferencesView:
    org, email = links.read_unsubscribe_token(token)
    if links.is_of_date_reminders(token):
        organisations.set_date_reminders(org, email, off=off)
    else:
        organisations.set_unsubscribed(org, email, unsubscribed=off, now=now)
    return read_preferences(token)
