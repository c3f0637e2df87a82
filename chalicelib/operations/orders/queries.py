"""An order as it is today, for the family that placed it."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from chalicelib.operations import invoices, links
from chalicelib.operations.bookings import Booking
from chalicelib.operations.invoices import InvoiceView
from chalicelib.operations.orders.pay import ask_stripe
from chalicelib.rules.money import Money
from chalicelib.rules.online_payment import StripeUnavailable
from chalicelib.rules.orders import Order
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.refs import Ref
from chalicelib.rules.refusals import Busy, NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.tables import orders, organisations, registrations, sessions


class OrderView(NamedTuple):
    """An order with its registrations as they are now, in the sequence of the basket.

    The registrations of an order that expired or was refunded are deleted: `sessions` still names its sessions. One whose
    address was corrected is left out: the order's link went to the wrong address.
    """

    order: Order
    organisation: Organisation
    sessions: list[Session]
    bookings: list[Booking]
    invoice: InvoiceView | None
    """The invoice for all of them; None if there is none, or none that stands for all."""

    @property
    def registrations(self) -> list[Registration]:
        return [booking.registration for booking in self.bookings]

    @property
    def total(self) -> Money:
        """The price of the registrations that were not removed; of the whole order as long as it is not booked."""
        if not self.order.booked_at:
            return self.order.total
        return Money(sum(one.registration.total.amount for one in self.bookings if one.is_current), self.order.total.currency)


def read_order(token: str, *, now: datetime, returned: bool = True) -> OrderView:
    """Return the order of the link. Raises NotFound, also while it is being placed, and once all its addresses were corrected.

    `returned`: whether Stripe is asked about an order that waits for its payment. Where Stripe does not answer, it waits on.
    """
    order = orders.get(*links.read_order_token(token))
    if order.status == "placing":
        raise NotFound
    if returned or now >= order.deadline:
        with suppress(StripeUnavailable, Busy):
            order = ask_stripe(order, now=now)
    found = [one for one in orders.registrations_of(order) if one.link_version == 1]
    if not found and order.booked_at:
        raise NotFound
    organisation = organisations.get(order.org)
    known = sessions_of(order.org, [line.session for line in order.lines])
    bookings = [Booking(one, known[one.session], organisation) for one in found if one.session in known]
    meant = [known[line.session] for line in order.lines if line.session in known]
    return OrderView(order, organisation, meant, bookings, _invoice(bookings) if order.booked_at else None)


def order_of_booking(token: str) -> str:
    """Return the token of the order that the booking of this link waits for: it is not paid yet. Raises NotFound for any other booking."""
    org, public_id = links.read_booking_token(token)
    _, session, id = Ref.parse(org, public_id)
    found = links.check_booking_token(registrations.get(org, session, id), token)
    if not found.order or found.confirmed_at or found.link_version != 1 or orders.get(org, found.order).held_at is None:
        raise NotFound
    return links.order_token_of(found)


def _invoice(bookings: list[Booking]) -> InvoiceView | None:
    billed = {one.registration.invoice for one in bookings if one.is_current and one.registration.total.amount}
    number = billed.pop() if len(billed) == 1 else ""
    if not number:
        return None
    view = invoices.read_by_number(bookings[0].organisation.org, number)
    return view._replace(registration=replace(view.registration, link_version=1))  # Its link is not that of a corrected address.


def sessions_of(org: str, named: Iterable[str]) -> dict[str, Session]:
    """Return the sessions of lines, by id; without those that are gone."""
    return sessions.several(org, set(named))
