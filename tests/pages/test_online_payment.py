"""Online payment of an invoice: keys, the button, the redirect to Stripe, and Stripe's webhook, which may repeat."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.config import config
from chalicelib.operations import links, organisations
from chalicelib.operations.invoices import correct
from chalicelib.operations.registrations import add, add_payment, change_registration, remove_registration, set_billing, transfer
from chalicelib.operations.sessions import cancel_session
from chalicelib.rules.inputs.organisations import OrganisationChanges
from chalicelib.rules.inputs.roster import AddInput, BillingStatusInput, PaymentInput, RegistrationChanges
from chalicelib.rules.inputs.sessions import CancelInput
from chalicelib.rules.notification_triggers import of_registration
from chalicelib.rules.online_payment import CANCELLED_ALREADY
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.tables import registrations
from tests.api.tenants import dump
from tests.aws import Demo
from tests.http import Response, call
from tests.pages.browser import Browser
from tests.stripe import KEYS, SECRET_KEY, WEBHOOK_SECRET, Stripe, event, signature, stripe_configured

DEMO, WEBHOOK = "/v1/orgs/demo", "/v1/stripe/demo/webhook"
PRICE = 3750
MakeSession = Callable[..., Session]


@pytest.fixture
def stripe(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stripe]:
    with stripe_configured(monkeypatch) as running:
        yield running


@pytest.fixture
def invoiced(stripe: Stripe, make_session: MakeSession, today: datetime) -> Registration:
    """A registration of three spots at 12.50, with an invoice that can be paid online."""
    organisations.change("demo", OrganisationChanges.model_validate(KEYS), expected=None)
    session = make_session(title="Poterie", tiers=[{"name": "Enfant", "price": {"amount": 1250, "currency": "EUR"}}], spots_total=5)
    body: dict[str, Any] = {"new_customer": {"name": "Ana Müller", "email": "ana@example.org"}, "participants": [{"name": "Zoé"}]}
    draft = AddInput.model_validate({**body, "party_size": 3, "billing": {"method": "invoice"}})
    return add("demo", session.id, draft, by="owner", key="one", now=today).registration


def token_of(registration: Registration) -> str:
    return links.invoice_token(registration, registration.invoice)


def public_id(registration: Registration) -> str:
    return f"{registration.session}-{registration.id}"


def opened(registration: Registration) -> Response:
    return call("POST", f"/v1/invoices/{token_of(registration)}/checkout")


def heard(body: bytes, path: str = WEBHOOK, **signed: Any) -> Response:
    return call("POST", path, body, headers=signature(body, **signed))


def stands(registration: Registration) -> Registration:
    return registrations.get("demo", registration.session, registration.id)


def paid_in_cash(registration: Registration, amount: int, now: datetime) -> None:
    draft = PaymentInput.model_validate({"amount": {"amount": amount, "currency": "EUR"}, "method": "cash"})
    add_payment("demo", public_id(registration), draft, by="owner", now=now)


def test_stored_keys_are_never_shown(demo_org: Demo) -> None:
    for sent, on in [
        ({"stripe_secret_key": SECRET_KEY}, False),
        ({"stripe_webhook_secret": WEBHOOK_SECRET}, True),
        ({"name": "Other"}, True),
        ({"stripe_secret_key": None}, False),
        (KEYS, True),
        ({"stripe_webhook_secret": ""}, False),
    ]:
        changed = call("PATCH", DEMO, sent, token=demo_org.owner)
        read = call("GET", DEMO, token=demo_org.viewer)
        assert (changed.status, changed.json["online_payment"], read.json["online_payment"]) == (200, on, on), sent
        assert "ecret" not in changed.text + read.text
    call("PATCH", DEMO, dict.fromkeys(KEYS), token=demo_org.owner)
    assert "ecret" not in json.dumps(dump())


def test_keys_are_stored_encrypted_and_apart_from_the_organisation(demo_org: Demo) -> None:
    call("PATCH", DEMO, KEYS, token=demo_org.owner)
    stored = {key: str(item) for key, item in dump().items()}
    assert "rollbook-test-records demo#stripe KEYS" in stored
    assert [key for key, item in stored.items() if SECRET_KEY in item] == []


@pytest.mark.parametrize("role", ["manager", "viewer"])
def test_only_owners_set_keys(role: str, demo_org: Demo) -> None:
    assert call("PATCH", DEMO, KEYS, token=getattr(demo_org, role)).status == 403


@pytest.mark.parametrize(
    ("name", "value"),
    [*(("stripe_secret_key", value) for value in ("pk_live_1", "whsec_1", "sk_1\r\nX: y", "sk_é")), ("stripe_webhook_secret", SECRET_KEY)],
)
def test_an_invalid_key_is_refused_and_not_shown(name: str, value: str, demo_org: Demo) -> None:
    answer = call("PATCH", DEMO, {name: value}, token=demo_org.owner)
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, f"/{name}")
    assert json.dumps(value)[1:-1] not in answer.text


def test_owners_set_keys_on_the_page_and_turn_them_off(as_role: Callable[[str], Browser], demo_org: Demo) -> None:
    owner, path = as_role("owner"), "/o/demo/settings/online-payment"
    page = owner.get("/o/demo/settings")
    assert links.stripe_webhook("demo") in page.text
    wrong = owner.post(path, {**page.form(path).fields, "stripe_secret_key": "pk_live_1", "stripe_webhook_secret": WEBHOOK_SECRET})
    assert wrong.status == 422
    assert "sk_ or rk_" in wrong.described("stripe_secret_key")
    assert WEBHOOK_SECRET not in wrong.html
    owner.post(path, KEYS)
    owner.post(path, {"stripe_secret_key": "", "stripe_webhook_secret": ""})
    assert organisations.read("demo").online_payment, "what is left empty stays"
    page = owner.get("/o/demo/settings")
    assert "Turn off and forget the keys" in page.text
    assert "ecret_" not in page.html.replace("stripe_secret_", "")
    assert SECRET_KEY not in page.html
    owner.post(f"{path}/off", {})
    assert not organisations.read("demo").online_payment


def test_the_payment_button_redirects_to_stripe(visitor: Browser, stripe: Stripe, invoiced: Registration) -> None:
    page = visitor.get(f"/invoice/{token_of(invoiced)}")
    assert "Pay €37.50 online" in page.text
    assert f"form-action 'self' {stripe.url};" in page.headers["content-security-policy"]
    sent = visitor.send(page, {}, action=f"/invoice/{token_of(invoiced)}/checkout")
    assert (sent.status, sent.headers["location"]) == (303, f"{stripe.url}/c/pay/cs_test_1")
    (asked,) = stripe.asked
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
    assert wanted.items() <= asked.items()


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
    answer = opened(invoiced)
    assert (answer.status, answer.json["code"], answer.headers["retry-after"]) == (503, "stripe_unavailable", "60")
    page = visitor.post(f"/invoice/{token_of(invoiced)}/checkout", {})
    assert (page.status, page.headers["retry-after"]) == (503, "60")
    assert "Try again in a minute" in page.text


def test_an_unreachable_stripe_is_reported_as_unavailable(invoiced: Registration, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROLLBOOK_STRIPE_URL", "http://127.0.0.1:1")
    config.cache_clear()
    assert opened(invoiced).json["code"] == "stripe_unavailable"


def test_without_keys_no_online_payment_is_offered(visitor: Browser, invoiced: Registration) -> None:
    organisations.change("demo", OrganisationChanges.model_validate({"stripe_secret_key": None}), expected=None)
    answer = opened(invoiced)
    assert (answer.status, answer.json["code"]) == (409, "online_payment_off")
    page = visitor.get(f"/invoice/{token_of(invoiced)}")
    assert "online" not in page.text
    assert "form-action 'self';" in page.headers["content-security-policy"]


@pytest.mark.parametrize("kind", ["checkout.session.completed", "checkout.session.async_payment_succeeded"])
def test_a_payment_is_recorded_once_however_often_the_webhook_repeats(
    kind: str, visitor: Browser, stripe: Stripe, invoiced: Registration
) -> None:
    opened(invoiced)
    (session,) = stripe.sessions()
    for told in (kind, "checkout.session.completed", kind, "checkout.session.async_payment_succeeded"):
        assert heard(event(session, told)).status == 200
    found = stands(invoiced)
    (payment,) = found.payments
    assert (payment.amount, payment.method, payment.reference, found.billing) == (PRICE, "stripe", "cs_test_1", "paid")
    assert [step.status for step in found.billing_history] == ["invoiced", "paid"]
    page = visitor.get(f"/invoice/{token_of(invoiced)}")
    assert "Paid. Thank you!" in page.text
    assert "online" not in page.text
    assert (opened(invoiced).status, opened(invoiced).json["code"]) == (409, "already_paid")


def test_an_unpaid_session_and_other_events_change_nothing(stripe: Stripe, invoiced: Registration) -> None:
    opened(invoiced)
    (session,) = stripe.sessions()
    for body in (
        event(session, status="unpaid"),
        event(session, "checkout.session.async_payment_failed"),
        event(session, metadata={"org": "zebra", "invoice": "2026-0001"}),
        event(session, metadata={"org": "demo", "invoice": "2026-0099"}),
        b"no json",
        b"[" * 100_000,
    ):
        assert heard(body).status == 200
    assert stands(invoiced) == invoiced


def test_every_invalid_signature_gets_the_same_refusal(stripe: Stripe, invoiced: Registration) -> None:
    opened(invoiced)
    body = event(stripe.sessions()[0])
    refused = [
        call("POST", WEBHOOK, body),
        call("POST", WEBHOOK, body + b" ", headers=signature(body)),
        heard(body, secret="whsec_other"),
        heard(body, at=time.time() - 400),
        heard(body, "/v1/stripe/nobody/webhook"),
        heard(body, "/v1/stripe/x%23y/webhook"),
        heard(body, f"/v1/stripe/{'x' * 3000}/webhook"),
    ]
    organisations.change("demo", OrganisationChanges.model_validate({"stripe_webhook_secret": None}), expected=None)
    refused += [heard(body), heard(body, secret="")]
    assert {(answer.status, answer.text) for answer in refused} == {(400, refused[0].text)}
    assert refused[0].json["code"] == "bad_signature"
    assert stands(invoiced).payments == ()


def test_a_payment_for_what_was_paid_meanwhile_is_not_lost(
    manager: Browser, stripe: Stripe, invoiced: Registration, today: datetime
) -> None:
    opened(invoiced)
    paid_in_cash(invoiced, PRICE, today)
    heard(event(stripe.sessions()[0]))
    assert [payment.method for payment in stands(invoiced).payments] == ["cash", "stripe"]
    text = manager.get(f"/o/demo/registrations/{public_id(invoiced)}").text
    for said in ("€37.50 more than the price.", "It was paid already when this payment came in.", "cs_test_1"):
        assert said in text


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


def test_a_payment_is_recorded_on_a_removed_registration(stripe: Stripe, invoiced: Registration, today: datetime) -> None:
    opened(invoiced)
    remove_registration("demo", public_id(invoiced), by="owner", now=today)
    heard(event(stripe.sessions()[0]))
    assert (stands(invoiced).billing, stands(invoiced).paid.amount) == ("paid", PRICE)


def test_a_payment_is_recorded_on_the_transferred_registration(
    stripe: Stripe, make_session: MakeSession, invoiced: Registration, today: datetime
) -> None:
    opened(invoiced)
    other = make_session(title="Weaving", spots_total=5)
    moved = transfer("demo", public_id(invoiced), other.id, by="owner", key="move", now=today).registration
    heard(event(stripe.sessions()[0]))
    assert (stands(moved).billing, stands(moved).paid.amount, stands(invoiced).payments) == ("paid", PRICE, ())


def test_a_payment_during_a_transfer_is_recorded_on_the_new_registration(
    stripe: Stripe, make_session: MakeSession, invoiced: Registration, today: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(invoiced)
    other = make_session(title="Weaving", spots_total=5)
    whole, told = registrations.move_writes, event(stripe.sessions()[0])

    def told_first(*given: Any, **more: Any) -> Any:
        monkeypatch.setattr(registrations, "move_writes", whole)
        writes = whole(*given, **more)
        assert heard(told).status == 200
        return writes

    monkeypatch.setattr(registrations, "move_writes", told_first)
    moved = transfer("demo", public_id(invoiced), other.id, by="owner", key="move", now=today).registration
    assert (stands(moved).billing, stands(moved).paid.amount) == ("paid", PRICE)
    heard(told)
    assert len(stands(moved).payments) == 1


def test_two_payments_at_once_are_both_noted(
    stripe: Stripe, invoiced: Registration, today: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(invoiced)
    body, whole = event(stripe.sessions()[0]), registrations.add_payment

    def after_another(*given: Any, **more: Any) -> Any:
        monkeypatch.setattr(registrations, "add_payment", whole)
        paid_in_cash(invoiced, 1000, today)
        return whole(*given, **more)

    monkeypatch.setattr(registrations, "add_payment", after_another)
    heard(body)
    assert sorted(payment.method for payment in stands(invoiced).payments) == ["cash", "stripe"]


def test_a_payment_in_another_currency_waits_for_staff(stripe: Stripe, manager: Browser, invoiced: Registration) -> None:
    opened(invoiced)
    heard(event(stripe.sessions()[0], currency="usd", amount_total=4000))
    assert (stands(invoiced).billing, stands(invoiced).paid.amount) == ("invoiced", 0)
    assert "$40.00" in manager.get(f"/o/demo/registrations/{public_id(invoiced)}").text


def test_a_status_set_to_paid_stays_paid(stripe: Stripe, invoiced: Registration, today: datetime) -> None:
    paid_in_cash(invoiced, 1000, today)
    opened(invoiced)
    set_billing("demo", public_id(invoiced), BillingStatusInput(status="unpaid"), by="owner", now=today)
    change_registration("demo", public_id(invoiced), RegistrationChanges(party_size=4), now=today + timedelta(seconds=1))
    set_billing("demo", public_id(invoiced), BillingStatusInput(status="paid"), by="owner", now=today)
    heard(event(stripe.sessions()[0]))
    assert stands(invoiced).billing == "paid"


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
