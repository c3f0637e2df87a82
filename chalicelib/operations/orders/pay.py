"""The payment of an order. Stripe reports it by its webhook, on return, or when the clock asks: the first report books the order.

An order that is paid after its holds ended claims its spots again. The payment is refunded if they are gone, a session was cancelled, or an
invitation in it was cancelled or declined meanwhile.
"""

from contextlib import suppress
from datetime import datetime
from typing import Any

from chalicelib import stripe, telemetry
from chalicelib.operations import links
from chalicelib.operations.orders import invitation_writes
from chalicelib.operations.orders.complete import complete
from chalicelib.operations.orders.refund_late import free_order, refund_late, refund_stray
from chalicelib.operations.orders.renew import hold_again, prolong
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.online_payment import OnlinePaymentOff, order_payment_of
from chalicelib.rules.orders import AFTER_CHECKOUT, Order, OrderBooked, OrderEnded, OrderPayment, checkout_ends
from chalicelib.rules.refusals import Busy, NotFound
from chalicelib.rules.session_refusals import SessionCancelled
from chalicelib.tables import online_payment, order_payments, orders, sessions
from chalicelib.tables.dynamodb import AlsoRefused
from chalicelib.tables.ledger import HoldGone
from chalicelib.tables.order_payments import DecidedMeanwhile

ATTEMPTS = 10
OPEN = "open"


def open_checkout(token: str, *, now: datetime) -> str:
    """Return the URL of Stripe's page on which an order is paid, as long as it is held.

    Raises NotFound, OrderBooked, OrderEnded, OnlinePaymentOff, StripeUnavailable.
    """
    order = orders.get(*links.read_order_token(token))
    secret_key = online_payment.get(order.org).secret_key
    session = None
    if order.awaits_payment:
        if not secret_key:
            raise OnlinePaymentOff
        session = stripe.read_checkout(secret_key, order.checkout)
        order = record_checkout(order, session, now=now)
    if order.booked_at:
        raise OrderBooked
    match session:
        case {"status": "open", "url": str(url)} if order.awaits_payment:
            return url
    if order.status == "placing":
        raise NotFound
    raise OrderEnded


def ask_stripe(order: Order, *, now: datetime) -> Order:
    """Ask Stripe about an order that waits for its payment, record the answer, and return the order. Raises StripeUnavailable."""
    secret_key = online_payment.get(order.org).secret_key
    if not order.awaits_payment or not secret_key:
        return order
    return record_checkout(order, stripe.read_checkout(secret_key, order.checkout), now=now)


def record_event(org: str, session: Any, *, now: datetime) -> None:
    """Record what an event of Stripe says about the Checkout Session of an order. Safe to repeat.

    Raises Busy, StripeUnavailable.
    """
    about, payment = session["metadata"], order_payment_of(session)
    if about["org"] != org:
        return
    if payment:
        book_paid(payment, now=now)
        return
    with suppress(NotFound):
        order = orders.get(org, about["order"])
        if order.checkout == session["id"] and session.get("status") == "expired":
            expire(order, now=now)


def record_checkout(order: Order, session: Any, *, now: datetime) -> Order:
    """Record the state of the order's Checkout Session, None for one unknown to Stripe, and return the order as it is then.

    An open page ends nothing before its time. Raises Busy, StripeUnavailable.
    """
    payment = order_payment_of(session)
    if payment:
        book_paid(payment, now=now)
    elif session is None or session.get("status") == "expired":
        expire(order, now=now)
    elif now >= order.deadline:
        _time_is_over(order, session, now=now)
    return orders.get(order.org, order.id)


def _time_is_over(order: Order, session: Any, *, now: datetime) -> None:
    """Extend an order once whose page is still open; close the page after that. It stays due until Stripe says how the page ended."""
    if session.get("status") != OPEN:
        expire(order, now=now)  # Complete and not paid: no method that Checkout offers for an order takes its time.
    elif order.is_extended or not _extended(order):
        stripe.expire_checkout(online_payment.get(order.org).secret_key, order.checkout)


def _extended(order: Order) -> bool:
    """Let an order wait until its page has ended. False if it holds its spots no more."""
    try:
        prolong(order, until=_last_moment(order))
        order_payments.extend(order, _last_moment(order))
    except HoldGone:
        return False
    except DecidedMeanwhile:
        return True
    return True


def _last_moment(order: Order) -> datetime:
    return checkout_ends(order) + AFTER_CHECKOUT


def expire(order: Order, *, now: datetime) -> None:
    """End an order that is not paid, and free its holds. Safe to repeat."""
    if order.awaits_payment:
        try:
            order = order_payments.expire(order, now=now)
        except DecidedMeanwhile:
            return
    if order.status == "expired":
        free_order(order)


def book_paid(payment: OrderPayment, *, now: datetime) -> None:
    """Book the order of a payment, or refund the payment. Safe to repeat. Raises Busy, StripeUnavailable."""
    for _ in range(ATTEMPTS):
        try:
            order = orders.get(payment.org, payment.order)
        except NotFound:
            return refund_stray(payment)
        if order.paid_on not in {"", payment.session} or order.held_at is None:
            return refund_stray(payment)
        try:
            return _paid_once(order, payment, now=now)
        except DecidedMeanwhile:
            continue
    raise Busy


def _paid_once(order: Order, payment: OrderPayment, *, now: datetime) -> None:
    if order.booked_at:
        return complete(order, now=now)
    if order.refund_at:
        return refund_late(order, email=payment.email, now=now)
    if order.awaits_payment:
        try:
            return complete(_book(order, payment, now=now), now=now)
        except (SessionFull, SessionCancelled, HoldGone):
            telemetry.count("PaidTooLate")
    return refund_late(order_payments.refund(order, payment, now=now), email=payment.email, now=now)


def _book(order: Order, payment: OrderPayment, *, now: datetime) -> Order:
    """Book a paid order with its invitations, and return it; after its deadline, its spots are held again first.

    Raises SessionFull, SessionCancelled, HoldGone, DecidedMeanwhile, Busy.
    """
    is_late = now >= order.deadline
    if is_late:
        hold_again(order, now=now)
    found = orders.registrations_of(order)
    if len(found) < len(order.lines):
        raise HoldGone
    checks = sessions.not_cancelled_checks(order.org, [line.session for line in order.lines])
    accepted = invitation_writes.paid_accept_writes(found, now=now)
    try:
        return order_payments.book_paid(order, payment, [*checks, *accepted], now=now, renewed=is_late)
    except AlsoRefused as refused:
        if any(reason is not None for reason in refused.reasons[: len(checks)]):
            raise SessionCancelled from None
        raise DecidedMeanwhile from None  # The hold of an invitation has ended or moved: the next attempt reads which.
