"""Paying when booking: held while Stripe's page is open, booked once when Stripe says paid, free again or refunded otherwise."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.operations import discounts, links, orders, organisations, stripe_events
from chalicelib.operations.reconcile import reconcile
from chalicelib.rules.discounts import UnknownDiscount
from chalicelib.rules.inputs.discounts import DiscountInput
from chalicelib.rules.inputs.organisations import OrganisationChanges
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.money import Money
from chalicelib.rules.online_payment import StripeUnavailable
from chalicelib.rules.orders import Order, OrderBooked, OrderEnded
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session, Tier
from chalicelib.tables import orders as rows
from infra.local.stripe import account
from tests.operations.orders.test_place import basket, held, place
from tests.operations.simulated_aws import Ses, Streams
from tests.operations.simulated_queue import Sqs, Worker
from tests.stripe import KEYS, Stripe, event, signature, stripe_configured

OpenSession = Callable[..., Session]
PRICES = (1250, 2000, 0)
ONLINE = {**KEYS, "public_billing": "online"}


@pytest.fixture
def stripe(monkeypatch: pytest.MonkeyPatch, sqs: Sqs) -> Iterator[Stripe]:
    with stripe_configured(monkeypatch) as running:
        monkeypatch.setattr(account, "time", SimpleNamespace(time=lambda: 0.0))  # Tests say themselves when a page runs out.
        yield running


@pytest.fixture
def shop(open_session: OpenSession, stripe: Stripe) -> list[Session]:
    """Three sessions of two spots, one of them for nothing, of an organisation whose public pays when booking."""
    made = [
        open_session(id=f"s{number}", title=f"Session {number}", spots_total=2, tiers=(Tier("t1", "Adult", Money(price, "EUR")),))
        for number, price in enumerate(PRICES)
    ]
    organisations.change("demo", OrganisationChanges.model_validate(ONLINE), expected=None)
    return made


@pytest.fixture
def placed(shop: list[Session], now: datetime) -> orders.PlacedOrder:
    return place(basket(("s0", "Kim"), ("s1", "Kim"), ("s2", "Kim")), now)


def order_of(placed: orders.PlacedOrder) -> Order:
    return rows.get("demo", placed.order.id)


def found(placed: orders.PlacedOrder) -> list[Registration]:
    return rows.registrations_of(placed.order)


def hear(stripe: Stripe, own: str, now: datetime, *, kind: str = "checkout.session.completed", **more: Any) -> None:
    session = stripe.account.sessions[own]
    body = event({**session, **more}, kind, session["payment_status"])
    stripe_events.handle_stripe_event("demo", body, signature(body, at=now.timestamp())["Stripe-Signature"], now=now)


def pay(stripe: Stripe, placed: orders.PlacedOrder, now: datetime) -> None:
    """Pay on Stripe's page, and let its webhook report that."""
    stripe.pay(placed.order.checkout)
    hear(stripe, placed.order.checkout, now)


def run_out(stripe: Stripe, placed: orders.PlacedOrder) -> None:
    """Let Stripe end the payment page."""
    stripe.account.expire(placed.order.checkout)


def tick(worker: Worker, now: datetime) -> None:
    """Let the clock settle what is due, and the jobs that it starts run."""
    worker.now = now
    orders.resolve_due(now=now)
    worker.work()


def spots() -> list[dict[str, int]]:
    return [held(f"s{number}") for number in range(3)]


HELD, TAKEN, FREE = ([{"held": one, "taken": other}] * 3 for one, other in ((1, 0), (0, 1), (0, 0)))


def test_a_basket_that_costs_something_is_held_until_it_is_paid(
    placed: orders.PlacedOrder, stripe: Stripe, streams: Streams, ses: Ses, now: datetime
) -> None:
    assert (placed.order.status, placed.checkout) == ("awaiting_payment", stripe.sessions()[0]["url"])
    assert order_of(placed).deadline == now + timedelta(minutes=30)
    request = stripe.requests[0]
    assert request["line_items[0][price_data][product_data][name]"] == "Session 0"
    assert (stripe.sessions()[0]["amount_total"], "line_items[2][quantity]" in request) == (3250, False)
    assert int(request["expires_at"]) >= now.timestamp() + 30 * 60
    assert request["success_url"].endswith("?done=paid-online&lang=en")
    streams.drain(now)
    assert (spots(), ses.subjects) == (HELD, [])
    assert [one.confirmed_at for one in found(placed)] == [None] * 3


