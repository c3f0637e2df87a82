"""Links to a booking, an invoice, a basket and an order, and the one in the QR code for check-in."""

from collections.abc import Iterable

from chalicelib.operations.links.kinds import BASKET, BOOKING, CHECK_IN, INVOICE, ORDER, REGISTERED, version_secret
from chalicelib.rules.invoices import NUMBER
from chalicelib.rules.orders import Order
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import Registration


def invoice_token(registration: Registration, number: str) -> str:
    """Return the token that opens an invoice or credit note of a registration."""
    return INVOICE.token(registration.org, number, secret=version_secret(registration.link_version))


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
    if not any(INVOICE.is_genuine(token, version_secret(registration.link_version)) for registration in registered):
        raise NotFound


def booking_token(registration: Registration) -> str:
    """Return the token that opens the booking: what the person who booked sees of the registration, and may do with it."""
    return BOOKING.token(registration.org, registration.public_id, secret=version_secret(registration.link_version))


def booking_link(registration: Registration) -> str:
    """Return the link to the booking for the person who booked."""
    return BOOKING.url_of(booking_token(registration))


def read_booking_token(token: str) -> tuple[str, str]:
    """Return (org, registration) from a booking's token, to be checked with `check_booking_token`. Raises NotFound."""
    org, registration = BOOKING.unverified(token)
    return org, registration


def check_booking_token(registration: Registration, token: str) -> Registration:
    """Return the registration if the token is its link. Raises NotFound, also for a link to an address that was corrected since."""
    if not BOOKING.is_genuine(token, version_secret(registration.link_version)):
        raise NotFound
    return registration


def read_registered_token(token: str) -> tuple[str, str]:
    """Return (org, registration) from an earlier version's token, to be checked with `check_registered_token`. Raises NotFound."""
    org, registration = REGISTERED.unverified(token)
    return org, registration


def check_registered_token(registration: Registration, token: str) -> Registration:
    """Return the registration if the token is its link of an earlier version. Raises NotFound, as `check_booking_token` does."""
    if not REGISTERED.is_genuine(token, version_secret(registration.link_version)):
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
    return CHECK_IN.token(registration.org, registration.public_id, secret=version_secret(registration.link_version))


def check_in_link(registration: Registration) -> str:
    """Return the link in the QR code of a registration, with which staff mark that its participants are there."""
    return CHECK_IN.url_of(check_in_token(registration))


def read_check_in_token(token: str) -> tuple[str, str]:
    """Return (org, registration) from the token of a QR code, to be checked with `check_check_in_token`. Raises NotFound."""
    org, registration = CHECK_IN.unverified(token)
    return org, registration


def check_check_in_token(registration: Registration, token: str) -> None:
    """Raise NotFound unless the token is the registration's, also for one that went to an address that was corrected since."""
    if not CHECK_IN.is_genuine(token, version_secret(registration.link_version)):
        raise NotFound
