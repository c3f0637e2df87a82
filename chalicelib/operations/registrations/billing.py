"""What a registration owes and paid. Refunding never moves spots; removing never refunds."""

from datetime import datetime

from chalicelib.operations.invoices import issue
from chalicelib.operations.registrations.removing import read_registration
from chalicelib.operations.sessions import exporting
from chalicelib.rules.drafts.rosters import BillingStep, PaymentDraft
from chalicelib.rules.refusals import Busy, ChangedMeanwhile
from chalicelib.rules.registrations import AlreadyRemoved, OtherCurrency, Payment, Registration, UnknownMeeting, billing_after
from chalicelib.tables import organisations, registrations, sessions
from chalicelib.tables.items import Item

ATTEMPTS = 5
LONGEST_PAGE = 500


def set_billing(org: str, registration_id: str, step: BillingStep, *, by: str, now: datetime) -> Registration:
    """Set the billing status; who did it, when and why is kept. `invoiced` issues the invoice, unless there is one.

    It may be set after a removal too: a refund, for example. Raises AlreadyRemoved for an invoice of one that was moved: it belongs there.
    """
    registration, _ = read_registration(org, registration_id)
    if step.status == "invoiced" and registration.moved_to:
        raise AlreadyRemoved
    billed = registrations.set_billing(registration, step.status, by=by, note=step.note, now=now)
    return issue(billed, by=by, now=now) if step.status == "invoiced" else billed


def add_payment(org: str, registration_id: str, draft: PaymentDraft, *, by: str, now: datetime) -> Registration:
    """Note money that came in, for one meeting or all; the status follows from the sum.

    Raises OtherCurrency, UnknownMeeting; AlreadyRemoved for one that was moved: its money belongs there.
    """
    for _ in range(ATTEMPTS):
        registration, _ = read_registration(org, registration_id)
        if registration.moved_to:
            raise AlreadyRemoved
        _check(registration, draft)
        payment = Payment(draft.amount.amount, draft.method, now, by, draft.meeting or "")
        try:
            return registrations.add_payment(registration, payment, billing_after(registration, payment))
        except ChangedMeanwhile:
            continue
    raise Busy


def list_orders(org: str, *, status: str, limit: int, start: Item | None = None) -> tuple[list[Registration], Item | None]:
    """Return a page of the organisation's registrations, latest first, all or those of one billing status."""
    return registrations.orders(org, status=status, limit=limit, start=start)


def export_orders(org: str, *, status: str) -> str:
    """Return all of them as CSV, times in the organisation's zone."""
    zone, found, start = organisations.get(org).time_zone, list[Registration](), None
    while True:
        page, start = registrations.orders(org, status=status, limit=LONGEST_PAGE, start=start)
        found += page
        if not start:
            return exporting.export_orders(found, zone)


def _check(registration: Registration, draft: PaymentDraft) -> None:
    if draft.amount.currency != registration.price.currency:
        raise OtherCurrency(registration.price.currency)
    if draft.meeting and draft.meeting not in {meeting.id for meeting in sessions.get(registration.org, registration.session).meetings}:
        raise UnknownMeeting
