"""Closes Stripe's payment pages of an invoice that is not to be paid there any more: cancelled, paid otherwise, or of a cancelled session.

Requests of the API do it at once. Where nothing is due any more, a job does it as well (`close_later`): the streams and the clock may not
read the Stripe keys, and Stripe may not answer at once. A payment that still comes in is recorded, and staff are told.
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

from chalicelib import stripe
from chalicelib.operations.invoices import credit_notes
from chalicelib.operations.invoices.credit_notes import Corrected
from chalicelib.rules.invoices import Invoice
from chalicelib.rules.online_payment import StripeUnavailable
from chalicelib.rules.registrations import Registration
from chalicelib.tables import booking_context, invoices, online_payment


def correct(org: str, number: str, *, by: str, now: datetime) -> Corrected:
    """Correct an invoice as `credit_notes.correct` does, and close its payment pages."""
    corrected = credit_notes.correct(org, number, by=by, now=now)
    close_checkouts(org, [number])
    return corrected


def close_pages(registration: Registration) -> None:
    """Close the payment pages of a registration's invoice, of which all or a part was paid otherwise."""
    if registration.invoice:
        close_checkouts(registration.org, [registration.invoice])


def close_on(org: str, session: str) -> None:
    """Close the payment pages of all invoices of a cancelled session."""
    registered = booking_context.roster(org, session).registrations
    close_checkouts(org, [one.invoice for one in registered if one.invoice and not one.moved_to])


def close_checkouts(org: str, numbers: Iterable[str], *, paid: str = "") -> None:
    """Close the open payment pages of invoices. `paid`: the id of one that was just paid, which Stripe has closed itself."""
    for invoice in invoices.several(org, numbers):
        if invoice.checkouts:
            with suppress(StripeUnavailable):
                close(invoice, paid=paid)


def close(invoice: Invoice, *, paid: str = "") -> None:
    """Close the payment pages of an invoice that were open when it was read, and note it. Safe to repeat. Raises StripeUnavailable."""
    secret_key = online_payment.get(invoice.org).secret_key
    for id in invoice.checkouts:
        if id != paid and secret_key:
            stripe.expire_checkout(secret_key, id)
    invoices.note_closed(invoice)
