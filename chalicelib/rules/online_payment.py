"""Paying an invoice online through Stripe Checkout: the organisation's keys, what is asked of Stripe, and what Stripe tells."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from chalicelib.rules.invoices import Invoice
from chalicelib.rules.money import Money
from chalicelib.rules.refusals import Refusal, marked
from chalicelib.rules.registrations import Billing, Payment, Registration, billing_after

METHOD = "stripe"
IN_HUNDREDTHS, WHOLE = {"ISK", "UGX"}, {"MGA"}
"""Where Stripe's minor units are not ISO's: it counts krónur and shillings in hundredths, and no parts of an ariary."""
COMPLETED, SUCCEEDED_LATER = "checkout.session.completed", "checkout.session.async_payment_succeeded"
PAID_ALREADY = "It was paid already when this payment came in."
LONGEST_LABEL = 250


class OnlinePaymentOff(Refusal):
    code = "online_payment_off"
    sentence = marked("This organisation takes no payments online. Pay as the invoice says.")


class NothingDue(Refusal):
    code = "already_paid"
    sentence = marked("Nothing is left to pay on this invoice.")


class StripeUnavailable(Refusal):
    """Stripe does not answer, or not with a Checkout Session."""

    code = "stripe_unavailable"
    sentence = marked("Online payment does not work at the moment. Try again in a minute, or pay as the invoice says.")

    def __init__(self, retry_after: int = 60) -> None:
        self.retry_after = retry_after


class BadSignature(Refusal):
    """Not signed by Stripe for this organisation, which may not exist or take no payments online."""

    code = "bad_signature"
    sentence = marked("The signature does not fit. Check the webhook's signing secret in the organisation's settings.")


@dataclass(frozen=True, slots=True)
class StripeKeys:
    """What an organisation has from its own Stripe account. They are shown to nobody, not even in a traceback."""

    secret_key: str = field(default="", repr=False)
    webhook_secret: str = field(default="", repr=False)

    @property
    def complete(self) -> bool:
        """Whether both are there: without the webhook's secret, nobody would learn of a payment."""
        return bool(self.secret_key and self.webhook_secret)


class Told(NamedTuple):
    """A payment that Stripe tells of. `session` is the Checkout Session's id: one of them is paid once."""

    org: str
    invoice: str
    session: str
    amount: Money


def checkout(invoice: Invoice, due: Money, page: str) -> dict[str, str]:
    """Return the fields of a Checkout Session that takes what is due, and leads back to the invoice's page."""
    prefilled = {"customer_email": invoice.email} if invoice.email.isascii() else {}
    return {
        "mode": "payment",
        "line_items[0][quantity]": "1",
        "line_items[0][price_data][currency]": due.currency.lower(),
        "line_items[0][price_data][unit_amount]": str(_to_stripe(due)),
        "line_items[0][price_data][product_data][name]": f"{invoice.number} · {invoice.lines[0].label}"[:LONGEST_LABEL],
        "client_reference_id": f"{invoice.org}_{invoice.number}",
        "metadata[org]": invoice.org,
        "metadata[invoice]": invoice.number,
        "success_url": f"{page}?done=paid-online",
        "cancel_url": page,
        **prefilled,
    }


def told(event: Any) -> Told | None:
    """Return the payment that an event tells of; None for every other event, and for what is not about our invoices."""
    match event:
        case {
            "type": str(kind),
            "data": {
                "object": {
                    "id": str(session),
                    "payment_status": str(status),
                    "amount_total": int(amount),
                    "currency": str(currency),
                    "metadata": {"org": str(org), "invoice": str(invoice)},
                }
            },
        } if amount > 0 and (kind == SUCCEEDED_LATER or (kind == COMPLETED and status == "paid")):
            return Told(org, invoice, session, _from_stripe(amount, currency))
    return None


def payment_of(told: Told, registration: Registration, *, now: datetime) -> Payment | None:
    """Return the payment to note; None when it was noted before."""
    if any(payment.reference == told.session for payment in registration.payments):
        return None
    foreign = told.amount.currency if told.amount.currency != registration.price.currency else ""
    return Payment(told.amount.amount, METHOD, now, METHOD, currency=foreign, reference=told.session)


def billing_told(payment: Payment, registration: Registration) -> Billing:
    """Return the billing status that follows: what is paid stays paid."""
    return "paid" if registration.billing == "paid" else billing_after(registration, payment)


def _to_stripe(money: Money) -> int:
    if money.currency in WHOLE:
        return money.amount // 100
    return money.amount * 100 if money.currency in IN_HUNDREDTHS else money.amount


def _from_stripe(amount: int, currency: str) -> Money:
    code = currency.upper()
    if code in WHOLE:
        return Money(amount * 100, code)
    return Money(amount // 100 if code in IN_HUNDREDTHS else amount, code)
