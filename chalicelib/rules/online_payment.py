"""Online payment of an invoice with Stripe Checkout: the organisation's keys, requests to Stripe, and Stripe's events."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from chalicelib.rules.billing import billing_after
from chalicelib.rules.invoices import Invoice, due_of_each
from chalicelib.rules.money import Money
from chalicelib.rules.orders import Order, OrderPayment, checkout_ends
from chalicelib.rules.refusals import Conflict, Invalid, Unavailable
from chalicelib.rules.registration_history import Billing, Payment
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.rules.translation import N_

METHOD = "stripe"
IN_HUNDREDTHS, WHOLE = {"ISK", "UGX"}, {"MGA"}
"""Where Stripe's minor units are not ISO's: it counts krónur and shillings in hundredths, and no parts of an ariary."""
COMPLETED, SUCCEEDED_LATER = "checkout.session.completed", "checkout.session.async_payment_succeeded"
RAN_OUT = "checkout.session.expired"
PAID_ALREADY = N_("It was paid already when this payment came in.")
CANCELLED_ALREADY = N_("The invoice was cancelled before this payment came in.")
SESSION_CANCELLED = N_("The session was cancelled before this payment came in.")
REMOVED_ALREADY = N_("The registration was removed before this payment came in.")
LATE = frozenset({PAID_ALREADY, CANCELLED_ALREADY, SESSION_CANCELLED, REMOVED_ALREADY})
LONGEST_LABEL = 250


class OnlinePaymentOff(Conflict):
    code = "online_payment_off"
    sentence = N_("This organisation takes no payments online. Pay as the invoice says.")


class NothingDue(Conflict):
    code = "already_paid"
    sentence = N_("This invoice has nothing left to pay. Keep it for your records.")


class InvoiceOfCancelledSession(Conflict):
    code = "session_cancelled"
    sentence = N_("This session was cancelled, so you don't need to pay. If you already paid, contact the organiser.")


class StripeUnavailable(Unavailable):
    """Stripe did not answer with a Checkout Session."""

    code = "stripe_unavailable"
    sentence = N_("Online payment does not work at the moment. Try again in a minute, or pay as the invoice says.")

    def __init__(self, retry_after: int = 60) -> None:
        self.retry_after = retry_after


class BadSignature(Invalid):
    """The event is not signed with this organisation's secret. An unknown organisation and one without keys get the same answer."""

    code = "bad_signature"
    sentence = N_("The signature does not fit. Check the webhook's signing secret in the organisation's settings.")


@dataclass(frozen=True, slots=True)
class StripeKeys:
    """The keys of an organisation's Stripe account. They are never shown; `repr` leaves them out, so that no traceback has them."""

    secret_key: str = field(default="", repr=False)
    webhook_secret: str = field(default="", repr=False)

    @property
    def complete(self) -> bool:
        """Whether both keys are set: without the webhook's secret, no payment could be recorded."""
        return bool(self.secret_key and self.webhook_secret)


class ReportedPayment(NamedTuple):
    """A payment that Stripe reported. `session` is the id of the Checkout Session, which can be paid only once."""

    org: str
    invoice: str
    """The number of the invoice; empty for an order that was paid when it was placed."""
    session: str
    amount: Money


def reported_of(order: Order, amount: Money) -> ReportedPayment:
    """Return a part of the payment with which an order was booked."""
    return ReportedPayment(order.org, "", order.paid_on, amount)


def checkout(invoice: Invoice, due: Money, page: str, *, lang: str = "") -> dict[str, str]:
    """Return the request fields of a Checkout Session for the amount due. It redirects to the invoice's page in the language `lang`."""
    lines = [(f"{invoice.number} · {invoice.lines[0].label}", due)]
    return _fields(invoice.org, "invoice", invoice.number, lines, email=invoice.email, page=page, lang=lang)


def checkout_of_order(order: Order, lines: Sequence[tuple[str, Money]], *, email: str, page: str, lang: str) -> dict[str, str]:
    """Return the request fields of a Checkout Session for an order, whose lines are what they are for and their price.

    It takes only methods that confirm a payment at once, since spots are not held for days, and redirects to the order's page in
    the language `lang`.
    """
    fields = _fields(order.org, "order", order.id, lines, email=email, page=page, lang=lang)
    return {**fields, "payment_method_types[0]": "card", "expires_at": str(int(checkout_ends(order).timestamp()))}


