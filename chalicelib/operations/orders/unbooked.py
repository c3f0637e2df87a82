"""The lines of an order that was not booked: their holds, uses of codes and rows are deleted."""

from datetime import datetime

from chalicelib.operations import codes
from chalicelib.operations.orders.complete import complete
from chalicelib.rules.orders import Order
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.tables import ledger, orders, registrations


def delete_line(registration: Registration) -> None:
    """Release the hold of a line that is not booked, return its use of an invitation code, and delete its row. Safe to repeat.

    An invitation keeps its hold, and can be accepted again.
    """
    release_hold(registration)
    if registration.code:
        codes.delete_unbooked(registration)
    else:
        registrations.delete_attempt(registration)


def release_hold(registration: Registration) -> None:
    """Release the hold of a line that is not booked. An invitation keeps its hold, and can be accepted again."""
    if registration.invitation:
        ledger.end_payment_hold(registration)
        return
    found = ledger.locate_hold(registration)
    if found and found.hold.is_for(registration) and not found.hold.is_taken:
        ledger.release(registration.org, registration.session, registration.hold, found.hold, chunk=found.chunk)


def resolve(registration: Registration, *, now: datetime) -> None:
    """Finish the line of an order whose request has crashed: confirm it if the order is booked, delete it if the order lapsed."""
    order = _order_of(registration)
    if order and order.booked_at:
        complete(order, now=now)
    elif order is None or order.is_decided or (now >= order.held_until and not order.awaits_payment and orders.drop(order)):
        delete_line(registration)


def is_left_behind(registration: Registration, *, now: datetime) -> bool:
    """Whether no request works on an unconfirmed line any more: its order is decided, lapsed, or another attempt's.

    The clock works on an order that waits for its payment, until Stripe reports its end.
    """
    order = _order_of(registration)
    return order is None or order.is_decided or (now >= order.held_until and not order.awaits_payment)


def _order_of(registration: Registration) -> Order | None:
    """Return the order if the registration is a line of it; None if it is gone, or another attempt of the request has taken it over."""
    try:
        order = orders.get(registration.org, registration.order)
    except NotFound:
        return None
    return order if any(line.registration == registration.id for line in order.lines) else None
