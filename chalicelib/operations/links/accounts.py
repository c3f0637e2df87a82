"""Links to an account, to the e-mail preferences of an address, and to calendar feeds."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

from chalicelib.operations.links.kinds import (
    AGENDA_FEED,
    CALENDAR_FEED,
    CONFIRMATION,
    DATE_REMINDERS,
    PASSWORD_RESET,
    PORTAL_ACTIVATION,
    STAFF_ACTIVATION,
    UNSUBSCRIBE,
    LinkKind,
    url,
)
from chalicelib.rules.addresses import compared
from chalicelib.rules.customers import Customer
from chalicelib.rules.numbers import whole_number
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.refusals import NotFound

MOST_VERSION_DIGITS = 12


def unsubscribe_token(org: str, email: str, *, kind: LinkKind = UNSUBSCRIBE) -> str:
    """Return the token of an address for its e-mail preferences; `kind` says what one click turns off."""
    shown = urlsafe_b64encode(email.encode()).decode().rstrip("=")
    return kind.token(org, shown)


def unsubscribe_page(token: str) -> str:
    """Return the link to the e-mail preferences of an address."""
    return UNSUBSCRIBE.url_of(token)


def unsubscribe_call(token: str) -> str:
    """Return the URL for one-click unsubscription (RFC 8058)."""
    return url(f"/v1/unsubscribe/{token}")


def read_unsubscribe_token(token: str) -> tuple[str, str]:
    """Return (org, address) from a token for e-mail preferences. Raises NotFound."""
    org, email = (DATE_REMINDERS if is_of_date_reminders(token) else UNSUBSCRIBE).read(token)
    return org, urlsafe_b64decode(email + "=" * (-len(email) % 4)).decode()


def is_of_date_reminders(token: str) -> bool:
    """Whether one click on this token's link turns off reminders before dates, rather than invitations."""
    return DATE_REMINDERS.is_genuine(token)


def staff_activation_link(org: str, user_pseudonym: str, link_version: int) -> str:
    """Return the link on which an invited staff member signs up."""
    return STAFF_ACTIVATION.url(org, user_pseudonym, str(link_version))


def read_staff_activation_token(token: str) -> tuple[str, str, int]:
    """Return (org, pseudonym, link version) from a staff invitation's token. Raises NotFound."""
    org, pseudonym, version = STAFF_ACTIVATION.read(token)
    return org, pseudonym, int(version)


def portal_activation_link(org: str, customer: str, link_version: int, *, email: str) -> str:
    """Return the link on which an invited customer chooses a password.

    Its signature covers the address it is sent to, so that it expires when the customer's address changes.
    """
    return PORTAL_ACTIVATION.url(org, customer, str(link_version), secret=compared(email))


def read_portal_activation_token(token: str) -> tuple[str, str, int]:
    """Return (org, customer, link version) from a portal invitation's token. Raises NotFound.

    The token is unverified: `check_portal_token` verifies it.
    """
    org, customer, version_text = PORTAL_ACTIVATION.unverified(token)
    version = whole_number(version_text, most_digits=MOST_VERSION_DIGITS)
    if version is None:
        raise NotFound
    return org, customer, version


def check_portal_token(customer: Customer, token: str) -> None:
    """Raise NotFound unless the token is genuine for the customer's current address."""
    if not PORTAL_ACTIVATION.is_genuine(token, compared(customer.email)):
        raise NotFound


def confirmation_link(org: str, joining: str) -> str:
    """Return the link that confirms the address of a sign-up."""
    return CONFIRMATION.url(org, joining)


def calendar_feed(customer: Customer) -> str:
    """Return the URL of a customer's calendar feed. Calendar apps cannot sign in, so the URL is the secret.

    It is bound to the customer's account and expires when that changes.
    """
    return CALENDAR_FEED.url(customer.org, customer.id, secret=_feed_secret(customer))


def read_feed_token(token: str) -> tuple[str, str]:
    """Return (org, customer) from a feed's token, unverified: `check_feed_token` verifies it. Raises NotFound."""
    org, customer = CALENDAR_FEED.unverified(token)
    return org, customer


def check_feed_token(customer: Customer, token: str) -> None:
    """Raise NotFound unless the token is genuine for the customer's account."""
    if not customer.user or not CALENDAR_FEED.is_genuine(token, _feed_secret(customer)):
        raise NotFound


def _feed_secret(customer: Customer) -> str:
    """Return the account and, once the feed was renewed, its version."""
    return f"{customer.user}#{customer.feed_version}" if customer.feed_version else customer.user


def agenda_feed(member: StaffMember) -> str:
    """Return the URL of the calendar feed of a member of staff. Calendar apps cannot sign in, so the URL is the secret."""
    return AGENDA_FEED.url(member.org, member.user, secret=str(member.feed_version))


def read_agenda_token(token: str) -> tuple[str, str]:
    """Return (org, user) from the token of an agenda's feed, unverified: `check_agenda_token` verifies it. Raises NotFound."""
    org, user = AGENDA_FEED.unverified(token)
    return org, user


def check_agenda_token(member: StaffMember | None, token: str) -> StaffMember:
    """Return the member of staff whose feed the token opens. Raises NotFound."""
    if member is None or member.status != "active" or not AGENDA_FEED.is_genuine(token, str(member.feed_version)):
        raise NotFound
    return member


def password_reset_link(user: str, nonce: str) -> str:
    """Return the link to set a new password."""
    return PASSWORD_RESET.url(user, nonce)
