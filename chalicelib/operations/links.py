"""The only builder of links. They start at the deployment's public address, since e-mails are sent without a request."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from typing import NamedTuple

from chalicelib.config import config
from chalicelib.rules import links
from chalicelib.rules.addresses import compared
from chalicelib.rules.customers import Customer
from chalicelib.rules.invitations import Invitation, InvitationEnded
from chalicelib.rules.invoices import NUMBER
from chalicelib.rules.numbers import whole_number
from chalicelib.rules.orders import Order
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.pictures import Picture
from chalicelib.rules.refs import Ref
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.rules.waitlist import Entry

OLDER_LINKS_KNOWN = 20
MOST_VERSION_DIGITS = 12


def url(path: str) -> str:
    """Return the absolute URL of a path."""
    return f"{config().public_url}{path}"


class LinkKind(NamedTuple):
    """A kind of link: the name that its seal covers, its path, and the number of readable parts in its token.

    `{org}` in the path is the first of these parts.
    """

    name: str
    path: str
    length: int = 2

    def token(self, *parts: str, secret: str = "") -> str:
        return links.token(config().link_key, self.name, *parts, secret=secret)

    def url(self, *parts: str, secret: str = "") -> str:
        return self.url_of(self.token(*parts, secret=secret))

    def url_of(self, token: str) -> str:
        return url(self.path.format(org=token.partition(links.SEPARATOR)[0], token=token))

    def is_genuine(self, token: str, secret: str = "") -> bool:
        return links.is_genuine(config().link_key, self.name, token, secret)

    def unverified(self, token: str) -> tuple[str, ...]:
        """Return the parts of a token whose secret the caller has yet to compare. Raises NotFound unless all are there."""
        shown = links.parts(token)
        if len(shown) != self.length or not all(shown):
            raise NotFound
        return shown

    def read(self, token: str) -> tuple[str, ...]:
        """Return the parts of a genuine token without a secret. Raises NotFound."""
        shown = self.unverified(token)
        if not self.is_genuine(token):
            raise NotFound
        return shown


INVITATION = LinkKind("invitation", "/i/{token}", length=3)
WAITLIST = LinkKind("waitlist", "/waitlist/{token}", length=3)
WAITLIST_MAILED = LinkKind("waitlist, mailed", "/waitlist/{token}", length=3)
"""The same page, by the link that only the e-mail has: it also confirms the address."""
UNSUBSCRIBE = LinkKind("unsubscribe", "/unsubscribe/{token}")
DATE_REMINDERS = LinkKind("date reminders", "/unsubscribe/{token}")
"""The same page, from a reminder before a date: it turns these off."""
STAFF_ACTIVATION = LinkKind("staff", "/activate/{token}", length=3)
PORTAL_ACTIVATION = LinkKind("portal", "/activate/{token}", length=3)
CONFIRMATION = LinkKind("confirm", "/confirm/{token}")
CALENDAR_FEED = LinkKind("calendar", "/v1/calendars/{token}.ics")
AGENDA_FEED = LinkKind("agenda", "/v1/agendas/{token}.ics")
SIGN_UP_BROWSER = LinkKind("browser", "")
"""No link, but the token of a cookie."""
BASKET = LinkKind("basket", "")
"""No link, but the token of a cookie, with the contents of a basket."""
SIGN_IN = LinkKind("sign-in", "")
"""No link, but the token of a sign-in that waits for its second factor."""
PASSWORD_RESET = LinkKind("reset", "/reset/{token}")
INVOICE = LinkKind("invoice", "/invoice/{token}")
BOOKING = LinkKind("booking", "/b/{token}")
REGISTERED = LinkKind("registered", "/p/{org}/registered/{token}")
"""The page of a booking in e-mails of earlier versions; it leads to today's."""
ORDER = LinkKind("order", "/order/{token}")
CHECK_IN = LinkKind("check-in", "/o/{org}/check-in/{token}")


def invitation_token(invitation: Invitation) -> str:
    return INVITATION.token(invitation.org, invitation.session, invitation.id, secret=str(invitation.link_version))


def invitation_link(invitation: Invitation) -> str:
    """Return the link to answer the invitation. It stays the same until it is rotated."""
    return INVITATION.url_of(invitation_token(invitation))


