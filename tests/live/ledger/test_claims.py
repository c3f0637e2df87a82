"""The purpose of each condition of the ledger. test_controls.py takes each away and sees the test here fail."""

from functools import partial
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import ConnectionClosedError

from chalicelib.operations.invitations import sweep
from chalicelib.operations.sessions import read_roster
from chalicelib.rules.invitations import InvitationEnded
from chalicelib.rules.ledger import Hold, SessionFull
from chalicelib.rules.session_refusals import CapacityBelowUse
from chalicelib.tables import ledger
from tests.live.ledger.invariants import breaches
from tests.live.ledger.network_faults import meanwhile, on_the_wire, operation_of, really_send
from tests.live.ledger.scenario import (
    NOW,
    ORG,
    accepted,
    assert_lawful,
    chunks_of,
    holds_of,
    invited,
    later,
    on_chunk,
    open_session,
    resized,
    spots_of,
)

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]

END = later(minutes=1)


def taken(session: str, id: str, *, party: int = 1, nonce: str = "v") -> int:
    """Claim spots without reading the ledger before."""
    return ledger.claim(ORG, session, id, Hold(spots=party, state="taken", nonce=nonce), chunks=len(chunks_of(session)), now=NOW)


def held(session: str, id: str, *, nonce: str = "v", extra: int = 0, now: Any = NOW) -> Hold:
    hold = Hold(spots=max(1, extra), state="held", nonce=nonce, extra=extra, expires_at=int(END.timestamp()))
    if extra:
        ledger.claim_extra(ORG, session, id, hold, now=now)
    else:
        ledger.claim(ORG, session, id, hold, chunks=1, now=now)
    return hold


def assert_nothing_too_many(session: str) -> None:
    assert [found for chunk in chunks_of(session) for found in breaches(chunk, may_owe=False)] == []


def test_no_more_claims_than_spots() -> None:
    session = open_session(2)
    taken(session, "ana", party=2)
    with pytest.raises(SessionFull):
        taken(session, "ben")
    assert_nothing_too_many(session)


def test_the_same_claim_made_twice_is_one() -> None:
    session = open_session(5)
    for _ in range(2):
        taken(session, "ana")
    assert spots_of(session).free == 4
    assert_nothing_too_many(session)


@pytest.mark.parametrize("spots", [1, 5, 120])
def test_a_claim_whose_reply_is_lost_is_recognised(spots: int) -> None:
    session = open_session(spots)
    lost = iter([True])

    def handler(request: AWSPreparedRequest, **_: Any) -> None:
        if operation_of(request) == "UpdateItem" and next(lost, False):
            really_send(request)
            raise ConnectionClosedError(endpoint_url=request.url)

    with on_the_wire(handler):
        taken(session, "ana")
    assert list(holds_of(session)) == ["ana"]
    assert spots_of(session).free == spots - 1
    assert_nothing_too_many(session)


def test_two_claims_at_once_both_count() -> None:
    session = open_session(2)
    claim = partial(ledger.claim, ORG, session, hold=Hold(spots=1, state="taken", nonce="v"), chunks=1, now=NOW)
    with meanwhile("", partial(claim, "ben"), after=True):
        claim("ana")
    assert set(holds_of(session)) == {"ana", "ben"}
    assert_nothing_too_many(session)


def test_a_hold_is_released_only_as_it_was_read() -> None:
    """The caller read it as a plain hold; since then it has ended and come back as an extra."""
    session = open_session(1)
    seen = held(session, "ana")
    ledger.release(ORG, session, "ana", seen, chunk=0)
    held(session, "ana", nonce="again", extra=1)
    assert not ledger.release(ORG, session, "ana", seen, chunk=0)
    assert spots_of(session) == (1, 0, 1, 1, 1)
    assert_nothing_too_many(session)


def test_a_hold_confirmed_during_the_sweep_stays() -> None:
    session = open_session(1)
    invitation = invited(session, expires_at=END).invitation
    with meanwhile("UpdateItem", lambda: accepted(invitation, now=later(seconds=59))):
        sweep(ORG, now=END)
    sweep(ORG, now=END)
    assert len(read_roster(ORG, session, now=END).registrations) == 1
    assert spots_of(session, END) == (1, 1, 0, 0, 0)


