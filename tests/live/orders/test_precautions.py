"""R16: what may happen between two requests of placing a basket, one thing at a time. `test_controls` takes each precaution out."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import pytest

from chalicelib.operations import orders
from chalicelib.operations.identity import derived
from chalicelib.operations.invitations import cancel_invitation
from chalicelib.operations.sessions import cancel_session
from chalicelib.rules.codes import CodeSpent
from chalicelib.rules.discounts import DiscountUsedUp
from chalicelib.rules.inputs.sessions import CancelInput
from chalicelib.rules.invitations import InvitationAwaitsPayment, InvitationUsed
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.orders import Order
from chalicelib.rules.refusals import Busy
from chalicelib.tables import orders as rows
from chalicelib.tables import organisations
from tests.live.codes.scenario import booked
from tests.live.ledger.network_faults import CrashedError, crash, meanwhile, reply_lost
from tests.live.ledger.scenario import ORG, accepted, fresh, holds_of, later, open_session, registered, spots_of
from tests.live.orders.scenario import BOOKED, UNTOUCHED, Shop, State, basket, discount, everything, placed, settled, shop, state, used
from tests.live.orders.stripe_model import FakeStripe, pays_online, resolve_due

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]


class Waiting(NamedTuple):
    """A basket that waits for its payment, and the Stripe on whose page it was paid."""

    at: Shop
    order: Order
    fake: FakeStripe


BOOKING_WRITE = 4
"""The request that books a basket of one line."""


def test_a_session_that_fills_up_meanwhile_is_named_and_nothing_is_held() -> None:
    one, other = sorted(open_session(1) for _ in range(2))
    with meanwhile("UpdateItem", lambda: registered(other), nth=2), pytest.raises(SessionFull) as full:
        placed(basket(one, other))
    assert full.value.line == 1
    assert (spots_of(one).used, len(holds_of(other))) == (0, 1)
    settled(one, other, now=later(minutes=13))


def test_an_attempt_that_was_taken_over_books_nothing() -> None:
    session, key = open_session(1), fresh("key")
    draft = basket(session, email="ana@example.org")

    def retried_and_crashed() -> None:
        with suppress(CrashedError), crash(7, after=True):  # It has taken over, and has its own row, but no hold yet.
            placed(draft, key=key, now=later(seconds=30))

    with meanwhile("UpdateItem", retried_and_crashed, nth=2), pytest.raises(Busy):
        placed(draft, key=key)
    settled(session, now=later(minutes=15))
    assert spots_of(session).used == 0


def test_an_order_is_not_booked_after_its_time() -> None:
    session, key = open_session(1), fresh("key")
    with suppress(CrashedError), crash(BOOKING_WRITE - 1, after=True):
        placed(basket(session), key=key)
    order = rows.get(ORG, derived("order", ORG, key))
    with pytest.raises(rows.OrderLapsed):
        rows.book(replace(order, booked_at=later(minutes=3)))


def test_the_lost_reply_of_the_write_that_books_is_recognised() -> None:
    session = open_session(1)
    with reply_lost(BOOKING_WRITE):
        placed(basket(session))
    assert spots_of(session).taken == 1


def test_an_invitation_that_is_accepted_meanwhile_is_not_accepted_twice() -> None:
    at = shop()
    with meanwhile("TransactWriteItems", lambda: accepted(at.invitation, names=("Lee",)), nth=4), pytest.raises(InvitationUsed) as used_up:
        placed(everything(at))
    assert used_up.value.line == 2
    assert state(at).taken == (0, 0, 1)
    assert (state(at).uses_of_code, state(at).uses_of_discount) == (0, 0)


def test_the_last_use_of_a_code_that_goes_to_another_meanwhile_is_not_taken() -> None:
    at = shop(spots=5)
    booked(at.coded, at.code)
    with meanwhile("TransactWriteItems", lambda: booked(at.coded, at.code), nth=4), pytest.raises(CodeSpent) as spent:
        placed(everything(at))
    assert spent.value.line == 1
    assert state(at).taken == (0, 2, 0)


def test_the_last_use_of_a_discount_that_goes_to_another_meanwhile_is_not_taken() -> None:
    session, code = open_session(5), discount(uses=1)
    with meanwhile("TransactWriteItems", lambda: placed(basket(session, code=code)), nth=2), pytest.raises(DiscountUsedUp):
        placed(basket(session, code=code))
    assert (used(code), spots_of(session).used) == (1, 1)


@contextmanager
def waiting_for_its_payment() -> Iterator[Waiting]:
    """Place a basket with a line of each kind that is paid first, and let it be paid without anybody hearing of it."""
    fake, at = FakeStripe(), shop()
    pays_online()
    with pytest.MonkeyPatch.context() as patch:
        fake.begin(patch)
        order = placed(everything(at)).order
        fake.sessions[order.checkout].status = "complete"
        yield Waiting(at, order, fake)
    organisations.save(replace(organisations.get(ORG), public_billing="later"))


def heard(waiting: Waiting) -> State:
    """Let Stripe report the payment, and return what the basket takes."""
    fake, order = waiting.fake, waiting.order
    orders.record_event(ORG, fake.seen(fake.sessions[order.checkout]), now=later(minutes=3))
    assert rows.get(ORG, order.id).status == ("refunded" if fake.sessions[order.checkout].refunded else "booked")
    return state(waiting.at, later(minutes=3))


def test_an_invitation_that_is_being_paid_for_is_accepted_by_nobody_else() -> None:
    with waiting_for_its_payment() as waiting:
        with pytest.raises(InvitationAwaitsPayment):
            accepted(waiting.at.invitation, "bo@example.org", names=("Lee",), now=later(minutes=2))
        assert heard(waiting) == BOOKED


def test_a_session_that_is_cancelled_right_before_its_payment_is_booked_is_not_booked() -> None:
    with waiting_for_its_payment() as waiting:
        with meanwhile("TransactWriteItems", lambda: cancel_session(ORG, waiting.at.plain, CancelInput(), by="m", now=later(minutes=3))):
            outcome = heard(waiting)
        assert outcome == UNTOUCHED


def test_an_invitation_that_is_withdrawn_right_before_its_payment_is_booked_is_not_booked() -> None:
    with waiting_for_its_payment() as waiting:
        withdraw = partial(cancel_invitation, ORG, waiting.at.invitation.public_id, by="m", now=later(minutes=3))
        with meanwhile("TransactWriteItems", withdraw):
            outcome = heard(waiting)
        assert outcome == UNTOUCHED._replace(held=(0, 0, 0))


def test_a_killed_report_of_a_payment_is_finished_by_the_next() -> None:
    for step in range(1, 30):
        with waiting_for_its_payment() as waiting:
            try:
                with crash(step, after=True):
                    heard(waiting)
            except CrashedError:
                assert heard(waiting) == BOOKED, f"request {step}"
                continue
            break
    assert step > 8


def test_a_killed_end_of_an_unpaid_order_is_finished_by_the_clock() -> None:
    for step in range(1, 40):
        with waiting_for_its_payment() as waiting:
            waiting.fake.sessions[waiting.order.checkout].status = "expired"
            try:
                with crash(step, after=True):
                    resolve_due(later(minutes=31))
            except CrashedError:
                for minutes in (33, 36):
                    resolve_due(later(minutes=minutes))
                assert state(waiting.at, later(minutes=36)) == UNTOUCHED, f"request {step}"
                assert holds_of(waiting.at.invited)[waiting.at.invitation.id].payer is None
                continue
            break
    assert step > 8
