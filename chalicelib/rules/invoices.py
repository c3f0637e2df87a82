"""An invoice for a registration, as both were on the day of issue. It never changes afterwards."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, NamedTuple

from chalicelib.rules.money import Money
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.refusals import Conflict
from chalicelib.rules.registration_history import Billing
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.rules.times import local
from chalicelib.rules.translation import N_

InvoiceStatus = Literal["open", "paid", "refunded"]
DocumentStatus = Literal["open", "paid", "refunded", "cancelled", "credit"]
NUMBER = re.compile(r"C?[0-9]{4}-[0-9]{4,12}", re.IGNORECASE)
"""The numbers of invoices and, with a C, of credit notes."""
THOUSANDTHS = 1000
"""VAT rates have up to three decimal places, and amounts are counted without fractions."""


class InvoiceSettled(Conflict):
    code = "invoice_settled"
    sentence = N_("Money came in for this invoice, so it stays as it is. Note a refund in the billing instead.")


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """A number of spots at a price; a line without spots is a reduction, whose label is translated. Prices include VAT."""

    label: str
    tier: str
    spots: int
    price: Money

    @property
    def amount(self) -> Money:
        return self.price.times(self.spots or 1)


@dataclass(frozen=True, slots=True)
class Invoice:
    org: str
    number: str
    registration: str
    """The registration's id as the world sees it, when the invoice was issued."""
    issued_at: datetime
    time_zone: str
    seller: str
    customer: str
    email: str
    lines: tuple[InvoiceLine, ...]
    vat_rate: float
    payment_instructions: str
    address: str = ""
    """The seller's, several lines."""
    vat_number: str = ""
    credits: str = ""
    """Of a credit note: the number of the invoice that it cancels. Its prices are below zero."""
    credited_by: str = ""
    """Of a cancelled invoice: the number of its credit note, and of the invoice in its place if there is one."""
    replaced_by: str = ""
    checkouts: tuple[str, ...] = ()
    """The ids of Stripe's Checkout Sessions on which it can be paid."""
    closed_checkouts: tuple[str, ...] = ()
    """The ids of those that are closed."""
    others: tuple[str, ...] = ()
    """The ids of the other registrations that it bills: those that were booked together."""

    @property
    def registration_ids(self) -> tuple[str, ...]:
        """The ids of all registrations that it bills."""
        return (self.registration, *self.others)

    @property
    def total(self) -> Money:
        """The sum of the lines, VAT included."""
        return Money(sum(line.amount.amount for line in self.lines), self.lines[0].price.currency)

    @property
    def vat(self) -> Money:
        """The VAT within the total, half a minor unit rounded up."""
        rate = round(self.vat_rate * THOUSANDTHS)
        whole = 100 * THOUSANDTHS + rate
        size = (2 * abs(self.total.amount) * rate + whole) // (2 * whole)
        return Money(size if self.total.amount >= 0 else -size, self.total.currency)

    @property
    def net(self) -> Money:
        return Money(self.total.amount - self.vat.amount, self.total.currency)


def numbered(year: int, number: int) -> str:
    """Return the number of an organisation's nth invoice of a year: `2026-0001`."""
    return f"{year}-{number:04d}"


def credit_numbered(year: int, number: int) -> str:
    """Return the number of an organisation's nth credit note of a year: `C2026-0001`. They have their own sequence."""
    return f"C{numbered(year, number)}"


def year_of(organisation: Organisation, now: datetime) -> int:
    """Return the current year in the organisation's time zone."""
    return local(now, organisation.time_zone).year


class Billed(NamedTuple):
    """A registration that an invoice bills, and its session."""

    registration: Registration
    session: Session


def invoice_for(registration: Registration, session: Session, organisation: Organisation, number: str, *, now: datetime) -> Invoice:
    """Return the invoice for a registration in its current state."""
    return invoice_for_all([Billed(registration, session)], organisation, number, now=now)


def invoice_for_all(billed: Sequence[Billed], organisation: Organisation, number: str, *, now: datetime) -> Invoice:
    """Return the invoice for registrations of one customer in their current state, of which there is at least one."""
    registration = billed[0].registration
    return Invoice(
        org=registration.org,
        number=number,
        registration=registration.public_id,
        issued_at=now,
        time_zone=organisation.time_zone,
        seller=organisation.name,
        customer=registration.name,
        email=registration.email,
        lines=tuple(line for one in billed for line in _lines(*one)),
        vat_rate=organisation.vat_rate,
        payment_instructions=organisation.payment_instructions,
        address=organisation.address,
        vat_number=organisation.vat_number,
        others=tuple(one.registration.public_id for one in billed[1:]),
    )