def test_an_expired_hold_is_never_confirmed() -> None:
    session = open_session(1)
    held(session, "ana")
    with pytest.raises(ledger.HoldGone):
        ledger.confirm(ORG, session, "ana", nonce="v", registration="r", chunk=0, now=int(END.timestamp()))
    assert holds_of(session)["ana"].state == "held"


def test_another_attempt_under_the_same_id_is_never_confirmed() -> None:
    session = open_session(1)
    held(session, "ana", nonce="again")
    with pytest.raises(ledger.HoldGone):
        ledger.confirm(ORG, session, "ana", nonce="v", registration="r", chunk=0, now=int(NOW.timestamp()))
    assert holds_of(session)["ana"].state == "held"


def test_a_hold_confirmed_during_a_takeover_stays() -> None:
    """The claim has read that it expired; before the claim writes, a client with a slow clock confirms it."""
    session = open_session(1)
    invitation = invited(session, expires_at=END).invitation
    accept_now = partial(accepted, invitation, now=later(seconds=59))
    with meanwhile("UpdateItem", accept_now, nth=2), pytest.raises(SessionFull):
        ledger.claim(ORG, session, "ben", Hold(spots=1, state="taken", nonce="v"), chunks=1, now=END)
    assert len(read_roster(ORG, session, now=END).registrations) == 1
    assert_nothing_too_many(session)


def test_a_hold_taken_over_during_its_confirmation_is_gone() -> None:
    session = open_session(1)
    invitation = invited(session, expires_at=END).invitation
    with meanwhile("UpdateItem", partial(invited, session, now=END)), pytest.raises(InvitationEnded):
        accepted(invitation, now=later(seconds=59))
    assert spots_of(session, END) == (1, 0, 1, 0, 0)
    assert_nothing_too_many(session)


def test_spots_taken_while_a_session_is_made_smaller_count() -> None:
    session = open_session(5)
    with meanwhile("TransactWriteItems", partial(taken, session, "ana", party=4)), pytest.raises(CapacityBelowUse):
        resized(session, 2, below_use=False)
    assert spots_of(session) == (5, 4, 0, 0, 1)
    assert_nothing_too_many(session)


def test_two_changes_of_size_at_once_end_with_the_size_that_the_session_says() -> None:
    session = open_session(5)
    with meanwhile("TransactWriteItems", partial(resized, session, 9)):
        resized(session, 7)
    assert sum(chunk.cap for chunk in chunks_of(session)) == 7
    assert_lawful(session)


def test_a_spot_taken_while_it_is_moved_is_not_moved(small_chunks: int) -> None:
    session = open_session(6)
    claim = partial(ledger.claim_with_full_ledger, ORG, session, on_chunk(0, 2), Hold(spots=3, state="taken", nonce="v"), now=NOW)
    taken(session, on_chunk(0, 2, "a"), party=1)
    taken(session, on_chunk(1, 2, "b"), party=1)

    def others() -> None:
        for number in (0, 1):
            ledger.claim(ORG, session, on_chunk(number, 2, "c"), Hold(spots=2, state="taken", nonce="v"), chunks=2, now=NOW)

    with meanwhile("TransactWriteItems", others), pytest.raises(SessionFull):
        claim()
    assert_nothing_too_many(session)


def test_a_debt_is_paid_before_spots_are_given(small_chunks: int) -> None:
    session = open_session(6)
    for number in (0, 1):
        for word in "abc":
            taken(session, on_chunk(number, 2, word))
    resized(session, 4)
    least = max(chunks_of(session), key=lambda chunk: chunk.spots).number
    freed = on_chunk(least, 2, "a")
    ledger.release(ORG, session, freed, holds_of(session)[freed], chunk=least)
    assert chunks_of(session)[least].spots == 1
    with pytest.raises(SessionFull):
        taken(session, on_chunk(least, 2, "late"))
    assert spots_of(session) == (4, 5, 0, 0, 0)
