"""Makes the holds of an order last longer, or claims its spots again."""

from datetime import datetime

from chalicelib.operations.orders import invitation_writes
from chalicelib.rules.ledger import Hold
from chalicelib.rules.orders import COMPLETED_WITHIN, Order
from chalicelib.rules.registrations import Registration
from chalicelib.rules.session_refusals import SessionCancelled
from chalicelib.tables import ledger, orders, sessions


def prolong(order: Order, *, until: datetime) -> None:
    """Let the holds of an order last until it has been followed that may be booked until this moment. Raises HoldGone, Busy."""
    for registration in orders.registrations_of(order):
        _prolong(registration, until)


def hold_again(order: Order, *, now: datetime) -> None:
    """Hold the spots of an order whose time is over, as long as it takes to book it: those that are still there, others are claimed again.

    An invitation that has ended is not: its end has decided about its spots.
    Raises SessionFull, SessionCancelled, Busy, and HoldGone if a line or the hold of an invitation is not there any more.
    """
    found = orders.registrations_of(order)
    if len(found) < len(order.lines):
        raise ledger.HoldGone
    known = sessions.several(order.org, {one.session for one in found})
    if any(one.session not in known or known[one.session].cancelled_at for one in found):
        raise SessionCancelled
    for registration in found:
        try:
            _prolong(registration, now)
        except ledger.HoldGone:
            if registration.invitation:
                raise
            _claim(registration, now)


def _prolong(registration: Registration, until: datetime) -> None:
    if registration.invitation:
        invitation_writes.hold_for_payment(registration, until=until + COMPLETED_WITHIN)
        return
    org, session, hold = registration.org, registration.session, registration.hold
    seconds = int((until + COMPLETED_WITHIN).timestamp())
    ledger.prolong(org, session, hold, nonce=registration.nonce, chunk=registration.chunk, until=seconds)


def _claim(registration: Registration, now: datetime) -> None:
    org, session, hold = registration.org, registration.session, registration.hold
    until = int((now + COMPLETED_WITHIN).timestamp())
    held = Hold(spots=registration.party_size, state="held", nonce=registration.nonce, expires_at=until)
    ledger.claim_with_full_ledger(org, session, hold, held, now=now)
