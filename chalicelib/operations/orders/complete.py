"""Completes a booked order: its payment is recorded, and the hold of each line is confirmed.

It may be repeated, by the request, the stream and the reconciler.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from chalicelib.rules.ledger import Hold, SessionFull
from chalicelib.rules.online_payment import billing_after_report, payment_of, reported_of
from chalicelib.rules.orders import Order
from chalicelib.rules.refusals import Busy, ChangedMeanwhile
from chalicelib.rules.registrations import Registration
from chalicelib.tables import ledger, orders, registrations

ATTEMPTS = 10


def complete(order: Order, *, now: datetime) -> None:
    """Record the payment of a booked order on its lines, and confirm their holds. Safe to repeat. Raises Busy.

    The payments come first: the invoice for all lines is issued when the first hold is confirmed.
    """
    for registration in record_payment(order):
        confirm_line(registration, now=now)


def record_payment(order: Order) -> list[Registration]:
    """Record the payment of a booked order on its lines, and return them. Safe to repeat. Raises Busy."""
    found = orders.registrations_of(order)
    return [_paid(order, registration) for registration in found] if order.paid_on else found


def _paid(order: Order, registration: Registration) -> Registration:
    """Return the registration with its part of the order's payment, which is its price."""
    reported = reported_of(order, registration.total)
    assert order.booked_at
    for _ in range(ATTEMPTS):
        part = payment_of(reported, registration, now=order.booked_at)
        if part is None or registration.moved_to or not part.amount:
            return registration
        with suppress(ChangedMeanwhile):
            part = replace(part, with_order=True)
            return registrations.add_payment(registration, part, billing_after_report(part, registration))
        registration = registrations.get(registration.org, registration.session, registration.id)
    raise Busy


def confirm_line(registration: Registration, *, chunk: int | None = None, now: datetime) -> None:
    """Confirm the hold of a line whose order is booked. `chunk` is the one that it was claimed on, if the caller knows it.

    The spots were promised with the order. If they were lost because nobody confirmed them in time, they are claimed again, as extra spots
    where the session is full by then.
    """
    if registration.confirmed_at or registration.removed_at or registration.invitation:
        return  # The hold of an invitation was confirmed by the write that booked the order.
    try:
        ledger.confirm(
            registration.org,
            registration.session,
            registration.hold,
            nonce=registration.nonce,
            registration=registration.id,
            chunk=registration.chunk if chunk is None else chunk,
            now=int(now.timestamp()),
        )
    except ledger.HoldConfirmed:
        return
    except ledger.HoldGone:
        _claim_again(registration, now=now)


def _claim_again(registration: Registration, *, now: datetime) -> None:
    org, session, id = registration.org, registration.session, registration.id
    row = registrations.find(org, session, id)
    if row is None or row.removed_at or row.confirmed_at:
        return
    found = ledger.locate_hold(registration)
    if found and found.hold.is_for(registration):
        with suppress(ledger.HoldConfirmed):
            ledger.release(org, session, registration.hold, found.hold._replace(state="held"), chunk=found.chunk)
    taken = Hold(spots=registration.party_size, state="taken", nonce=registration.nonce, registration=id)
    try:
        ledger.claim_with_full_ledger(org, session, registration.hold, taken, now=now)
    except SessionFull:
        ledger.claim_extra(org, session, registration.hold, taken._replace(extra=registration.party_size), now=now)
