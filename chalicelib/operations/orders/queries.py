"""An order as it is today, for whoever placed it."""

from typing import NamedTuple

from chalicelib.operations import links
from chalicelib.rules.money import Money
from chalicelib.rules.orders import Order
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.tables import orders, sessions


class OrderView(NamedTuple):
    """A booked order with its registrations as they are now, in the sequence of the basket, and their sessions by id."""

    order: Order
    registrations: list[Registration]
    sessions: dict[str, Session]

    @property
    def total(self) -> Money:
        """What the registrations cost that still stand."""
        standing = (one for one in self.registrations if not one.removed_at and not self.sessions[one.session].cancelled_at)
        return Money(sum(one.total.amount for one in standing), self.order.total.currency)


def read_order(token: str) -> OrderView:
    """Return the order of the link. Raises NotFound, also while it is not booked."""
    return view_of(orders.get(*links.read_order_token(token)))


def view_of(order: Order) -> OrderView:
    """Return an order with its registrations. Raises NotFound while it is not booked."""
    if order.booked_at is None:
        raise NotFound
    found = orders.registrations_of(order)
    return OrderView(order, found, sessions.several(order.org, {one.session for one in found}))
