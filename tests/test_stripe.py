"""The calls of Stripe's API that no page shows: reading a Checkout Session, and refunds."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from chalicelib import clients, stripe
from chalicelib.config import config
from chalicelib.rules.money import Money
from chalicelib.rules.online_payment import StripeUnavailable
from tests.stripe import SECRET_KEY, Stripe, stripe_running

FIELDS = {
    "line_items[0][price_data][unit_amount]": "2500",
    "line_items[0][price_data][currency]": "eur",
    "client_reference_id": "demo_1",
    "metadata[org]": "demo",
}


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stripe]:
    with stripe_running() as running:
        monkeypatch.setenv("ROLLBOOK_STRIPE_URL", running.url)
        config.cache_clear()
        clients.forget()
        yield running
    config.cache_clear()
    clients.forget()


def opened(fake: Stripe) -> str:
    return stripe.open_checkout(SECRET_KEY, FIELDS, now=datetime.now(UTC)).id


def test_a_checkout_session_is_read_as_stripe_has_it_now(fake: Stripe) -> None:
    own = opened(fake)
    before = stripe.read_checkout(SECRET_KEY, own)
    assert (before["status"], before["payment_status"], before["metadata"]) == ("open", "unpaid", {"org": "demo"})
    fake.pay(own)
    after = stripe.read_checkout(SECRET_KEY, own)
    assert (after["status"], after["payment_status"], after["payment_intent"]) == ("complete", "paid", f"pi_{own}")


def test_an_unknown_checkout_session_is_none_and_a_failing_stripe_is_said(fake: Stripe) -> None:
    assert stripe.read_checkout(SECRET_KEY, "cs_other") is None
    fake.status = 500
    with pytest.raises(StripeUnavailable):
        stripe.read_checkout(SECRET_KEY, "cs_other")


def test_a_refund_with_the_same_key_is_made_once(fake: Stripe) -> None:
    intent = fake.pay(opened(fake))["payment_intent"]
    made = [stripe.refund(SECRET_KEY, intent, Money(1000, "EUR"), key="refund-1") for _ in range(2)]
    assert made == [stripe.CheckoutRefund("re_1", "succeeded")] * 2
    assert [fields for fields, _ in fake.refunds.values()] == [{"payment_intent": intent, "amount": "1000"}]


def test_a_refund_that_stripe_refuses_says_why(fake: Stripe) -> None:
    intent = fake.pay(opened(fake))["payment_intent"]
    stripe.refund(SECRET_KEY, intent, Money(2500, "EUR"), key="refund-1")
    with pytest.raises(stripe.StripeRefundRefused) as refused:
        stripe.refund(SECRET_KEY, intent, Money(1, "EUR"), key="refund-2")
    assert refused.value.code == "charge_already_refunded"
    fake.status = 500
    with pytest.raises(StripeUnavailable):
        stripe.refund(SECRET_KEY, intent, Money(1, "EUR"), key="refund-3")
