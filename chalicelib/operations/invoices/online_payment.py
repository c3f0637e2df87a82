"""Online payment of an invoice: a Checkout Session takes the amount due, and each payment that Stripe reports is recorded once."""

from datetime import datetime

from chalicelib import stripe, telemetry
from chalicelib.operations import links
from chalicelib.operations.invoices.close_checkouts import close_checkouts
from chalicelib.operations.invoices.queries import InvoiceView, read_invoice
from chalicelib.rules.online_payment import (
    InvoiceOfCancelledSession,
    NothingDue,
    OnlinePaymentOff,
    ReportedPayment,
    billing_after_report,
    checkout,
    note_on,
    payments_of,
)
from chalicelib.rules.organisations import check_takes_bookings
from chalicelib.rules.refusals import Busy, ChangedMeanwhile, NotFound
from chalicelib.tables import invoices, online_payment, registrations, sessions

ATTEMPTS = 10


def open_checkout(token: str, *, lang: str = "", now: datetime) -> str:
    """Return the URL of Stripe's page for paying the amount due, the same one while the invoice is unchanged.

    It leads back to the invoice's page in the language `lang`, empty for the payer's own.

    The amount is read again once the page is recorded: what cancels a session or records a payment closes the pages that it finds, and may
    have looked before there was one. Raises NotFound, NothingDue, InvoiceOfCancelledSession, OnlinePaymentOff, BookingsPaused,
    StripeUnavailable, Busy.
    """
    for _ in range(ATTEMPTS):
        view = _payable(token)
        url = _opened(view, lang, now=now)
        if read_invoice(token).due == view.due:
            return url
        close_checkouts(view.invoice.org, [view.invoice.number])
    raise Busy


def _payable(token: str) -> InvoiceView:
    """Return the invoice of the link if it can be paid online."""
    view = read_invoice(token)
    check_takes_bookings(view.organisation)
    if view.called_off:
        raise InvoiceOfCancelledSession
    if view.due.amount == 0:
        raise NothingDue
    return view


def _opened(view: InvoiceView, lang: str, *, now: datetime) -> str:
    """Open a page for the amount due, record the page, and return its URL. Raises NothingDue, OnlinePaymentOff, StripeUnavailable."""
    invoice, keys = view.invoice, online_payment.get(view.invoice.org)
    if not keys.complete:
        raise OnlinePaymentOff
    page = links.invoice_link(view.registration, invoice.number)
    fields = checkout(invoice, view.due, page, lang=lang)
    opened = stripe.open_checkout(keys.secret_key, fields, closed=invoice.closed_checkouts, now=now)
    if not invoices.note_checkout(invoice, opened.id):
        stripe.expire_checkout(keys.secret_key, opened.id)
        raise NothingDue
    return opened.url


def note_payment(payment: ReportedPayment, *, now: datetime) -> None:
    """Record the payment on the invoice's registrations, which may have been transferred, unless it is recorded already. Raises Busy.

    A crash between two of them is mended by the repeated event: a payment is recorded once.
    """
    for _ in range(ATTEMPTS):
        try:
            invoice, registered = invoices.with_registrations(payment.org, payment.invoice)
        except NotFound:
            return telemetry.count("PaymentOfNothing")
        came = payments_of(payment, invoice, registered, now=now)
        if not came:
            return None
        try:
            for registration, part in came:
                note = note_on(invoice, registration, sessions.get(registration.org, registration.session))
                registrations.add_payment(registration, part, billing_after_report(part, registration), note=note)
        except ChangedMeanwhile:
            continue
        return close_checkouts(payment.org, [payment.invoice], paid=payment.session)
    raise Busy
