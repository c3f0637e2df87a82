"""A corrected invoice: credit note, cancelled invoice, the invoice in its place and the registration's mark change in one transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from chalicelib.config import config
from chalicelib.rules.invoices import Invoice
from chalicelib.rules.registration_history import BillingChange
from chalicelib.rules.registrations import Registration
from chalicelib.tables import dynamodb, invoices, keys
from chalicelib.tables.conditions import THERE, Update, absent, equals, present
from chalicelib.tables.invoices import NOT_MOVED, NumberTaken, RegistrationChanged, as_billed
from chalicelib.tables.registrations.rows import BILLING_CHANGES

NOT_CANCELLED = THERE & absent("credited_by")
NOTHING_CAME_IN = absent("payments")


class InvoiceCounts(NamedTuple):
    """The numbers of credit notes and invoices that were read."""

    notes: int
    invoices: int


def write(
    note: Invoice, new: Invoice | None, registered: Sequence[Registration], *, year: int, seen: InvoiceCounts, by: str, now: datetime
) -> None:
    """Cancel an invoice of these registrations by a credit note, and replace it by `new` if given, in one transaction.

    Raises NumberTaken, and RegistrationChanged also when the invoice was cancelled or paid meanwhile.
    """
    writes = [
        *(_invoice_write(note, new if new and one.public_id in new.registration_ids else None, one, by=by, now=now) for one in registered),
        _cancel(note, new),
        *invoices.number_writes(note, year=year, seen=seen.notes),
        *(invoices.number_writes(new, year=year, seen=seen.invoices) if new else []),
    ]
    try:
        dynamodb.transact(writes)
    except dynamodb.TransactionFailed as failed:
        if any(reason is not None for reason in failed.reasons[: len(registered) + 1]):
            raise RegistrationChanged from None
        raise NumberTaken from None


def _cancel(note: Invoice, new: Invoice | None) -> dict[str, Any]:
    """Return the write that records, on the invoice, its credit note and its replacement. Else only its payment pages change."""
    change = Update().set(credited_by=note.number, replaced_by=new.number if new else None)
    return dynamodb.update_write(config().records_table, keys.invoice(note.org, note.credits), change, NOT_CANCELLED)


def _invoice_write(note: Invoice, new: Invoice | None, registration: Registration, *, by: str, now: datetime) -> dict[str, Any]:
    """Return the write that records the new invoice on the registration; without one, its billing is open again."""
    billing = registration.billing if new else "unpaid"
    billing_change = BILLING_CHANGES.write(BillingChange(billing, now, by, f"{note.credits} is cancelled by {note.number}"))
    change = Update().set(billing=billing, invoice=new.number if new else None).append("billing_history", billing_change)
    there = present("removed_at") if registration.removed_at else absent("removed_at")
    return dynamodb.update_write(
        config().rosters_table,
        keys.registration(registration.org, registration.session, registration.id),
        change.append("invoices_before", note.credits, note.number),
        as_billed(registration) & equals("invoice", note.credits) & NOTHING_CAME_IN & NOT_MOVED & there,
    )
