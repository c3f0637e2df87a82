"""Billing of a registration: status, payments, refunds. A refund never moves spots; a removal never refunds."""

from datetime import datetime

from chalicelib.operations.invoices import close_pages, issue
from chalicelib.operations.registrations.remove import read_registration
from chalicelib.rules.billing import billing_after
from chalicelib.rules.inputs.roster import BillingStatusInput, PaymentInput
from chalicelib.rules.refusals import Busy, ChangedMeanwhile
from chalicelib.rules.registration_history import Payment
from chalicelib.rules.registration_refusals import AlreadyRemoved, OtherCurrency, UnknownMeeting
from chalicelib.rules.registrations import Registration
from chalicelib.tables import registrations, sessions
from chalicelib.tables.items import Item

ATTEMPTS = 5


def set_billing(org: str, public_id: str, change: BillingStatusInput, *, by: str, now: datetime) -> Registration:
    """Set the billing status, recorded with user, time and note. `invoiced` issues the invoice, unless it has one.

    Removed registrations can be changed too, for example refunded. Raises NotFound, AlreadyRemoved if a transferred registration is to be
    invoiced: its invoice belongs to the other session.
    """
    registration, _ = read_registration(org, public_id)
    if change.status == "invoiced" and registration.moved_to:
        raise AlreadyRemoved
    billed = registrations.set_billing(registration, change.status, by=by, note=change.note, now=now)
    if billed.billing != "unpaid":
        close_pages(billed)
    return issue(billed, by=by, now=now) if change.status == "invoiced" else billed


def add_payment(org: str, public_id: str, draft: PaymentInput, *, by: str, now: datetime) -> Registration:
    """Record a payment for one meeting or all of them. The billing status follows from the sum of payments.

    Raises NotFound, OtherCurrency, UnknownMeeting, AlreadyRemoved if it was transferred: its payments belong to the other session.
    """
    for _ in range(ATTEMPTS):
        registration, _ = read_registration(org, public_id)
        if registration.moved_to:
            raise AlreadyRemoved
        _check(registration, draft)
        payment = Payment(draft.amount.amount, draft.method, now, by, draft.meeting or "")
        try:
            paid = registrations.add_payment(registration, payment, billing_after(registration, payment))
        except ChangedMeanwhile:
            continue
        close_pages(paid)
        return paid
    raise Busy


def list_orders(org: str, *, status: str, limit: int, start: Item | None = None) -> tuple[list[Registration], Item | None]:
    """Return a page of the organisation's registrations, latest first; empty `status` for all."""
    return registrations.orders(org, status=status, limit=limit, start=start)


def _check(registration: Registration, draft: PaymentInput) -> None:
    if draft.amount.currency != registration.price.currency:
        raise OtherCurrency(registration.price.currency)
    if draft.meeting and draft.meeting not in {meeting.id for meeting in sessions.get(registration.org, registration.session).meetings}:
        raise UnknownMeeting
