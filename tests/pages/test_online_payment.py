"""Online payment of an invoice: the button, the redirect to Stripe, and the end of its page."""

from datetime import datetime

import pytest

from chalicelib.config import config
from chalicelib.operations import links, organisations
from chalicelib.operations.invoices import correct
from chalicelib.operations.registrations import set_billing
from chalicelib.operations.sessions import cancel_session
from chalicelib.rules.inputs.organisations import OrganisationChanges
from chalicelib.rules.inputs.roster import BillingStatusInput
from chalicelib.rules.inputs.sessions import CancelInput
from chalicelib.rules.notification_triggers import of_registration
from chalicelib.rules.online_payment import CANCELLED_ALREADY
from chalicelib.rules.registrations import Registration
from tests.http import call
from tests.pages.browser import Browser
from tests.pages.invoice_payments import PRICE, heard, invoiced, opened, paid_in_cash, public_id, stands, stripe, token_of
from tests.stripe import Stripe, event

__all__ = ["invoiced", "stripe"]


def test_the_payment_button_redirects_to_stripe(visitor: Browser, stripe: Stripe, invoiced: Registration) -> None:
    page = visitor.get(f"/invoice/{token_of(invoiced)}")
    assert "Pay €37.50 online" in page.text
    assert f"form-action 'self' {stripe.url};" in page.headers["content-security-policy"]
    sent = visitor.send(page, {}, action=f"/invoice/{token_of(invoiced)}/checkout")
    assert (sent.status, sent.headers["location"]) == (303, f"{stripe.url}/c/pay/cs_test_1")
    (request,) = stripe.requests
    page_url = links.invoice_link(invoiced, invoiced.invoice)
    wanted = {
        "mode": "payment",
        "line_items[0][price_data][unit_amount]": "3750",
        "line_items[0][price_data][currency]": "eur",
        "success_url": f"{page_url}?done=paid-online",
        "cancel_url": page_url,
        "metadata[org]": "demo",
        "metadata[invoice]": "2026-0001",
    }
    assert wanted.items() <= request.items()


def test_a_payer_comes_back_in_the_language_chosen_by_hand(visitor: Browser, stripe: Stripe, invoiced: Registration) -> None:
    page_url = f"/invoice/{token_of(invoiced)}"
    visitor.send(visitor.get(f"{page_url}?lang=fr"), {}, action=f"{page_url}/checkout")
    (request,) = stripe.requests
    assert [request[name].partition("?")[2] for name in ("success_url", "cancel_url")] == ["done=paid-online&lang=fr", "lang=fr"]


def test_a_payer_who_returns_is_not_asked_to_pay_again(visitor: Browser, invoiced: Registration) -> None:
    text = visitor.get(f"/invoice/{token_of(invoiced)}?done=paid-online").text
    assert "As soon as your payment is confirmed" in text
    assert "Pay €37.50 online" not in text


def test_a_repeated_click_gives_the_same_session(stripe: Stripe, invoiced: Registration, today: datetime) -> None:
    first, again = opened(invoiced), opened(invoiced)
    assert (first.status, first.json) == (201, {"url": f"{stripe.url}/c/pay/cs_test_1"})
    assert again.json == first.json
    paid_in_cash(invoiced, 1000, today)
    assert opened(invoiced).json["url"].endswith("cs_test_2"), "another amount is another session"
    assert [session["amount_total"] for session in stripe.sessions()] == [3750, 2750]


def test_an_expired_checkout_session_is_replaced_by_a_new_one(stripe: Stripe, invoiced: Registration) -> None:
    stripe.lifetime = -1
    assert (opened(invoiced).status, opened(invoiced).json["code"]) == (503, "stripe_unavailable")
    died = len(stripe.sessions())
    stripe.lifetime = 3600
    stripe.account.answers.popitem()
    assert opened(invoiced).json["url"].endswith(f"cs_test_{died + 1}")


