"""Cancels a booking, as its family: the row ends and its spots become free in one transaction."""

from contextlib import suppress
from datetime import datetime

from chalicelib.operations import discounts, invoices, refunds
from chalicelib.operations.bookings.queries import terms_of
from chalicelib.operations.registrations import read_registration
from chalicelib.rules.bookings import BookingEnded, check_may_cancel, family_change_of, with_family_change
from chalicelib.rules.invoices import InvoiceSettled
from chalicelib.rules.online_payment import StripeUnavailable
from chalicelib.rules.refusals import Busy
from chalicelib.rules.registrations import Registration
from chalicelib.tables import dynamodb, ledger, registrations

ATTEMPTS = 8


def cancel(org: str, public_id: str, *, key: str, now: datetime) -> int:
    """Cancel a booking and return how many spots became free. A retry with the same key frees nothing more.

    An open invoice is cancelled by a credit note. What was paid through Stripe goes back by itself: it is asked for together with the
    cancellation, and a job goes on if Stripe does not answer now. Other money stays until staff decide. Raises NotFound, BookingEnded,
    NotByYourself, TooLateToCancel, Busy.
    """
    registration, _ = read_registration(org, public_id)
    freed = _cancel(registration, key=key, now=now)
    discounts.return_use(registration)
    _credit(registration, now=now)
    with suppress(StripeUnavailable):
        refunds.complete(refunds.current(org, public_id), now=now)
    return freed


def _cancel(registration: Registration, *, key: str, now: datetime) -> int:
    org, session = registration.org, registration.session
    for _ in range(ATTEMPTS):
        if done := family_change_of(registration, key):
            return done.spots
        located = ledger.locate_hold(registration)
        if registration.removed_at or located is None or not registration.holds(located.hold):
            raise BookingEnded
        check_may_cancel(registration, *terms_of(registration), now)
        ended = with_family_change(registration, "cancelled", spots=located.hold.freed, request=key, now=now)
        ended = refunds.with_all_back(ended, by=registration.email, key=f"own-{key}", now=now)
        writes = [
            ledger.release_write(org, session, registration.hold, located.hold, chunk=located.chunk),
            *registrations.cancel_writes(ended, registration, by=registration.email, now=now),
        ]
        try:
            dynamodb.transact(writes)
        except dynamodb.TransactionFailed:
            registration = registrations.get(org, session, registration.id)
            continue
        ledger.reopen(org, session)
        return located.hold.freed
    raise Busy


def _credit(registration: Registration, *, now: datetime) -> None:
    """Cancel the open invoice, unless money came in for it, and close its payment pages, which ask for an amount that is no longer due.

    The stream does the first, too, if this request breaks off.
    """
    if not registration.invoice:
        return
    try:
        invoices.correct(registration.org, registration.invoice, by=registration.email, now=now)
    except InvoiceSettled:
        invoices.close_pages(registration)
