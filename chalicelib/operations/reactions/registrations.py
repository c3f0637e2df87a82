"""Reactions to a registration that was billed, invoiced, refunded, changed or removed."""

from datetime import datetime

from chalicelib.operations import customers, discounts, invoices
from chalicelib.operations.messages.queue import queue
from chalicelib.operations.reactions.message_keys import family_change_key, refund_key
from chalicelib.rules.invoices import correctable
from chalicelib.rules.messages import EmailKind
from chalicelib.rules.registration_history import FamilyChange, Refund
from chalicelib.rules.registrations import Registration, confirmation_key
from chalicelib.tables import ledger


def confirmation_resent(registration: Registration, *, now: datetime) -> None:
    """Queue the confirmation that is sent again."""
    queue_to_booker("confirmation", registration, now=now, sending=registration.confirmations)


def registration_readdressed(registration: Registration, *, now: datetime) -> None:
    """Ensure that the corrected address of a registration is a customer's, and send it the open invoice, whose earlier link has ended."""
    if registration.confirmed_at and not registration.removed_at:
        customers.ensure_customer(registration, now=now)
    if registration.invoice and invoices.read_by_number(registration.org, registration.invoice).due.amount:
        _queue_invoice(registration, registration.invoice, again=str(registration.link_version), now=now)


def registration_billed(registration: Registration, *, now: datetime) -> None:
    """Issue the invoice of a registration set to `invoiced`, in case the request that set it failed to."""
    invoices.issue_if_wanted(registration, now=now)


def registration_invoiced(registration: Registration, *, now: datetime) -> None:
    """Queue the issued invoice. An invoice that went along to another session was sent before, and is not sent again."""
    _queue_invoice(registration, registration.invoice, now=now)


def invoice_credited(registration: Registration, number: str, *, now: datetime) -> None:
    """Queue the credit note of a cancelled invoice, and close its payment pages, in case the request that cancelled it failed to."""
    invoices.close_later(registration.org, [number], now=now)
    _queue_invoice(registration, invoices.credit_note_of(registration.org, number), now=now)


def registration_resized(registration: Registration, *, now: datetime) -> None:
    """Correct the invoice of a party whose size has changed."""
    invoices.correct_if_outdated(registration, now=now)


def queue_to_booker(kind: EmailKind, registration: Registration, *, now: datetime, sending: int = 0, key: str = "", **more: str) -> None:
    queue(
        kind=kind,
        org=registration.org,
        to=registration.email,
        locale=registration.locale,
        data={"session": registration.session, "registration": registration.id, **more},
        key=key or confirmation_key(registration, sending),
        now=now,
    )


def _queue_invoice(registration: Registration, number: str, *, again: str = "", now: datetime) -> None:
    queue(
        kind="invoice",
        org=registration.org,
        to=registration.email,
        locale=registration.locale,
        data={"session": registration.session, "registration": registration.id, "invoice": number},
        key=f"{number}#{again}" if again else number,
        now=now,
    )


def refunded(registration: Registration, refund: Refund, *, now: datetime) -> None:
    """Queue the e-mail that tells how much went back."""
    queue_to_booker("refund", registration, now=now, key=refund_key(registration, refund), refund=refund.id)


def registration_removed(registration: Registration, *, now: datetime) -> None:
    """Free the spots of a removed registration and return its discount use, in case the request that removed it failed to."""
    if not registration.moved_to:
        discounts.return_use(registration)
    found = ledger.locate_hold(registration)
    if found and registration.holds(found.hold):
        ledger.release(registration.org, registration.session, registration.hold, found.hold, chunk=found.chunk)
    if registration.tell_removed:
        queue_to_booker("registration_removed", registration, now=now)


def changed_by_family(registration: Registration, change: FamilyChange, *, now: datetime) -> None:
    """Queue the e-mail that tells the family what it did, and cancel the open invoice of a booking that it cancelled.

    The e-mail about the transfer tells a move.
    """
    if change.kind == "moved":
        return
    if change.kind == "cancelled" and correctable(registration):
        invoices.credit(registration, now=now)
    kind = family_change_kind(change)
    queue_to_booker(kind, registration, now=now, key=family_change_key(registration, change))


def family_change_kind(change: FamilyChange) -> EmailKind:
    return "booking_cancelled" if change.kind == "cancelled" else "booking_changed"
