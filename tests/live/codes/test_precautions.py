"""Each precaution of booking with a code, at the moment for which it exists. test_controls.py takes them out one by one."""

import pytest

from chalicelib.operations import codes
from chalicelib.operations.codes import reclaim
from chalicelib.rules.codes import CodeSpent, UnknownCode, Use
from chalicelib.rules.inputs.codes import CodeChanges
from chalicelib.rules.ledger import SessionFull
from chalicelib.tables import codes as table
from chalicelib.tables import dynamodb
from tests.live.codes.invariants import unlike
from tests.live.codes.scenario import batch, booked, code_for, contract, price, seen, uses_of
from tests.live.codes.test_abandoned import died
from tests.live.ledger.network_faults import meanwhile
from tests.live.ledger.scenario import NOW, ORG, later, open_session, registered, spots_of

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]
SOON, LATER = later(seconds=100), later(minutes=5)
"""By one clock the booking is still running, by the other it is abandoned."""


def test_the_last_use_goes_to_one_of_two() -> None:
    session = open_session(5)
    code = code_for(session)
    with meanwhile("TransactWriteItems", lambda: booked(session, code)), pytest.raises(CodeSpent):
        booked(session, code)
    assert (seen(code).left, spots_of(session).used) == (0, 1)


def test_a_registration_uses_a_code_once() -> None:
    code = seen(code_for(open_session(1), uses=3))
    write = table.use_write(code, "own", Use(redemptions=1, session="session", nonce="nonce", tried_at=NOW), now=NOW)
    dynamodb.transact([write])
    with pytest.raises(dynamodb.TransactionFailed):
        dynamodb.transact([write])
    assert (seen(code.code).left, len(uses_of(code.code))) == (2, 1)


def test_a_code_archived_meanwhile_books_nothing() -> None:
    session = open_session(5)
    code = code_for(session, uses=3)
    booked(session, code)
    of = seen(code).contract
    with (
        meanwhile("TransactWriteItems", lambda: codes.delete_code(ORG, of, code, expected=None, now=NOW)),
        pytest.raises(UnknownCode),
    ):
        booked(session, code)
    assert spots_of(session).used == 1


def test_a_code_that_expired_meanwhile_books_nothing() -> None:
    session = open_session(5)
    code = code_for(session)
    ended = CodeChanges(expires_at=NOW)
    with (
        meanwhile("TransactWriteItems", lambda: codes.edit_code(ORG, seen(code).contract, code, ended, expected=None, now=NOW)),
        pytest.raises(UnknownCode),
    ):
        booked(session, code)
    assert spots_of(session).used == 0


def test_a_session_that_fills_up_meanwhile_costs_no_use() -> None:
    session = open_session(1)
    code = code_for(session)
    with meanwhile("", lambda: registered(session), nth=2), pytest.raises(SessionFull):
        booked(session, code)
    assert (seen(code).left, uses_of(code)) == (1, {})


def test_a_booking_retried_while_it_is_settled_stands() -> None:
    session = open_session(1)
    code = code_for(session)
    died(session, code, email="ana@example.org", key="k")

    def again() -> None:
        booked(session, code, email="ana@example.org", key="k", now=SOON)

    with meanwhile("TransactWriteItems", again):
        assert not reclaim.reclaim_open_uses(seen(code), now=LATER)
    assert unlike([session], [code]) == []
    assert spots_of(session, LATER).taken == 1


def test_a_booking_settled_while_it_is_retried_stands() -> None:
    """The settling clock is far ahead: the use may be reclaimed at any moment, and taken again."""
    for step in range(1, 6):
        session = open_session(1)
        code = code_for(session)
        died(session, code, email="ana@example.org", key="k")
        with meanwhile("", lambda at=code: reclaim.reclaim_open_uses(seen(at), now=LATER), nth=step):  # type: ignore[misc]
            booked(session, code, email="ana@example.org", key="k", now=SOON)
        assert unlike([session], [code]) == []
        assert spots_of(session, LATER).taken == 1


def test_a_booking_whose_stream_is_late_keeps_its_use() -> None:
    session = open_session(1)
    code = code_for(session)
    booked(session, code)
    assert not reclaim.reclaim_open_uses(seen(code), now=LATER)
    assert (seen(code).left, spots_of(session, LATER).taken) == (0, 1)


def test_a_reclaimed_booking_can_be_made_again_by_the_same_request() -> None:
    session = open_session(1)
    code = code_for(session)
    died(session, code, email="ana@example.org", key="k")
    assert reclaim.reclaim_open_uses(seen(code), now=LATER)
    booked(session, code, email="ana@example.org", key="k", now=LATER)
    assert unlike([session], [code]) == []
    assert (seen(code).left, spots_of(session, LATER).taken) == (0, 1)


def test_the_funnel_counts_a_booking_while_another_use_is_reclaimed() -> None:
    session = open_session(2)
    agreed = contract()
    made = batch(price(agreed, session), max_redemptions=2)
    code = made.codes[0].code
    died(session, code)
    with meanwhile("TransactWriteItems", lambda: booked(session, code)):
        reclaim.reclaim_open_uses(seen(code), now=LATER)
    assert (seen(code).left, codes.read_batch(ORG, agreed.id, made.batch.id).funnel.redeemed) == (1, 1)