def sessions_page(org: str) -> str:
    """Return the URL of the organisation's public list of sessions."""
    return url(f"/p/{org}")


def picture_link(org: str, owner: str, picture: Picture) -> str:
    """Return the URL of a picture for e-mails, link previews and other programs. `owner` is the id of a session, or `logo`."""
    return url(f"/pictures/{org}/{owner}/{picture.name}")


def session_page(org: str, session: str) -> str:
    """Return the URL of a session's public page."""
    return url(f"/p/{org}/sessions/{session}")


def read_invitation_token(token: str) -> Ref:
    """Return the invitation that the token names, unverified: `check_invitation_token` verifies it. Raises NotFound."""
    return Ref(*INVITATION.unverified(token))


def check_invitation_token(invitation: Invitation | None, token: str) -> Invitation:
    """Return the invitation if the token is genuine. Raises NotFound, InvitationEnded if a newer link has replaced it."""
    if invitation is None:
        raise NotFound
    if INVITATION.is_genuine(token, str(invitation.link_version)):
        return invitation
    earlier = range(max(1, invitation.link_version - OLDER_LINKS_KNOWN), invitation.link_version)
    if any(INVITATION.is_genuine(token, str(version)) for version in earlier):
        raise InvitationEnded("rotated")
    raise NotFound


def waitlist_token(entry: Entry) -> str:
    return WAITLIST.token(entry.org, entry.session, entry.id, secret=_since(entry.link_version))


def waitlist_link(entry: Entry) -> str:
    """Return the link to view a waitlist entry's position, and to leave."""
    return WAITLIST.url_of(waitlist_token(entry))


def read_waitlist_token(token: str) -> Ref:
    """Return the waitlist entry that the token names, to be checked with `check_waitlist_token`. Raises NotFound."""
    return Ref(*WAITLIST.unverified(token))


def check_waitlist_token(entry: Entry, token: str) -> Entry:
    """Return the entry if the token is its link. Raises NotFound, also for a link to an address that was corrected since."""
    if not (WAITLIST.is_genuine(token, _since(entry.link_version)) or is_mailed_place(entry, token)):
        raise NotFound
    return entry


def mailed_waitlist_link(entry: Entry) -> str:
    """Return the page of a position on a waitlist for the e-mail: who has this link has read the mailbox."""
    return WAITLIST_MAILED.url_of(mailed_waitlist_token(entry))


def mailed_waitlist_token(entry: Entry) -> str:
    """Return the token of the link in the entry's e-mail."""
    return WAITLIST_MAILED.token(entry.org, entry.session, entry.id, secret=_since(entry.link_version))


def is_mailed_place(entry: Entry, token: str) -> bool:
    """Whether this is the token of the link in the entry's e-mail."""
    return WAITLIST_MAILED.is_genuine(token, _since(entry.link_version))


def _since(link_version: int) -> str:
    """Return what the seal of a link covers beside the thing. The links of the first version have nothing."""
    return str(link_version) if link_version > 1 else ""


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
    """Return the member if they belong to the staff and the token is that of their feed. Raises NotFound."""
    if member is None or member.status != "active" or not AGENDA_FEED.is_genuine(token, str(member.feed_version)):
        raise NotFound
    return member


def portal_page(org: str, page: str) -> str:
    """Return the URL of a page of the organisation's portal: sign-in, register, me or code."""
    return url(f"/p/{org}/{page}")


def integrations_page(org: str) -> str:
    """Return the URL of the page with API keys and webhooks."""
    return url(f"/o/{org}/integrations")


def decision_page(org: str, session: str) -> str:
    """Return the URL of the page on which staff decide whether a session with too few participants goes ahead."""
    return url(f"/o/{org}/sessions/{session}/minimum")


def password_reset_link(user: str, nonce: str) -> str:
    """Return the link to set a new password."""
    return PASSWORD_RESET.url(user, nonce)


def invoice_token(registration: Registration, number: str) -> str:
    """Return the token that opens an invoice or credit note of a registration."""
    return INVOICE.token(registration.org, number, secret=_since(registration.link_version))


