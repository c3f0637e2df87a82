"""A basket with an invitation and an invitation code is paid first: both are kept for it meanwhile, and given back if nobody pays."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.operations import codes, invitations, links, orders, organisations, sessions
from chalicelib.operations.contracts import create_contract, create_price
from chalicelib.operations.reconcile import reconcile
from chalicelib.rules.codes import CodeSpent
from chalicelib.rules.inputs.baskets import BasketInput
from chalicelib.rules.inputs.codes import BatchInput
from chalicelib.rules.inputs.contracts import ContractInput, PriceInput
from chalicelib.rules.inputs.invitations import AcceptInput, InvitationInput
from chalicelib.rules.inputs.organisations import OrganisationChanges
from chalicelib.rules.inputs.sessions import CancelInput
from chalicelib.rules.invitations import Invitation, InvitationAwaitsPayment
from chalicelib.rules.money import Price as Amount
from chalicelib.rules.sessions import Session
from chalicelib.tables import codes as code_rows
from chalicelib.tables import invitations as invitation_rows
from tests.operations.orders.test_pay import FREE, ONLINE, hear, order_of, pay, run_out, spots, stripe, tick
from tests.operations.orders.test_place import held, place
from tests.operations.simulated_aws import Ses, Streams
from tests.operations.simulated_queue import Worker
from tests.stripe import Stripe

__all__ = ["stripe"]
ANA = "ana@example.org"
HALF_AN_HOUR = timedelta(minutes=30)


@pytest.fixture
def code(shop: list[Session], now: datetime) -> str:
    """A code that books Session 1 for 5 euros, once."""
    made = create_contract("demo", ContractInput(name="Acme", client="Acme Ltd", prefix="ACME"), key="c", now=now)
    draft = PriceInput(code="STD", label="Health check", price=Amount(amount=500, currency="EUR"), session="s1")
    price = create_price("demo", made.id, draft, key="p")
    return codes.generate_codes("demo", made.id, BatchInput(quantity=1, width=8, price=price.id), by="m", key="b", now=now).codes[0].code


@pytest.fixture
def invitation(shop: list[Session], now: datetime) -> Invitation:
    return invited(now)


@pytest.fixture
def shop(open_session: Any, stripe: Stripe) -> list[Session]:
    """Two sessions of two spots, of an organisation whose public pays when booking."""
    made = [open_session(id=f"s{number}", title=f"Session {number}", spots_total=2) for number in range(3)]
    organisations.change("demo", OrganisationChanges.model_validate(ONLINE), expected=None)
    return made


@pytest.fixture
def placed(invitation: Invitation, code: str, now: datetime) -> orders.PlacedOrder:
    return place(basket(invitation, code), now)


def invited(now: datetime, **more: Any) -> Invitation:
    return invitations.invite("demo", "s0", InvitationInput(email=ANA, **more), by="m", key="i", now=now).invitation


def basket(invitation: Invitation | None, code: str = "", email: str = ANA) -> BasketInput:
    named = {"participants": [{"name": "Kim"}]}
    lines: list[dict[str, Any]] = [{"session": "s2", **named}]
    if invitation:
        lines.append({"session": "s0", "invitation": links.invitation_token(invitation), **named})
    if code:
        lines.append({"session": "s1", "invitation_code": code, **named})
    return BasketInput.model_validate({"email": email, "name": "Ana", "lines": lines})


def left(code: str) -> int:
    return code_rows.get("demo", code).left


def status(invitation: Invitation, now: datetime) -> str:
    return invitations.read_invitation("demo", invitation.public_id, now=now).status


def accept(invitation: Invitation, now: datetime, email: str = "bo@example.org") -> Any:
    draft = AcceptInput.model_validate({"email": email, "name": "Bo", "participants": [{"name": "Lee"}]})
    return invitations.accept(links.invitation_token(invitation), draft, locale="en", now=now)


HELD, TAKEN = [{"held": 1, "taken": 0}] * 3, [{"held": 0, "taken": 1}] * 3


def test_it_waits_for_its_payment_with_everything_held(
    placed: orders.PlacedOrder, invitation: Invitation, code: str, stripe: Stripe, streams: Streams, ses: Ses, now: datetime
) -> None:
    assert (placed.order.status, placed.order.total.amount) == ("awaiting_payment", 1250 + 1250 + 500)
    assert (stripe.sessions()[0]["amount_total"], left(code), spots()) == (3000, 0, HELD)
    streams.drain(now)
    assert ses.subjects == ["Atelier Lumière invites you to Session 0"]
    assert status(invitation, now) == "pending"
    assert reconcile("demo", now=now + timedelta(minutes=5), repair=False) == []


def test_paid_it_is_booked_with_one_invoice_that_is_a_receipt(
    placed: orders.PlacedOrder, invitation: Invitation, code: str, stripe: Stripe, streams: Streams, ses: Ses, now: datetime
) -> None:
    pay(stripe, placed, now)
    for _ in range(2):
        hear(stripe, placed.order.checkout, now)
        streams.drain(now)
    assert (order_of(placed).status, spots(), left(code), status(invitation, now)) == ("booked", TAKEN, 0, "accepted")
    found = orders.read_order(links.order_token(placed.order), now=now).registrations
    assert [(one.billing, [part.amount for part in one.payments], one.invoice) for one in found] == [
        ("paid", [1250], "2026-0001"),
        ("paid", [1250], "2026-0001"),
        ("paid", [500], "2026-0001"),
    ]
    assert sum("registered" in subject for subject in ses.subjects) == 1
    assert (stripe.refunds, reconcile("demo", now=now + timedelta(minutes=5), repair=False)) == ({}, [])


def test_a_receipt_bills_everything_although_the_stream_is_faster_than_the_request(
    placed: orders.PlacedOrder, stripe: Stripe, streams: Streams, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("chalicelib.operations.orders.pay.complete", lambda *_, **__: None)
        pay(stripe, placed, now)
    streams.drain(now)
    found = orders.read_order(links.order_token(placed.order), now=now).registrations
    assert {(one.billing, one.invoice) for one in found} == {("paid", "2026-0001")}


@pytest.mark.parametrize("by", ["webhook", "clock"])
def test_unpaid_everything_is_given_back(
    placed: orders.PlacedOrder, invitation: Invitation, code: str, stripe: Stripe, streams: Streams, worker: Worker, now: datetime, by: str
) -> None:
    run_out(stripe, placed)
    over = now + timedelta(minutes=32)
    if by == "webhook":
        hear(stripe, placed.order.checkout, over, kind="checkout.session.expired", status="expired")
    else:
        tick(worker, over)
    streams.drain(over)
    assert (order_of(placed).status, left(code), status(invitation, over)) == ("expired", 1, "pending")
    assert spots() == [{"held": 1, "taken": 0}, FREE[1], FREE[2]]
    assert reconcile("demo", now=over, repair=False) == []
    assert accept(invitation, over).new
    assert place(basket(None, code, "bo@example.org"), over, key="again").order.status == "awaiting_payment"


def test_nobody_else_gets_the_invitation_or_the_code_meanwhile(
    placed: orders.PlacedOrder, invitation: Invitation, code: str, stripe: Stripe, now: datetime
) -> None:
    with pytest.raises(InvitationAwaitsPayment):
        accept(invitation, now + timedelta(minutes=5))
    with pytest.raises(InvitationAwaitsPayment) as refused:
        place(basket(invitation, email="bo@example.org"), now + timedelta(minutes=5), key="other")
    assert refused.value.line == 1
    with pytest.raises(CodeSpent):
        place(basket(None, code, "bo@example.org"), now + timedelta(minutes=5), key="third")
    assert spots() == HELD
    pay(stripe, placed, now + timedelta(minutes=6))
    assert order_of(placed).status == "booked"


def test_an_invitation_that_would_expire_lasts_until_the_payment_has_ended(
    shop: list[Session], stripe: Stripe, streams: Streams, worker: Worker, now: datetime
) -> None:
    invitation = invited(now, expires_at=now + timedelta(minutes=10))
    placed = place(basket(invitation), now)
    streams.drain(now)
    invitations.sweep("demo", now=now + timedelta(minutes=20))
    assert (status(invitation, now + timedelta(minutes=20)), held("s0")) == ("pending", {"held": 1, "taken": 0})
    tick(worker, now + HALF_AN_HOUR)
    assert order_of(placed).is_extended
    stripe.pay(placed.order.checkout)
    tick(worker, now + timedelta(minutes=34))
    assert (order_of(placed).status, held("s0")) == ("booked", {"held": 0, "taken": 1})


def test_an_invitation_that_is_not_paid_in_time_expires_by_itself(
    shop: list[Session], stripe: Stripe, streams: Streams, worker: Worker, now: datetime
) -> None:
    invitation = invited(now, expires_at=now + timedelta(minutes=10))
    placed = place(basket(invitation), now)
    run_out(stripe, placed)
    tick(worker, now + timedelta(minutes=32))
    over = now + timedelta(minutes=45)
    assert invitations.sweep("demo", now=over) == 1
    streams.drain(over)
    assert (status(invitation, over), spots()) == ("expired", FREE)


@pytest.mark.parametrize("how", ["cancelled", "declined"])
def test_paid_for_an_invitation_that_was_withdrawn_meanwhile_the_payment_is_refunded(
    placed: orders.PlacedOrder, invitation: Invitation, code: str, stripe: Stripe, streams: Streams, ses: Ses, now: datetime, how: str
) -> None:
    later = now + timedelta(minutes=5)
    if how == "cancelled":
        invitations.cancel_invitation("demo", invitation.public_id, by="m", now=later)
    else:
        invitations.decline(links.invitation_token(invitation), now=later)
    assert held("s0") == FREE[0]
    pay(stripe, placed, later)
    streams.drain(later)
    assert (order_of(placed).status, len(stripe.refunds), left(code), spots()) == ("refunded", 1, 1, FREE)
    assert any("refunded" in subject for subject in ses.subjects)
    assert invitation_rows.get("demo", "s0", invitation.id).ended == how


def test_paid_in_time_for_a_session_that_was_cancelled_meanwhile_the_payment_is_refunded(
    placed: orders.PlacedOrder, stripe: Stripe, streams: Streams, now: datetime
) -> None:
    later = now + timedelta(minutes=5)
    sessions.cancel_session("demo", "s2", CancelInput(), by="m", now=later)
    streams.drain(later)
    pay(stripe, placed, later)
    streams.drain(later)
    assert (order_of(placed).status, len(stripe.refunds)) == ("refunded", 1)
    assert spots() == [{"held": 1, "taken": 0}, FREE[1], FREE[2]]