@pytest.mark.parametrize("status", [400, 402, 429, 500])
def test_an_error_of_stripe_is_shown_and_may_be_retried(status: int, visitor: Browser, stripe: Stripe, invoiced: Registration) -> None:
    stripe.status = status
    response = opened(invoiced)
    assert (response.status, response.json["code"], response.headers["retry-after"]) == (503, "stripe_unavailable", "60")
    page = visitor.post(f"/invoice/{token_of(invoiced)}/checkout", {})
    assert (page.status, page.headers["retry-after"]) == (503, "60")
    assert "Try again in a minute" in page.text


def test_an_unreachable_stripe_is_reported_as_unavailable(invoiced: Registration, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROLLBOOK_STRIPE_URL", "http://127.0.0.1:1")
    config.cache_clear()
    assert opened(invoiced).json["code"] == "stripe_unavailable"


def test_without_keys_no_online_payment_is_offered(visitor: Browser, invoiced: Registration) -> None:
    organisations.change("demo", OrganisationChanges.model_validate({"stripe_secret_key": None}), expected=None)
    response = opened(invoiced)
    assert (response.status, response.json["code"]) == (409, "online_payment_off")
    page = visitor.get(f"/invoice/{token_of(invoiced)}")
    assert "online" not in page.text
    assert "form-action 'self';" in page.headers["content-security-policy"]


def test_payment_pages_are_closed_when_the_invoice_is_paid_otherwise_credited_or_of_a_cancelled_session(
    stripe: Stripe, invoiced: Registration, today: datetime
) -> None:
    opened(invoiced)
    paid_in_cash(invoiced, 1000, today)
    assert stripe.expired == ["cs_test_1"]
    opened(invoiced)
    cancel_session("demo", invoiced.session, CancelInput(), by="owner", now=today)
    assert stripe.expired == ["cs_test_1", "cs_test_2"]
    cancel_session("demo", invoiced.session, CancelInput(), by="owner", now=today)
    assert stripe.expired == ["cs_test_1", "cs_test_2"]


def test_the_payment_page_of_a_credited_invoice_is_closed_and_a_late_payment_is_told_to_staff(
    stripe: Stripe, invoiced: Registration, today: datetime
) -> None:
    opened(invoiced)
    correct("demo", invoiced.invoice, by="owner", now=today)
    assert stripe.expired == ["cs_test_1"]
    before = stands(invoiced)
    heard(event(stripe.sessions()[0]))
    late = stands(invoiced)
    assert (late.paid.amount, late.billing_history[-1].note) == (PRICE, CANCELLED_ALREADY)
    assert [trigger.kind for trigger in of_registration(before, late)] == ["paid_late"]
    assert list(of_registration(late, late)) == []


def test_a_page_that_stripe_did_not_close_is_closed_by_the_next_change(stripe: Stripe, invoiced: Registration, today: datetime) -> None:
    opened(invoiced)
    stripe.status = 500
    paid_in_cash(invoiced, 1000, today)
    assert (stands(invoiced).paid.amount, stripe.expired) == (1000, [])
    stripe.status = 200
    paid_in_cash(invoiced, 1000, today)
    assert stripe.expired == ["cs_test_1"]


def test_a_closed_page_is_not_offered_again(stripe: Stripe, invoiced: Registration, today: datetime) -> None:
    opened(invoiced)
    set_billing("demo", public_id(invoiced), BillingStatusInput(status="invoiced"), by="owner", now=today)
    assert stripe.expired == ["cs_test_1"]
    assert opened(invoiced).json["url"].endswith("cs_test_2")


def test_a_booking_is_paid_from_its_page(visitor: Browser, invoiced: Registration, stripe: Stripe, today: datetime) -> None:
    path = f"/b/{links.booking_token(invoiced)}"
    assert "pay" in call("GET", f"/v1/bookings/{links.booking_token(invoiced)}").json["may"]
    page = visitor.get(path)
    assert f"form-action 'self' {stripe.url}" in page.headers["content-security-policy"]
    pays = page.form(f"/invoice/{token_of(invoiced)}/checkout")
    assert visitor.post(pays.action, pays.fields).headers["location"].startswith(stripe.url)
    paid_in_cash(invoiced, PRICE, today)
    assert "pay" not in call("GET", f"/v1/bookings/{links.booking_token(invoiced)}").json["may"]
    assert not [form for form in visitor.get(path).forms if "checkout" in form.action]