def test_a_payment_books_everything_once_however_often_it_is_reported(
    placed: orders.PlacedOrder, stripe: Stripe, streams: Streams, ses: Ses, now: datetime
) -> None:
    later = now + timedelta(minutes=3)
    pay(stripe, placed, later)
    streams.drain(later)
    for _ in range(2):
        hear(stripe, placed.order.checkout, later)
        orders.ask_stripe(order_of(placed), now=later)
        streams.drain(later)
    assert (order_of(placed).status, spots()) == ("booked", TAKEN)
    billed = [(one.billing, [payment.amount for payment in one.payments], one.invoice) for one in found(placed)]
    assert billed == [("paid", [1250], "2026-0001"), ("paid", [2000], "2026-0001"), ("unpaid", [], "")]
    assert {payment.reference for one in found(placed) for payment in one.payments} == {placed.order.checkout}
    assert sorted(ses.subjects) == ["Invoice 2026-0001 of Atelier Lumière", "You are registered: Session 0, Session 1 and Session 2"]
    assert stripe.refunds == {}


def test_an_order_is_booked_on_return_when_no_webhook_came(placed: orders.PlacedOrder, stripe: Stripe, now: datetime) -> None:
    stripe.pay(placed.order.checkout)
    assert orders.ask_stripe(order_of(placed), now=now).status == "booked"
    assert spots() == TAKEN


def test_an_order_is_booked_by_the_clock_when_nobody_returned_and_no_webhook_came(
    placed: orders.PlacedOrder, stripe: Stripe, worker: Worker, now: datetime
) -> None:
    stripe.pay(placed.order.checkout)
    tick(worker, now + timedelta(minutes=29))
    assert order_of(placed).status == "awaiting_payment"
    tick(worker, now + timedelta(minutes=30))
    assert (order_of(placed).status, spots()) == ("booked", TAKEN)


@pytest.mark.parametrize("by", ["webhook", "clock"])
def test_an_order_that_is_not_paid_is_free_again(
    placed: orders.PlacedOrder, stripe: Stripe, streams: Streams, worker: Worker, ses: Ses, now: datetime, by: str
) -> None:
    run_out(stripe, placed)
    over = now + timedelta(minutes=32)
    if by == "webhook":
        hear(stripe, placed.order.checkout, over, kind="checkout.session.expired", status="expired")
    else:
        tick(worker, over)
    assert (order_of(placed).status, spots(), found(placed)) == ("expired", FREE, [])
    streams.drain(over)
    assert (ses.subjects, reconcile("demo", now=over, repair=False)) == ([], [])
    assert place(basket(("s0", "Kim")), over, key="again").order.status == "awaiting_payment"


def test_an_order_whose_page_is_still_open_waits_once_more_and_then_the_page_is_closed(
    placed: orders.PlacedOrder, stripe: Stripe, worker: Worker, now: datetime
) -> None:
    tick(worker, now + timedelta(minutes=30))
    extended = order_of(placed)
    assert (extended.status, extended.is_extended, extended.deadline) == ("awaiting_payment", True, now + timedelta(minutes=34))
    assert (spots(), stripe.expired) == (HELD, [])
    tick(worker, now + timedelta(minutes=34))
    assert stripe.expired == [placed.order.checkout]
    tick(worker, now + timedelta(minutes=36))
    assert (order_of(placed).status, spots()) == ("expired", FREE)


