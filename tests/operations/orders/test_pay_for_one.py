"""A single registration that is paid when booking: an order of one line."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.operations import orders, public_registration
from chalicelib.rules.inputs.registrations import RegistrationInput
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.money import Money
from chalicelib.rules.orders import OrderEnded
from chalicelib.rules.sessions import Session
from chalicelib.tables import invoices, registrations
from tests.operations.orders.test_pay import pay, run_out, shop, stripe
from tests.operations.orders.test_place import held
from tests.operations.simulated_aws import Ses, Streams
from tests.stripe import Stripe

__all__ = ["shop", "stripe"]


def single(names: list[str], now: datetime, **more: Any) -> Any:
    draft = RegistrationInput.model_validate(
        {"email": "ana@example.org", "name": "Ana", "participants": [{"name": name} for name in names], **more}
    )
    return public_registration.register("demo", "s0", draft, locale="en", key="k", source="", now=now)


def test_a_single_registration_is_an_order_of_one_line(
    shop: list[Session], stripe: Stripe, streams: Streams, ses: Ses, now: datetime
) -> None:
    made = single(["Kim"], now)
    assert (made.order.status, made.checkout, held("s0")) == ("awaiting_payment", stripe.sessions()[0]["url"], {"held": 1, "taken": 0})
    assert single(["Kim"], now).registration == made.registration
    pay(stripe, orders.PlacedOrder(made.order, [made.registration]), now)
    streams.drain(now)
    standing = registrations.get("demo", "s0", made.registration.id)
    assert (standing.billing, standing.invoice, held("s0")["taken"]) == ("paid", "2026-0001", 1)
    assert "You are registered: Session 0" in ses.subjects
    assert invoices.get("demo", "2026-0001").total == Money(1250, "EUR")


def test_a_refusal_of_a_single_registration_is_about_its_form(shop: list[Session], now: datetime) -> None:
    with pytest.raises(SessionFull) as refused:
        single(["Kim", "Lee", "Max"], now)
    assert refused.value.line is None


def test_the_repeated_request_of_a_registration_that_was_not_paid_says_so(shop: list[Session], stripe: Stripe, now: datetime) -> None:
    made = single(["Kim"], now)
    run_out(stripe, orders.PlacedOrder(made.order, []))
    orders.ask_stripe(made.order, now=now + timedelta(minutes=33))
    with pytest.raises(OrderEnded):
        single(["Kim"], now + timedelta(minutes=34))
