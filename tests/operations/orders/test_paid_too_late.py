"""Payments that come when an order cannot be booked any more: they are refunded, and that is told."""

from datetime import datetime, timedelta

import pytest

from chalicelib.operations import orders, sessions
from chalicelib.rules.inputs.sessions import CancelInput
from chalicelib.rules.online_payment import StripeUnavailable
from tests.operations.orders.test_pay import FREE, found, hear, order_of, pay, place_free, placed, run_out, shop, spots, stripe, tick
from tests.operations.orders.test_place import held
from tests.operations.simulated_aws import Ses, Streams
from tests.operations.simulated_queue import Worker
from tests.stripe import Stripe

__all__ = ["placed", "shop", "stripe"]


def test_paid_when_the_spots_are_gone_the_payment_is_refunded_and_told(
    placed: orders.PlacedOrder, stripe: Stripe, streams: Streams, ses: Ses, now: datetime
) -> None:
    late = now + timedelta(hours=2)
    for name in ("bo", "cy"):
        place_free("s1", late, email=f"{name}@example.org")
    streams.drain(late)
    ses.sent.clear()
    pay(stripe, placed, late)
    streams.drain(late)
    for _ in range(2):
        hear(stripe, placed.order.checkout, late)
        streams.drain(late)
    assert (order_of(placed).status, found(placed)) == ("refunded", [])
    assert [held(one) for one in ("s0", "s1", "s2")] == [{"held": 0, "taken": 0}, {"held": 0, "taken": 2}, {"held": 0, "taken": 0}]
    assert [fields for fields, _ in stripe.refunds.values()] == [{"payment_intent": f"pi_{placed.order.checkout}", "amount": "3250"}]
    assert ses.subjects == ["Your payment is refunded: Session 0, Session 1 and Session 2"]
    assert "€32.50" in ses.texts[0]


def test_paid_for_a_session_that_was_cancelled_meanwhile_the_payment_is_refunded(
    placed: orders.PlacedOrder, stripe: Stripe, now: datetime
) -> None:
    late = now + timedelta(minutes=40)
    sessions.cancel_session("demo", "s1", CancelInput(), by="m", now=late)
    pay(stripe, placed, late)
    assert (order_of(placed).status, len(stripe.refunds)) == ("refunded", 1)


def test_a_refund_that_stripe_does_not_answer_is_made_later(
    placed: orders.PlacedOrder, stripe: Stripe, streams: Streams, worker: Worker, ses: Ses, now: datetime
) -> None:
    late = now + timedelta(hours=2)
    for name in ("bo", "cy"):
        place_free("s1", late, email=f"{name}@example.org")
    streams.drain(late)
    ses.sent.clear()
    stripe.pay(placed.order.checkout)
    stripe.status = 500
    with pytest.raises(StripeUnavailable):
        hear(stripe, placed.order.checkout, late)
    streams.drain(late)
    assert (order_of(placed).status, order_of(placed).refunded_at, ses.subjects) == ("refunded", None, [])
    stripe.status = 200
    tick(worker, late + timedelta(minutes=1))
    streams.drain(late)
    assert (len(stripe.refunds), len(ses.subjects), found(placed)) == (1, 1, [])
    assert order_of(placed).refunded_at


def test_a_payment_of_an_order_that_has_expired_is_refunded_and_told_to_who_paid(
    placed: orders.PlacedOrder, stripe: Stripe, streams: Streams, worker: Worker, ses: Ses, now: datetime
) -> None:
    run_out(stripe, placed)
    late = now + timedelta(minutes=32)
    tick(worker, late)
    stripe.account.sessions[placed.order.checkout] |= {"status": "complete", "payment_status": "paid", "payment_intent": "pi_1"}
    stripe.account.sessions[placed.order.checkout] |= {"customer_details": {"email": "payer@example.org"}}
    hear(stripe, placed.order.checkout, late)
    streams.drain(late)
    assert (order_of(placed).status, len(stripe.refunds), spots()) == ("refunded", 1, FREE)
    assert ses.sent[0]["Destination"]["ToAddresses"] == ["payer@example.org"]


def test_a_second_payment_is_refunded(placed: orders.PlacedOrder, stripe: Stripe, now: datetime) -> None:
    pay(stripe, placed, now)
    other = {**stripe.sessions()[0], "id": "cs_other", "payment_intent": "pi_other"}
    stripe.account.sessions["cs_other"] = other
    for _ in range(2):
        hear(stripe, "cs_other", now)
    assert [fields["payment_intent"] for fields, _ in stripe.refunds.values()] == ["pi_other"]
    assert order_of(placed).status == "booked"
