"""The request to Stripe for an invoice, and the events of Stripe that are payments."""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.rules.invoices import InvoiceLine
from chalicelib.rules.money import Money
from chalicelib.rules.online_payment import ReportedPayment, StripeKeys, checkout, reported_payment
from tests.rules.test_invoices import invoice

SESSION: dict[str, Any] = {
    "id": "cs_1",
    "payment_status": "paid",
    "amount_total": 1250,
    "currency": "eur",
    "metadata": {"org": "demo", "invoice": "2026-0001"},
}


def event(kind: str = "checkout.session.completed", **more: Any) -> dict[str, Any]:
    return {"type": kind, "data": {"object": {**SESSION, **more}}}


def test_checkout_asks_for_the_amount_due() -> None:
    request = checkout(invoice(2500, 20), Money(1250, "EUR"), "https://x/invoice/t")
    amount = {name.rpartition("[")[2]: value for name, value in request.items() if "price_data" in name}
    assert amount == {"currency]": "eur", "unit_amount]": "1250", "name]": "2026-0001 · Pottery"}
    assert (request["mode"], request["client_reference_id"], request["customer_email"]) == ("payment", "demo_2026-0001", "ana@example.org")
    assert (request["cancel_url"], request["success_url"]) == ("https://x/invoice/t", "https://x/invoice/t?done=paid-online")


def test_what_stripe_could_refuse_is_left_out() -> None:
    long = invoice(100, 0, email="ana@exämple.org", lines=(InvoiceLine("x" * 300, "", 1, Money(100, "EUR")),))
    request = checkout(long, long.total, "https://x")
    assert "customer_email" not in request
    assert len(request["line_items[0][price_data][product_data][name]"]) == 250


@pytest.mark.parametrize(
    ("money", "at_stripe"),
    [
        (Money(1250, "EUR"), 1250),
        (Money(500, "JPY"), 500),
        (Money(500, "ISK"), 50000),
        (Money(70000, "MGA"), 700),
        (Money(1230, "KWD"), 1230),
    ],
)
def test_amounts_go_there_and_come_back(money: Money, at_stripe: int) -> None:
    request = checkout(invoice(1, 0), money, "https://x")
    assert request["line_items[0][price_data][unit_amount]"] == str(at_stripe)
    heard = reported_payment(event(amount_total=at_stripe, currency=money.currency.lower()))
    assert heard
    assert heard.amount == money


@pytest.mark.parametrize(
    "found",
    [event(), event("checkout.session.async_payment_succeeded"), event("checkout.session.async_payment_succeeded", payment_status="x")],
)
def test_a_payment_is_heard(found: Any) -> None:
    assert reported_payment(found) == ReportedPayment("demo", "2026-0001", "cs_1", Money(1250, "EUR"))


@pytest.mark.parametrize(
    "found",
    [
        *(None, [], "x", {}, {"type": "checkout.session.completed"}, event("checkout.session.expired"), event("payment_intent.succeeded")),
        *(event(payment_status="unpaid"), event(payment_status="no_payment_required"), event("checkout.session.async_payment_failed")),
        *(event(metadata={}), event(metadata=None), event(metadata={"org": 1, "invoice": "x"}), event(amount_total=None)),
        *(event(amount_total=0), event(amount_total="1250"), event(currency=None), event(id=None)),
    ],
)
def test_everything_else_is_let_pass(found: Any) -> None:
    assert reported_payment(found) is None


def test_keys_show_in_no_traceback() -> None:
    kept = StripeKeys("sk_1", "whsec_1")
    assert "_1" not in repr(kept)
    assert kept.complete
    assert not replace(kept, webhook_secret="").complete
