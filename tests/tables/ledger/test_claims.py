"""The ledger's expressions, in one thread. Races are in tests/live/ledger."""

from datetime import datetime, timedelta

import pytest

from chalicelib.rules.ledger import Hold, SessionFull, TooManyExtras
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import ledger
from tests.live.ledger.scenario import NOW, ORG, assert_lawful, chunks_of, holds_of, later, on_chunk, open_session, resized, spots_of

pytestmark = pytest.mark.usefixtures("tables")


def hold(n: int = 1, *, nonce: str = "v", until: datetime | None = None, extra: int = 0) -> Hold:
    return Hold(spots=n, state="held" if until else "taken", nonce=nonce, extra=extra, expires_at=int(until.timestamp()) if until else None)


def claim(session: str, own: str, wanted: Hold, *, now: datetime = NOW) -> int:
    return ledger.claim(ORG, session, own, wanted, chunks=len(chunks_of(session)), now=now)


def test_a_claim_takes_its_spots_and_again_takes_none() -> None:
    session = open_session(5)
    assert claim(session, "ana", hold(3)) == 0
    assert claim(session, "ana", hold(3)) == 0
    assert spots_of(session) == (5, 3, 0, 0, 2)
    with pytest.raises(SessionFull) as refused:
        claim(session, "ben", hold(3))
    assert (refused.value.free, refused.value.wanted) == (2, 3)


def test_nothing_is_claimed_where_there_is_no_session() -> None:
    with pytest.raises(NotFound):
        ledger.claim(ORG, "nowhere", "ana", hold(), chunks=1, now=NOW)
    with pytest.raises(NotFound):
        ledger.claim_extra(ORG, "nowhere", "ana", hold(1, extra=1), now=NOW)


def test_fifty_that_have_run_out_are_taken_over_in_one_write() -> None:
    session = open_session(50)
    for index in range(50):
        claim(session, f"old{index}", hold(until=later(minutes=1)))
    claim(session, "ana", hold(50), now=later(minutes=1))
    assert list(holds_of(session)) == ["ana"]
    assert_lawful(session)


def test_ids_that_are_no_names_are_taken_as_they_are() -> None:
    session = open_session(5)
    for own in ("a.b", "0", "size", "ümläut", "#id", "x" * 200):
        claim(session, own, hold(until=later(minutes=1)))
        if own != "a.b":
            ledger.release(ORG, session, own, hold(until=later(minutes=1)), chunk=0)
    assert list(holds_of(session)) == ["a.b"]
    assert_lawful(session)


def test_a_hold_is_confirmed_once_and_for_one_registration() -> None:
    session = open_session(5)
    claim(session, "ana", hold(2, until=later(minutes=1)))
    now = int(NOW.timestamp())
    assert ledger.confirm(ORG, session, "ana", nonce="v", registration="one", chunk=0, now=now)
    assert not ledger.confirm(ORG, session, "ana", nonce="v", registration="one", chunk=0, now=now)
    with pytest.raises(ledger.HoldConfirmed):
        ledger.confirm(ORG, session, "ana", nonce="v", registration="two", chunk=0, now=now)
    assert holds_of(session)["ana"] == Hold(spots=2, state="taken", nonce="v", registration="one")
    for own, nonce in (("ben", "v"), ("ana", "other")):
        with pytest.raises(ledger.HoldGone):
            ledger.confirm(ORG, session, own, nonce=nonce, registration="one", chunk=0, now=now)


def test_a_hold_that_has_run_out_says_so_apart_from_one_that_is_gone() -> None:
    session = open_session(5)
    claim(session, "ana", hold(until=later(minutes=1)))
    at = int(later(minutes=1).timestamp())
    with pytest.raises(ledger.HoldRunOut):
        ledger.confirm(ORG, session, "ana", nonce="v", registration="one", chunk=0, now=at)
    ledger.release(ORG, session, "ana", hold(until=later(minutes=1)), chunk=0)
    with pytest.raises(ledger.HoldGone) as gone:
        ledger.confirm(ORG, session, "ana", nonce="v", registration="one", chunk=0, now=at)
    assert not isinstance(gone.value, ledger.HoldRunOut)


def test_a_hold_is_confirmed_and_released_on_any_chunk() -> None:
    session = open_session(120)
    own = on_chunk(2, 3)
    claim(session, own, hold(until=later(minutes=1)))
    assert ledger.locate(ORG, session, own, chunk=0) == (2, hold(until=later(minutes=1)))
    assert ledger.confirm(ORG, session, own, nonce="v", registration="one", chunk=0, now=int(NOW.timestamp()))
    assert ledger.release(ORG, session, own, holds_of(session)[own], chunk=1)
    assert not ledger.release(ORG, session, own, hold(), chunk=1)
    assert spots_of(session).free == 120


def test_extras_are_at_most_fifty_and_give_nothing_back() -> None:
    session = open_session(1)
    ledger.claim_extra(ORG, session, "ana", hold(50, extra=50), now=NOW)
    ledger.claim_extra(ORG, session, "ana", hold(50, extra=50), now=NOW)
    with pytest.raises(TooManyExtras):
        ledger.claim_extra(ORG, session, "ben", hold(1, extra=1), now=NOW)
    assert spots_of(session) == (1, 50, 0, 50, 1)
    ledger.release(ORG, session, "ana", hold(50, extra=50), chunk=0)
    assert spots_of(session) == (1, 0, 0, 0, 1)


@pytest.mark.parametrize("total", [0, 1, 49, 50, 51, 130, 500])
def test_a_session_of_any_size_becomes_one_of_any_other(total: int) -> None:
    session = open_session(60)
    resized(session, total)
    assert spots_of(session) == (total, 0, 0, 0, total)
    assert_lawful(session)
    assert sum(chunk.cap for chunk in chunks_of(session)) == total


def test_equal_holds_are_stored_equal() -> None:
    """Releases compare the whole stored hold, so every field must survive the round trip unchanged."""
    session = open_session(50)
    for index, wanted in enumerate([hold(2), hold(1, until=NOW + timedelta(days=9)), hold(3)._replace(registration="one")]):
        claim(session, f"own{index}", wanted)
        assert holds_of(session)[f"own{index}"] == wanted
        assert ledger.release(ORG, session, f"own{index}", wanted, chunk=0)
    assert holds_of(session) == {}