def invoice_link(registration: Registration, number: str) -> str:
    """Return the link to an invoice, which opens without an account."""
    return INVOICE.url_of(invoice_token(registration, number))


def read_invoice_token(token: str) -> tuple[str, str]:
    """Return (org, number) from an invoice's token, to be checked with `check_invoice_token`. Raises NotFound."""
    org, number = INVOICE.unverified(token)
    if not NUMBER.fullmatch(number):
        raise NotFound
    return org, number


def check_invoice_token(registered: Iterable[Registration], token: str) -> None:
    """Raise NotFound unless the token is a link to an invoice of a registration, also for one to an address that was corrected since."""
    if not any(INVOICE.is_genuine(token, _since(registration.link_version)) for registration in registered):
        raise NotFound


def stripe_webhook(org: str) -> str:
    """Return the URL of the organisation's Stripe webhook."""
    return url(f"/v1/stripe/{org}/webhook")


def booking_token(registration: Registration) -> str:
    """Return the token that opens the booking: what the person who booked sees of the registration, and may do with it."""
    return BOOKING.token(registration.org, registration.public_id, secret=_since(registration.link_version))


def booking_link(registration: Registration) -> str:
    """Return the link to the booking for the person who booked."""
    return BOOKING.url_of(booking_token(registration))


def read_booking_token(token: str) -> tuple[str, str]:
    """Return (org, registration) from a booking's token, to be checked with `check_booking_token`. Raises NotFound."""
    org, registration = BOOKING.unverified(token)
    return org, registration


def check_booking_token(registration: Registration, token: str) -> Registration:
    """Return the registration if the token is its link. Raises NotFound, also for a link to an address that was corrected since."""
    if not BOOKING.is_genuine(token, _since(registration.link_version)):
        raise NotFound
    return registration


def read_registered_token(token: str) -> tuple[str, str]:
    """Return (org, registration) from an earlier version's token, to be checked with `check_registered_token`. Raises NotFound."""
    org, registration = REGISTERED.unverified(token)
    return org, registration


def check_registered_token(registration: Registration, token: str) -> Registration:
    """Return the registration if the token is its link of an earlier version. Raises NotFound, as `check_booking_token` does."""
    if not REGISTERED.is_genuine(token, _since(registration.link_version)):
        raise NotFound
    return registration


def basket_token(org: str, contents: str) -> str:
    """Return the token with which a browser keeps the contents of a basket at an organisation."""
    return BASKET.token(org, contents)


def read_basket_token(org: str, token: str) -> str:
    """Return the contents of a basket at an organisation. Raises NotFound."""
    its_org, contents = BASKET.read(token)
    if its_org != org:
        raise NotFound
    return contents


def order_token(order: Order) -> str:
    """Return the token that opens the page of an order for the family that placed it."""
    return ORDER.token(order.org, order.id)


def order_link(order: Order) -> str:
    """Return the link to the page of an order."""
    return ORDER.url_of(order_token(order))


def order_token_of(registration: Registration) -> str:
    """Return the token of the order that a registration was booked with."""
    return ORDER.token(registration.org, registration.order)


def read_order_token(token: str) -> tuple[str, str]:
    """Return (org, order) from an order's token. Raises NotFound."""
    org, order = ORDER.read(token)
    return org, order


def check_in_token(registration: Registration) -> str:
    """Return the token in the QR code of a registration. It opens nothing to the person who booked, and nothing to a stranger."""
    return CHECK_IN.token(registration.org, registration.public_id, secret=_since(registration.link_version))


def check_in_link(registration: Registration) -> str:
    """Return the link in the QR code of a registration, with which staff mark that its participants are there."""
    return CHECK_IN.url_of(check_in_token(registration))


def read_check_in_token(token: str) -> tuple[str, str]:
    """Return (org, registration) from the token of a QR code, to be checked with `check_check_in_token`. Raises NotFound."""
    org, registration = CHECK_IN.unverified(token)
    return org, registration


def check_check_in_token(registration: Registration, token: str) -> None:
    """Raise NotFound unless the token is the registration's, also for one that went to an address that was corrected since."""
    if not CHECK_IN.is_genuine(token, _since(registration.link_version)):
        raise NotFound
