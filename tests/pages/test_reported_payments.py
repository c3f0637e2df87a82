"""What Stripe reports is noted once, and for the right registration, whatever has changed meanwhile."""

import time
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.operations import organisations
from chalicelib.operations.registrations import change_registration, remove_registration, set_billing, transfer
from chalicelib.rules.inputs.organisations import OrganisationChanges
from chalicelib.rules.inputs.roster import BillingStatusInput, RegistrationChanges
from chalicelib.rules.registrations import Registration
from chalicelib.tables import registrations
from tests.http import call
from tests.pages.browser import Browser
from tests.pages.invoice_payments import (
    PRICE,
    WEBHOOK,
    MakeSession,
    heard,
    invoiced,
    opened,
    paid_in_cash,
    public_id,
    stands,
    stripe,
    token_of,
)
from tests.stripe import Stripe, event, signature

__all__ = ["invoiced", "stripe"]


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
    assert {(response.status, response.text) for response in refused} == {(400, refused[0].text)}
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
    for said in ("€37.50 more than the price.", "It was paid already when this payment came in.", "paid, online with Stripe"):
        assert said in text


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