def _lines(registration: Registration, session: Session) -> list[InvoiceLine]:
    tier, currency = session.tier(registration.tier), registration.price.currency
    spots = InvoiceLine(session.title, tier.name if tier else "", registration.party_size, registration.price)
    return [spots, *(InvoiceLine(line.label, line.name, 0, Money(line.amount, currency)) for line in registration.lowered)]


def joined(registered: Sequence[Registration]) -> Registration:
    """Return the registrations of an invoice as one, to state its payment: the first, with the money of all."""
    first, *others = registered
    if not others:
        return first
    return replace(
        first,
        billing=_billing(registered),
        payments=tuple(payment for one in registered for payment in one.payments),
        refunds=tuple(refund for one in registered for refund in one.refunds),
        party_size=sum(one.party_size for one in registered),
        removed_at=first.removed_at if all(one.removed_at for one in registered) else None,
    )


def _billing(registered: Sequence[Registration]) -> Billing:
    """Return the billing of all registrations together. Those that cost nothing, or that the family has cancelled, do not count."""
    counted = [one for one in registered if not one.was_cancelled] or registered
    found = {one.billing for one in counted if one.total.amount} or {one.billing for one in counted}
    if len(found) == 1:
        return found.pop()
    if found <= {"paid", "refunded"}:
        return "paid"
    if found & {"paid", "partly_paid"}:
        return "partly_paid"
    return "invoiced" if "invoiced" in found else "unpaid"


def credit_note(invoice: Invoice, number: str, *, now: datetime) -> Invoice:
    """Return the credit note that cancels an invoice: the same lines with negative amounts."""
    lines = tuple(replace(line, price=line.price.times(-1)) for line in invoice.lines)
    return replace(invoice, number=number, issued_at=now, lines=lines, credits=invoice.number)


def document_status(invoice: Invoice, registration: Registration) -> DocumentStatus:
    """Return the status of an invoice or a credit note."""
    if invoice.credits:
        return "credit"
    return "cancelled" if invoice.credited_by else status(registration)


def correctable(registration: Registration) -> bool:
    """Whether the registration's invoice may be cancelled: no payment was recorded for it."""
    return bool(registration.invoice) and status(registration) == "open" and not registration.payments


def outdated(invoice: Invoice, registration: Registration) -> bool:
    """Whether an active, unpaid registration has another party size than its invoice."""
    is_open = correctable(registration) and not registration.removed_at
    return is_open and not invoice.credited_by and sum(line.spots for line in invoice.lines) != registration.party_size


def status(registration: Registration) -> InvoiceStatus:
    """Return the status of the registration's invoice."""
    return registration.billing if registration.billing in {"paid", "refunded"} else "open"


def due(invoice: Invoice, registration: Registration) -> Money:
    """Return the amount of the invoice that is still to be paid."""
    if document_status(invoice, registration) != "open":
        return Money(0, invoice.total.currency)
    return Money(max(0, invoice.total.amount - registration.paid.amount), invoice.total.currency)


def due_of_each(invoice: Invoice, registered: Sequence[Registration]) -> list[Money]:
    """Return the amount due on the invoice for each of its registrations: of several, nothing for one that its family cancelled.

    Where money came in for another one, the invoice stays, and no credit note says so.
    """
    if len(registered) == 1:
        return [due(invoice, registered[0])]
    is_open = document_status(invoice, joined(registered)) == "open"
    owing = [is_open and status(one) == "open" and not one.was_cancelled for one in registered]
    owed = (max(0, one.total.amount - one.paid.amount) if owes else 0 for one, owes in zip(registered, owing, strict=True))
    return [Money(amount, invoice.total.currency) for amount in owed]


def to_be_invoiced(registration: Registration, organisation: Organisation) -> bool:
    """Whether an invoice is issued automatically: staff chose it, or the public pays by invoice or online and the price is above zero.

    Who pays when booking gets the invoice as a receipt; an invitation is billed by invoice.
    """
    if registration.invoice:
        return False
    if registration.billing == "invoiced":
        return True
    if registration.removed_at or registration.invoices_before or not registration.total.amount:
        return False
    automatic = organisation.public_billing in {"invoice", "online"} and registration.source in {"public", "invitation"}
    return registration.was_paid_when_booked or (automatic and registration.billing == "unpaid")