def _fields(org: str, kind: str, id: str, lines: Sequence[tuple[str, Money]], *, email: str, page: str, lang: str) -> dict[str, str]:
    fields, chosen = {"mode": "payment"}, {"lang": lang} if lang else {}
    for index, (label, amount) in enumerate(lines):
        line = f"line_items[{index}]"
        fields |= {
            f"{line}[quantity]": "1",
            f"{line}[price_data][currency]": amount.currency.lower(),
            f"{line}[price_data][unit_amount]": str(to_stripe(amount)),
            f"{line}[price_data][product_data][name]": label[:LONGEST_LABEL],
        }
    return {
        **fields,
        "client_reference_id": f"{org}_{id}",
        "metadata[org]": org,
        f"metadata[{kind}]": id,
        "success_url": f"{page}?{urlencode({'done': 'paid-online', **chosen})}",
        "cancel_url": f"{page}?{urlencode(chosen)}" if chosen else page,
        **({"customer_email": email} if email.isascii() else {}),
    }


def reported_payment(event: Any) -> ReportedPayment | None:
    """Return the payment that an event reports; None for any other event, and for a payment that is not for one of our invoices."""
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
            return ReportedPayment(org, invoice, session, from_stripe(amount, currency))
    return None


def session_of_order(event: Any) -> Any:
    """Return the Checkout Session of an order that an event is about: it was paid, or its time ran out. None for any other event."""
    match event:
        case {"type": str(kind), "data": {"object": {"id": str(), "metadata": {"org": str(), "order": str()}} as session}}:
            return session if kind in {COMPLETED, SUCCEEDED_LATER, RAN_OUT} else None
    return None


def order_payment_of(session: Any) -> OrderPayment | None:
    """Return the payment on a Checkout Session, from an event of Stripe or asked for; None if it is unpaid, or not of an order."""
    match session:
        case {
            "id": str(id),
            "payment_status": "paid",
            "payment_intent": str(payment),
            "amount_total": int(amount),
            "currency": str(currency),
            "metadata": {"org": str(org), "order": str(order)},
        }:
            return OrderPayment(org, order, id, payment, from_stripe(amount, currency), _typed_address(session))
    return None


def _typed_address(session: Any) -> str:
    match session:
        case {"customer_details": {"email": str(email)}}:
            return email
    return ""


def payment_of(reported: ReportedPayment, registration: Registration, *, now: datetime) -> Payment | None:
    """Return the payment to record; None when it is recorded already."""
    if any(payment.reference == reported.session for payment in registration.payments):
        return None
    foreign = reported.amount.currency if reported.amount.currency != registration.price.currency else ""
    return Payment(reported.amount.amount, METHOD, now, METHOD, currency=foreign, reference=reported.session)


def payments_of(
    reported: ReportedPayment, invoice: Invoice, registered: Sequence[Registration], *, now: datetime
) -> list[tuple[Registration, Payment]]:
    """Return the payments to record, each with its registration; none when all is recorded already.

    What is paid for several registrations is recorded on each of them as far as something is due for it; more than that goes to the first
    of those that have none of it yet.
    """
    recorded = [payment for one in registered for payment in one.payments if payment.reference == reported.session]
    left = reported.amount.amount - sum(payment.amount for payment in recorded)
    unpaid = [(one, owed.amount) for one, owed in zip(registered, due_of_each(invoice, registered), strict=True)]
    unpaid = [(one, owed) for one, owed in unpaid if payment_of(reported, one, now=now)]
    if left <= 0 or not unpaid:
        return []
    in_one = reported.amount.currency != invoice.total.currency
    shares = [0 if in_one else owed for _, owed in unpaid]
    shares = [min(share, max(0, left - sum(shares[:index]))) for index, share in enumerate(shares)]
    shares[0] += left - sum(shares)
    found = [(one, payment_of(reported, one, now=now), share) for (one, _), share in zip(unpaid, shares, strict=True)]
    return [(one, replace(payment, amount=share)) for one, payment, share in found if payment and share]


def note_on(invoice: Invoice, registration: Registration, session: Session) -> str:
    """Return the note on a payment that came in too late, empty for any other."""
    if registration.billing == "paid":
        return PAID_ALREADY
    if invoice.credited_by:
        return CANCELLED_ALREADY
    if session.cancelled_at:
        return SESSION_CANCELLED
    return REMOVED_ALREADY if registration.removed_at else ""


def billing_after_report(payment: Payment, registration: Registration) -> Billing:
    """Return the billing status after the payment. `paid` stays `paid`."""
    return "paid" if registration.billing == "paid" else billing_after(registration, payment)


def to_stripe(money: Money) -> int:
    """Return an amount in Stripe's minor units."""
    if money.currency in WHOLE:
        return money.amount // 100
    return money.amount * 100 if money.currency in IN_HUNDREDTHS else money.amount


def from_stripe(amount: int, currency: str) -> Money:
    """Return an amount that Stripe has written."""
    code = currency.upper()
    if code in WHOLE:
        return Money(amount * 100, code)
    return Money(amount // 100 if code in IN_HUNDREDTHS else amount, code)
