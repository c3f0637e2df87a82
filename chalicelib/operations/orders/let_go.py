"""Takes back the lines of an order that was not booked."""

from datetime import datetime

from chalicelib.operations.orders.follow import follow
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.tables import ledger, orders, registrations


def let_go(registration: Registration) -> None:
    """Free the hold of a line that is not booked, and delete its row. An invitation keeps its hold."""
    if not registration.invitation:
        found = ledger.place_of(registration)
        if found and found.hold.is_for(registration) and not found.hold.is_taken:
            ledger.release(registration.org, registration.session, registration.hold, found.hold, chunk=found.chunk)
    registrations.take_back(registration)


def settle(registration: Registration, *, now: datetime) -> None:
    """Finish or take back the line of an order whose request has crashed: a booked order is followed, one that lapsed is let go."""
    try:
        order = orders.get(registration.org, registration.order)
    except NotFound:
        let_go(registration)
        return
    if any(line.registration == registration.id for line in order.lines):
        if order.booked_at:
            follow(order, now=now)
            return
        if now < order.held_until or not orders.drop(order):
            return
    let_go(registration)
