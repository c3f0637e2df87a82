"""The billing of a registration in answers: its price, payments, refunds and invoices."""

from collections.abc import Sequence

from chalicelib.api.responses import Out
from chalicelib.api.shapes import Moment, MoneyOut
from chalicelib.operations import links
from chalicelib.rules.invoices import InvoiceStatus
from chalicelib.rules.invoices import status as status_of
from chalicelib.rules.pricing import PriceLine
from chalicelib.rules.registration_history import Billing, BillingStatus, RefundState
from chalicelib.rules.registrations import Registration


class BillingChangeOut(Out):
    status: Billing
    at: Moment
    by: str
    note: str


class PaymentOut(Out):
    amount: MoneyOut
    method: str
    at: Moment
    by: str
    meeting: str | None
    reference: str | None
    """The payment's id at its origin: a Stripe Checkout Session."""


class RefundOut(Out):
    amount: MoneyOut
    method: str
    """`stripe`, or how it was noted by hand."""
    state: RefundState
    at: Moment
    by: str
    note: str
    reference: str | None
    """The refund's id at Stripe."""


class BillingOut(Out):
    status: BillingStatus
    """`free`: unpaid, with a total of 0."""
    paid: MoneyOut
    """What came in, without the refunds."""
    history: list[BillingChangeOut]
    payments: list[PaymentOut]
    refunds: list[RefundOut]

    @classmethod
    def of(cls, registration: Registration) -> "BillingOut":
        currency = registration.price.currency
        return cls(
            status=registration.billing_status,
            paid=MoneyOut.of(registration.paid),
            history=[BillingChangeOut(status=one.status, at=one.at, by=one.by, note=one.note) for one in registration.billing_history],
            payments=[
                PaymentOut(
                    amount=MoneyOut.of(paid.money(currency)),
                    method=paid.method,
                    at=paid.at,
                    by=paid.by,
                    meeting=paid.meeting or None,
                    reference=paid.reference or None,
                )
                for paid in registration.payments
            ],
            refunds=[
                RefundOut(
                    amount=MoneyOut(amount=back.amount, currency=currency),
                    method=back.method,
                    state=back.state,
                    at=back.at,
                    by=back.by,
                    note=back.note,
                    reference=back.reference or None,
                )
                for back in registration.refunds
            ],
        )


class IssuedInvoiceOut(Out):
    """The invoice of a registration; its link needs no account."""

    number: str
    link: str
    status: InvoiceStatus


class PriceLineOut(Out):
    """A line of a price: the spots, or a reduction as a negative amount."""

    label: str
    amount: int

    @classmethod
    def all_of(cls, lines: Sequence[PriceLine]) -> "list[PriceLineOut]":
        return [cls(label=line.untranslated, amount=line.amount) for line in lines]


def issued(registration: Registration) -> IssuedInvoiceOut:
    link = links.invoice_link(registration, registration.invoice)
    return IssuedInvoiceOut(number=registration.invoice, link=link, status=status_of(registration))
