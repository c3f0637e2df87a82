"""Corrections of an invoice: a credit note cancels it, and a new one is issued while the registration stands."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from chalicelib.operations.invoices.issue import ATTEMPTS, SETTINGS, wait_before_retry
from chalicelib.rules.invoices import (
    Billed,
    Invoice,
    InvoiceSettled,
    correctable,
    credit_note,
    credit_numbered,
    invoice_for_all,
    joined,
    numbered,
    outdated,
    year_of,
)
from chalicelib.rules.refusals import Busy, NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.tables import credit_notes, invoices, organisations, sessions
from chalicelib.tables.booking_context import Roster


class Corrected(NamedTuple):
    """A credit note, and the invoice that replaces the cancelled one, if any."""

    credit_note: Invoice
    invoice: Invoice | None


def correct(org: str, number: str, *, by: str, now: datetime) -> Corrected:
    """Cancel an invoice by a credit note and issue a new invoice, unless the registration was removed.

    A repeated call returns the same documents. Raises NotFound, also for a credit note; InvoiceSettled once a payment was recorded; Busy.
    """
    for attempt in range(ATTEMPTS):
        invoice, registered = invoices.with_registrations(org, number)
        if invoice.credits:
            raise NotFound
        if invoice.credited_by:
            return _done(invoice)
        if not correctable(joined(registered)):
            raise InvoiceSettled
        try:
            return _correct(invoice, registered, by=by, now=now)
        except invoices.NumberTaken:
            wait_before_retry(attempt)
        except invoices.RegistrationChanged:
            continue
    raise Busy


def correct_if_outdated(registration: Registration, *, now: datetime) -> None:
    """Correct the registration's invoice if the party size has changed since it was issued. Safe to repeat."""
    invoice, current = invoices.with_registration(registration.org, registration.invoice)
    if not outdated(invoice, current):
        return
    try:
        correct(invoice.org, invoice.number, by=SETTINGS, now=now)
    except InvoiceSettled:
        return


def credit(registration: Registration, *, now: datetime) -> None:
    """Cancel the open invoice of a booking that its family cancelled, by a credit note. Safe to repeat. Raises Busy."""
    try:
        correct(registration.org, registration.invoice, by=registration.email, now=now)
    except InvoiceSettled:
        return


def credit_session(roster: Roster, *, now: datetime) -> None:
    """Cancel the open invoices of a cancelled session by credit notes, if staff said so; it may be done again. Raises Busy."""
    session = roster.session
    for registration in to_credit(roster):
        try:
            correct(session.org, registration.invoice, by=session.credit_by, now=now)
        except InvoiceSettled:
            continue


def to_credit(roster: Roster) -> list[Registration]:
    """Return the registrations whose open invoices are still to be credited, as staff said when they cancelled the session."""
    if not (roster.session.cancelled_at and roster.session.credit_by):
        return []
    return [registration for registration in roster.registrations if correctable(registration) and not registration.moved_to]


def credit_note_of(org: str, number: str) -> str:
    """Return the number of the credit note that cancelled the invoice, empty if none did."""
    return invoices.get(org, number).credited_by


def _correct(invoice: Invoice, registered: Sequence[Registration], *, by: str, now: datetime) -> Corrected:
    org, organisation = invoice.org, organisations.get(invoice.org)
    year = year_of(organisation, now)
    seen = credit_notes.InvoiceCounts(invoices.count(org, year, credit=True), invoices.count(org, year))
    note, new = credit_note(invoice, credit_numbered(year, seen.notes + 1), now=now), None
    known = {id: sessions.get(org, id) for id in dict.fromkeys(one.session for one in registered)}
    left = [Billed(one, known[one.session]) for one in registered if not (one.removed_at or known[one.session].cancelled_at)]
    if left:
        new = invoice_for_all(left, organisation, numbered(year, seen.invoices + 1), now=now)
    credit_notes.write(note, new, registered, year=year, seen=seen, by=by, now=now)
    return Corrected(note, new)


def _done(invoice: Invoice) -> Corrected:
    replaced = invoices.get(invoice.org, invoice.replaced_by) if invoice.replaced_by else None
    return Corrected(invoices.get(invoice.org, invoice.credited_by), replaced)
