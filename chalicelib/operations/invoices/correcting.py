"""Correcting an invoice: a credit note cancels it, and another one is issued in its place while the registration stands."""

from datetime import datetime
from typing import NamedTuple

from chalicelib.operations.invoices.issuing import ATTEMPTS, SETTINGS, let_others_pass
from chalicelib.rules.invoices import (
    Invoice,
    InvoiceSettled,
    correctable,
    credit_note,
    credit_numbered,
    invoice_for,
    numbered,
    outdated,
    year_of,
)
from chalicelib.rules.refusals import Busy, NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.tables import corrections, invoices, organisations, sessions


class Corrected(NamedTuple):
    """The credit note, and the invoice in place of the cancelled one."""

    credit_note: Invoice
    invoice: Invoice | None


def correct(org: str, number: str, *, by: str, now: datetime) -> Corrected:
    """Cancel an invoice and issue what the registration is to pay now; nothing, when it was removed. Once: again, it is the same.

    Raises NotFound, InvoiceSettled when money came in, Busy.
    """
    for attempt in range(ATTEMPTS):
        invoice, registration = invoices.with_registration(org, number)
        if invoice.credits:
            raise NotFound
        if invoice.credited_by:
            return _done(invoice)
        if not correctable(registration):
            raise InvoiceSettled
        try:
            return _correct(invoice, registration, by=by, now=now)
        except invoices.NumberTaken:
            let_others_pass(attempt)
        except invoices.RegistrationChanged:
            continue
    raise Busy


def correct_if_outdated(registration: Registration, *, now: datetime) -> None:
    """Correct the invoice of a registration whose party has another size by now; it may be done again."""
    invoice, current = invoices.with_registration(registration.org, registration.invoice)
    if not outdated(invoice, current):
        return
    try:
        correct(invoice.org, invoice.number, by=SETTINGS, now=now)
    except InvoiceSettled:
        return


def credit_note_of(org: str, number: str) -> str:
    """Return the number of the credit note that cancelled an invoice."""
    return invoices.get(org, number).credited_by


def _correct(invoice: Invoice, registration: Registration, *, by: str, now: datetime) -> Corrected:
    org, organisation = invoice.org, organisations.get(invoice.org)
    year = year_of(organisation, now)
    seen = corrections.Seen(invoices.count(org, year, credit=True), invoices.count(org, year))
    note, new = credit_note(invoice, credit_numbered(year, seen.notes + 1), now=now), None
    if not registration.removed_at:
        session = sessions.get(org, registration.session)
        new = invoice_for(registration, session, organisation, numbered(year, seen.invoices + 1), now=now)
    corrections.write(note, new, registration, year=year, seen=seen, by=by, now=now)
    return Corrected(note, new)


def _done(invoice: Invoice) -> Corrected:
    replaced = invoices.get(invoice.org, invoice.replaced_by) if invoice.replaced_by else None
    return Corrected(invoices.get(invoice.org, invoice.credited_by), replaced)
