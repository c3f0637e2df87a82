"""An order as it is today, for the family that placed it."""

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from chalicelib.operations import invoices, links
from chalicelib.operations.bookings import Booking
from chalicelib.operations.invoices import InvoiceView
from chalicelib.rules.money import Money
from chalicelib.rules.orders import Order
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.tables import orders, organisations, sessions


class OrderView(NamedTuple):
    """A booked order with its registrations as they are now, in the sequence of the basket.

    One whose address was corrected is left out: the order's link went to the wrong address.
    """

    order: Order
    organisation: Organisation
    bookings: list[Booking]
    invoice: InvoiceView | None
    """The invoice for all of them; None if there is none, or none that stands for all."""

    @property
    def registrations(self) -> list[Registration]:
        return [booking.registration for booking in self.bookings]

    @property
    def total(self) -> Money:
        """What the registrations cost that still stand."""
        return Money(sum(one.registration.total.amount for one in self.bookings if one.stands), self.order.total.currency)


def read_order(token: str) -> OrderView:
    """Return the order of the link. Raises NotFound, also while it is not booked, and once all its addresses were corrected."""
    order = orders.get(*links.read_order_token(token))
    if order.booked_at is None:
        raise NotFound
    found = [one for one in orders.registrations_of(order) if one.link_version == 1]
    if not found:
        raise NotFound
    organisation = organisations.get(order.org)
    known = sessions_of(order.org, [one.session for one in found])
    bookings = [Booking(one, known[one.session], organisation) for one in found if one.session in known]
    return OrderView(order, organisation, bookings, _invoice(bookings))


def _invoice(bookings: list[Booking]) -> InvoiceView | None:
    billed = {one.registration.invoice for one in bookings if one.stands and one.registration.total.amount}
    number = billed.pop() if len(billed) == 1 else ""
    if not number:
        return None
    view = invoices.read_by_number(bookings[0].organisation.org, number)
    return view._replace(registration=replace(view.registration, link_version=1))  # Its link is not that of a corrected address.


def sessions_of(org: str, named: Iterable[str]) -> dict[str, Session]:
    """Return the sessions of lines, by id; without those that are gone."""
    return sessions.several(org, set(named))
