"""Which e-mails reach an address, by its unsubscriptions, bounces and complaints."""

from collections.abc import Iterable

from chalicelib.emails.kinds import declaration
from chalicelib.rules.addresses import Suppression, compared
from chalicelib.rules.messages import EmailKind, Withheld, unwanted
from chalicelib.rules.organisations import EmailPreferences
from chalicelib.tables import organisations

MOST_AT_ONCE = 100


def withheld(preferences: EmailPreferences, kind: EmailKind) -> Withheld | None:
    """Return why an e-mail of this kind is withheld from an address with these preferences; None when it may be sent."""
    declared = declaration(kind)
    return unwanted(preferences, kind, unsubscribable=declared.unsubscribable, requested=declared.requested, optional=declared.optional)


def reaches(org: str, email: str, kind: EmailKind) -> bool:
    """Whether an e-mail of this kind would be sent to the address now."""
    return withheld(organisations.email_preferences(org, email), kind) is None


def suppressions(org: str, emails: Iterable[str]) -> dict[str, Suppression]:
    """Return the suppressed ones of these addresses, each in its `compared` form, with the reason. One request for each hundred."""
    addresses = list({compared(email): email for email in emails if email}.values())
    found: dict[str, Suppression] = {}
    for first in range(0, len(addresses), MOST_AT_ONCE):
        preferences = organisations.email_preferences_of(org, addresses[first : first + MOST_AT_ONCE])
        found |= {compared(email): wants.suppressed_for for email, wants in preferences.items() if wants.suppressed_for}
    return found
