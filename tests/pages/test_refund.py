"""Refunds on the billing page and over HTTP."""

from datetime import datetime
from typing import Any

import pytest

from chalicelib.operations import links, organisations
from chalicelib.operations.refunds import refund_session
from chalicelib.rules.inputs.organisations import OrganisationChanges
from chalicelib.tables import booking_context, sessions
from tests.pages.browser import Browser
from tests.pages.invoice_payments import heard, invoiced, opened, public_id, stands, stripe, token_of
from tests.stripe import Stripe, event

__all__ = ["invoiced", "stripe"]


def paid_online(registration: Any, stripe: Stripe) -> None:
    opened(registration)
    assert heard(event(stripe.pay("cs_test_1"))).status == 200


def test_staff_refund_a_part_on_the_billing_page(manager: Browser, stripe: Stripe, invoiced: Any) -> None:
    paid_online(invoiced, stripe)
    own = f"/o/demo/registrations/{public_id(invoiced)}"
    page = manager.get(f"{own}/billing")
    assert "Up to €37.50 goes back through Stripe, to where it was paid from." in page.text
    form = page.form(f"{own}/refund")
    assert form.fields["refund"] == "37.50"
    for amount, said in (("37.51", "Enter 37.50 EUR or less."), ("x", "Write an amount such as"), ("0", "Write an amount such as")):
        refused = manager.post(form.action, {**form.fields, "refund": amount})
        assert (refused.status in {409, 422}, said in refused.text) == (True, True)
    assert stands(invoiced).refunds == ()
    done = manager.post(form.action, {**form.fields, "refund": "12.50", "refund_note": "was ill"})
    assert done.status == 303
    shown = manager.get(own).text
    assert "€12.50 of it was refunded." in manager.get(f"/invoice/{token_of(invoiced)}").text
    for said in ("€12.50 refunded, online with Stripe · was ill", "€25.00 paid"):
        assert said in shown


@pytest.mark.parametrize(
    ("locale", "said"),
    [("en", "€37.50 paid, online with Stripe"), ("fr", "payés, en ligne avec Stripe"), ("de", "bezahlt, online mit Stripe")],
)
def test_the_history_says_how_somebody_paid_without_ids_of_stripe(
    locale: str, said: str, manager: Browser, stripe: Stripe, invoiced: Any
) -> None:
    paid_online(invoiced, stripe)
    shown = manager.get(f"/o/demo/registrations/{public_id(invoiced)}?lang={locale}").text
    assert said in shown.replace("\xa0", " ")
    assert " · stripe" not in shown
    assert "cs_test_1" not in shown


def test_the_page_says_what_stripe_has_not_answered_and_what_it_refused(manager: Browser, stripe: Stripe, invoiced: Any) -> None:
    paid_online(invoiced, stripe)
    own = f"/o/demo/registrations/{public_id(invoiced)}"
    form = manager.get(f"{own}/billing").form(f"{own}/refund")
    stripe.status = 500
    done = manager.post(form.action, {**form.fields, "refund": "12.50"})
    assert "refund-asked" in done.headers["location"]
    assert "€12.50 is on its way back." in manager.get(f"{own}/billing").text
    stripe.status = 200
    stripe.account.refund({"payment_intent": "pi_cs_test_1", "amount": "3000"})
    form = manager.get(f"{own}/billing").form(f"{own}/refund")
    refused = manager.post(form.action, {**form.fields, "refund": "25.00"})
    assert (refused.status, "Stripe did not refund this payment." in refused.text) == (409, True)
    assert "€25.00 did not go back: Stripe refused it." in manager.get(f"{own}/billing").text


def test_a_family_reads_what_goes_back_before_and_after_it_cancels(visitor: Browser, stripe: Stripe, invoiced: Any) -> None:
    organisations.change("demo", OrganisationChanges.model_validate({"cancel_until_hours": 0}), expected=None)
    paid_online(invoiced, stripe)
    page = f"/b/{links.booking_token(stands(invoiced))}"
    question = visitor.get(f"{page}/cancel")
    assert "€37.50 is refunded automatically to the card or account you paid with." in question.text
    form = question.form(f"{page}/cancel")
    assert visitor.post(form.action, form.fields).status == 303
    assert "€37.50 goes back to the card or account that you paid with." in visitor.get(page).text


def test_cancelling_a_session_offers_to_refund_what_was_paid_online(
    manager: Browser, stripe: Stripe, invoiced: Any, today: datetime
) -> None:
    paid_online(invoiced, stripe)
    own = f"/o/demo/sessions/{invoiced.session}/cancel"
    question = manager.get(own)
    assert "Refund the online payment of €37.50" in question.text
    form = question.form(own)
    assert form.fields["refund_payments"] == "true"
    assert manager.post(own, form.fields).status == 303
    assert sessions.get("demo", invoiced.session).refund_by == "manager@demo.test"
    refund_session(booking_context.roster("demo", invoiced.session), now=today)
    assert "€37.50 goes back to the card or account that you paid with." in manager.get(f"/b/{links.booking_token(stands(invoiced))}").text