def test_paid_after_the_holds_ended_the_spots_are_claimed_again(
    placed: orders.PlacedOrder, stripe: Stripe, streams: Streams, now: datetime
) -> None:
    late = now + timedelta(hours=2)
    place_free("s0", late)
    pay(stripe, placed, late)
    streams.drain(late)
    assert (order_of(placed).status, spots()[1:]) == ("booked", TAKEN[1:])
    assert held("s0")["taken"] == 2
    assert stripe.refunds == {}


def place_free(session: str, now: datetime, email: str = "bo@example.org") -> orders.PlacedOrder:
    """Book a spot at once, as an organisation without paying when booking does."""
    organisations.change("demo", OrganisationChanges(public_billing="later"), expected=None)
    made = place(basket((session, "Bo"), email=email), now, key=email)
    organisations.change("demo", OrganisationChanges(public_billing="online"), expected=None)
    return made


def test_without_an_answer_of_stripe_nothing_is_held(shop: list[Session], stripe: Stripe, now: datetime) -> None:
    stripe.status = 500
    with pytest.raises(StripeUnavailable):
        place(basket(("s0", "Kim"), ("s1", "Kim")), now)
    assert spots() == FREE
    stripe.status = 200
    assert place(basket(("s0", "Kim"), ("s1", "Kim")), now + timedelta(seconds=5)).order.status == "awaiting_payment"


def test_a_line_that_is_full_is_named_and_no_page_is_opened(shop: list[Session], stripe: Stripe, now: datetime) -> None:
    with pytest.raises(SessionFull) as refused:
        place(basket(("s0", "Kim"), ("s1", "Kim", "Lee", "Max")), now)
    assert (refused.value.line, spots(), stripe.requests) == (1, FREE, [])


def test_the_same_request_again_leads_to_the_same_page(placed: orders.PlacedOrder, stripe: Stripe, now: datetime) -> None:
    again = place(basket(("s0", "Kim"), ("s1", "Kim"), ("s2", "Kim")), now + timedelta(minutes=1))
    assert (again.order.id, again.checkout) == (placed.order.id, placed.checkout)
    assert len(stripe.sessions()) == 1


def test_the_page_is_opened_again_as_long_as_the_order_is_held(placed: orders.PlacedOrder, stripe: Stripe, now: datetime) -> None:
    assert orders.open_checkout(token_of(placed), now=now) == placed.checkout
    stripe.pay(placed.order.checkout)
    with pytest.raises(OrderBooked):
        orders.open_checkout(token_of(placed), now=now)
    assert order_of(placed).status == "booked"


def token_of(placed: orders.PlacedOrder) -> str:
    return links.order_token(placed.order)


def test_an_order_that_has_expired_cannot_be_paid(placed: orders.PlacedOrder, stripe: Stripe, now: datetime) -> None:
    run_out(stripe, placed)
    with pytest.raises(OrderEnded):
        orders.open_checkout(token_of(placed), now=now + timedelta(minutes=33))


def test_nothing_to_pay_never_goes_to_stripe(shop: list[Session], stripe: Stripe, now: datetime) -> None:
    assert place(basket(("s2", "Kim")), now).order.status == "booked"
    discounts.create_discount("demo", DiscountInput(code="ALL", kind="percent", value=100), key="d", now=now)
    assert place(basket(("s0", "Kim"), discount_code="ALL"), now, key="two").order.status == "booked"
    assert stripe.requests == []


def used() -> int:
    return discounts.read_discount("demo", "ONE").used


def test_a_discount_code_is_used_while_the_order_is_held_and_returned_when_it_is_not_paid(
    shop: list[Session], stripe: Stripe, worker: Worker, now: datetime
) -> None:
    discounts.create_discount("demo", DiscountInput(code="ONE", kind="fixed", value=250, max_uses=1), key="d", now=now)
    made = place(basket(("s0", "Kim"), discount_code="ONE"), now)
    assert (stripe.sessions()[0]["amount_total"], used()) == (1000, 1)
    run_out(stripe, made)
    for minutes in (32, 33):
        tick(worker, now + timedelta(minutes=minutes))
    assert used() == 0
    with pytest.raises(UnknownDiscount):
        place(basket(("s0", "Kim"), discount_code="TWO"), now, key="two")
