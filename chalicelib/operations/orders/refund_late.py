"""Refunds a payment that came in when the spots of its order were gone, tells the family, and deletes the order's lines.

The decision is in the order's row first. What follows may be repeated: Stripe refunds once under one Idempotency-Key, and the e-mail has
an id of its own. Until all of it is done, the order stays due for the clock.
"""

from datetime import datetime, timedelta

from chalicelib import stripe, telemetry
from chalicelib.operations.messages.queue import queue
from chalicelib.operations.orders.unbooked import delete_line, release_hold
from chalicelib.rules.money import Money
from chalicelib.rules.orders import Order, OrderPayment
from chalicelib.tables import online_payment, order_payments, orders, organisations

REFUNDED_ALREADY = "charge_already_refunded"
TRIED_AGAIN_AFTER = timedelta(hours=1)


def refund_late(order: Order, *, email: str = "", now: datetime) -> None:
    """Refund the payment of an order about which that is decided. `email`: the address that was typed at Stripe.

    Safe to repeat. Raises StripeUnavailable.
    """
    if order.refunded_at is None:
        for registration in orders.registrations_of(order):
            release_hold(registration)
        if not _refunded(order.org, order.payment, order.total, key=f"order-{order.id}-{order.paid_on}"):
            return order_payments.postpone(order, now + TRIED_AGAIN_AFTER, now=now)
        _queue_email(order, email, now=now)
        order_payments.note_refunded(order, now=now)
    return free_order(order)


def refund_stray(payment: OrderPayment) -> None:
    """Refund a payment that no order waits for: of an attempt that was taken over, or a second one. Raises StripeUnavailable."""
    telemetry.count("PaymentOfNothing")
    _refunded(payment.org, payment.payment, payment.amount, key=f"stray-{payment.session}")


def free_order(order: Order) -> None:
    """Free what an order holds that has ended without being booked, and record that nothing is left to do. Safe to repeat."""
    for registration in orders.registrations_of(order):
        delete_line(registration)
    orders.return_discount(order)
    order_payments.note_settled(order)


def _refunded(org: str, payment: str, amount: Money, *, key: str) -> bool:
    """Refund a payment. False if Stripe refuses or the keys are gone, which an alarm tells the operator. Raises StripeUnavailable."""
    secret_key = online_payment.get(org).secret_key
    try:
        made = stripe.refund(secret_key, payment, amount, key=key) if secret_key else None
    except stripe.StripeRefundRefused as refused:
        if refused.code == REFUNDED_ALREADY:
            return True
        made = None
    if made is None or made.status in {"failed", "canceled"}:
        telemetry.count("RefundRefused")
        return False
    return True


def _queue_email(order: Order, email: str, now: datetime) -> None:
    """Queue the e-mail about the refund: to who booked, else to who paid."""
    found = orders.registrations_of(order)
    to, locale = (found[0].email, found[0].locale) if found else (email, organisations.get(order.org).locale)
    if to:
        queue(kind="order_refunded", org=order.org, to=to, locale=locale, data={"order": order.id}, key=order.id, now=now)
