"""A corrected invoice: credit note, cancelled invoice, the invoice in its place and the registration's mark change in one transaction."""

from datetime import datetime
from typing import Any, NamedTuple

from chalicelib.rules import times
from chalicelib.rules.invoices import Invoice
from chalicelib.rules.registrations import Registration
from chalicelib.settings import settings
from chalicelib.tables import invoices, keys, requests
from chalicelib.tables.invoices import NumberTaken, RegistrationChanged
from chalicelib.tables.items import stored

NOT_CANCELLED = "attribute_exists(pk) AND attribute_not_exists(credited_by)"
AS_READ = "nonce = :nonce AND billing = :billing AND party_size = :size AND invoice = :old"
NOTHING_CAME_IN = "attribute_not_exists(payments)"
NOT_MOVED = "attribute_not_exists(moved_to)"
STILL_REMOVED, STILL_THERE = "attribute_exists(removed_at)", "attribute_not_exists(removed_at)"


class Seen(NamedTuple):
    """How many credit notes and invoices there were."""

    notes: int
    invoices: int


def write(note: Invoice, new: Invoice | None, registration: Registration, *, year: int, seen: Seen, by: str, now: datetime) -> None:
    """Cancel an invoice by its credit note, with or without one in its place: all of it or nothing.

    Raises NumberTaken; RegistrationChanged also when it was cancelled or paid meanwhile.
    """
    writes = [
        {"Update": _mark(note, new, registration, by=by, now=now)},
        {"Update": _cancel(note, new)},
        *invoices.numbering(note, year=year, seen=seen.notes),
        *(invoices.numbering(new, year=year, seen=seen.invoices) if new else []),
    ]
    try:
        requests.transact(writes)
    except requests.TransactionFailed as failed:
        if any(reason is not None for reason in failed.reasons[:2]):
            raise RegistrationChanged from None
        raise NumberTaken from None


def _cancel(note: Invoice, new: Invoice | None) -> dict[str, Any]:
    """Return the write that names, on the invoice, what cancelled and what replaced it. Nothing else of it ever changes."""
    replaced = {":new": stored(new.number)} if new else {}
    return {
        "TableName": settings().records_table,
        "Key": keys.invoice(note.org, note.credits).stored(),
        "UpdateExpression": "SET credited_by = :note" + (", replaced_by = :new" if new else ""),
        "ConditionExpression": NOT_CANCELLED,
        "ExpressionAttributeValues": {":note": stored(note.number), **replaced},
    }


def _mark(note: Invoice, new: Invoice | None, registration: Registration, *, by: str, now: datetime) -> dict[str, Any]:
    """Return the write that notes it on the registration: without another invoice, its billing is open again."""
    billing = registration.billing if new else "unpaid"
    step = {"status": billing, "at": times.written(now), "by": by, "note": f"{note.credits} is cancelled by {note.number}"}
    there = STILL_REMOVED if registration.removed_at else STILL_THERE
    return {
        "TableName": settings().rosters_table,
        "Key": keys.registration(registration.org, registration.session, registration.id).stored(),
        "UpdateExpression": "SET billing = :now_it_is, invoices_before = list_append(if_not_exists(invoices_before, :none), :cancelled), "
        "billing_history = list_append(if_not_exists(billing_history, :none), :step)" + (", invoice = :new" if new else " REMOVE invoice"),
        "ConditionExpression": f"{AS_READ} AND {NOTHING_CAME_IN} AND {NOT_MOVED} AND {there}",
        "ExpressionAttributeValues": {
            ":nonce": stored(registration.nonce),
            ":billing": stored(registration.billing),
            ":size": stored(registration.party_size),
            ":old": stored(note.credits),
            ":now_it_is": stored(billing),
            ":cancelled": stored([note.credits, note.number]),
            ":step": stored([step]),
            ":none": stored([]),
            **({":new": stored(new.number)} if new else {}),
        },
    }
