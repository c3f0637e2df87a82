"""R16: what may happen between two requests of placing a basket, one thing at a time. `test_controls` takes each precaution out."""

from contextlib import suppress
from dataclasses import replace

import pytest

from chalicelib.operations.identity import derived
from chalicelib.rules.codes import CodeSpent
from chalicelib.rules.discounts import DiscountUsedUp
from chalicelib.rules.invitations import InvitationUsed
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.refusals import Busy
from chalicelib.tables import orders
from tests.live.codes.scenario import booked
from tests.live.ledger.network_faults import CrashedError, crash, meanwhile, reply_lost
from tests.live.ledger.scenario import ORG, accepted, fresh, holds_of, later, open_session, registered, spots_of
from tests.live.orders.scenario import basket, discount, everything, placed, settled, shop, state, used

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]
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
    asked = basket(session, email="ana@example.org")

    def retried_and_crashed() -> None:
        with suppress(CrashedError), crash(7, after=True):  # It has taken over, and has its own row, but no hold yet.
            placed(asked, key=key, now=later(seconds=30))

    with meanwhile("UpdateItem", retried_and_crashed, nth=2), pytest.raises(Busy):
        placed(asked, key=key)
    settled(session, now=later(minutes=15))
    assert spots_of(session).used == 0


def test_an_order_is_not_booked_after_its_time() -> None:
    session, key = open_session(1), fresh("key")
    with suppress(CrashedError), crash(BOOKING_WRITE - 1, after=True):
        placed(basket(session), key=key)
    order = orders.get(ORG, derived("order", ORG, key))
    with pytest.raises(orders.OrderLapsed):
        orders.book(replace(order, booked_at=later(minutes=3)))


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
