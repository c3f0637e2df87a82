"""Sessions with several chunks: parties that fit into none of them, debts after shrinking, and inconsistent reads."""

import pytest

from chalicelib.operations.invitations import cancel_invitation
from chalicelib.operations.reconcile import reconcile_session
from chalicelib.operations.registrations import remove_registration
from chalicelib.rules.ledger import Hold, SessionFull
from chalicelib.tables import booking_context, ledger
from tests.live.ledger.network_faults import CrashedError, counted, crash, meanwhile
from tests.live.ledger.scenario import (
    NOW,
    ORG,
    accepted,
    assert_lawful,
    chunks_of,
    holds_of,
    invited,
    later,
    named,
    on_chunk,
    open_session,
    registered,
    resized,
    spots_of,
)

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage", "small_chunks")]


def test_a_party_that_fits_no_chunk_gets_spots_moved_together() -> None:
    session = open_session(9)
    invited(session, party=7)
    assert spots_of(session).free == 2
    invited(session, party=2)
    with pytest.raises(SessionFull):
        invited(session)
    assert_lawful(session)


def test_spots_of_expired_holds_are_moved_too() -> None:
    session = open_session(9)
    for _ in range(9):
        invited(session, expires_at=later(minutes=1))
    invited(session, party=9, now=later(minutes=2))
    assert spots_of(session, later(minutes=2)) == (9, 0, 9, 0, 0)
    assert_lawful(session)


def test_a_move_that_crashed_or_lost_its_reply_loses_no_spot() -> None:
    session = open_session(9)
    with counted() as counts:
        invited(session, party=7, key="once")
    for step in range(1, counts.total() + 1):
        session = open_session(9)
        with pytest.raises(CrashedError), crash(step, after=True):
            invited(session, "ana@example.org", party=7, key="once")
        invited(session, "ana@example.org", party=7, key="once")
        assert spots_of(session) == (9, 0, 7, 0, 2)
        assert_lawful(session)


def test_a_spot_may_be_claimed_while_it_is_moved() -> None:
    session = open_session(6)
    with meanwhile("TransactWriteItems", lambda: invited(session, party=1), nth=2):
        invited(session, party=4)
    assert spots_of(session).held == 5
    with meanwhile("TransactWriteItems", lambda: invited(open_session(1)), nth=1), pytest.raises(SessionFull):
        invited(session, party=2)
    assert_lawful(session)


def test_a_session_smaller_than_its_use_pays_its_debt_first() -> None:
    """Freed spots pay the debt first, in whichever chunk they are."""
    session = open_session(9)
    everybody = [registered(session).registration.id for _ in range(9)]
    resized(session, 4)
    for gone, id in enumerate(everybody, start=1):
        with pytest.raises(SessionFull):
            invited(session)
        remove_registration(ORG, named(session, id), by="staff", now=NOW)
        assert spots_of(session).taken == 9 - gone
        if gone == 5:
            break
    with pytest.raises(SessionFull):
        invited(session)
    remove_registration(ORG, named(session, everybody[5]), by="staff", now=NOW)
    invited(session)
    with pytest.raises(SessionFull):
        invited(session)
    assert spots_of(session) == (4, 3, 1, 0, 0)
    assert_lawful(session)


def test_expired_holds_pay_the_debt_too() -> None:
    """No sweep has run yet: expired holds pay the debt of the session."""
    session = open_session(6)
    for _ in range(6):
        invited(session, expires_at=later(minutes=1))
    resized(session, 3)
    invited(session, party=3, now=later(minutes=2))
    with pytest.raises(SessionFull):
        invited(session, now=later(minutes=2))
    assert_lawful(session)


def test_a_session_shrunk_with_expired_holds_still_gives_its_free_spots() -> None:
    session = open_session(6)
    for _ in range(5):
        invited(session, expires_at=later(minutes=1))
    resized(session, 3, now=later(minutes=2), below_use=False)
    assert spots_of(session, later(minutes=2)).free == 3
    for _ in range(3):
        registered(session, now=later(minutes=2))
    with pytest.raises(SessionFull):
        invited(session, now=later(minutes=2))
    assert_lawful(session)


def test_a_debt_ends_when_the_session_grows_again() -> None:
    session = open_session(9)
    for _ in range(8):
        registered(session)
    resized(session, 2)
    resized(session, 12)
    for _ in range(4):
        invited(session)
    with pytest.raises(SessionFull):
        invited(session)
    assert_lawful(session)


def test_settling_a_debt_may_crash_anywhere() -> None:
    for step in range(1, 9):
        session = open_session(6)
        everybody = [registered(session).registration.id for _ in range(6)]
        resized(session, 4)
        for id in everybody[:3]:
            remove_registration(ORG, named(session, id), by="staff", now=NOW)
        try:
            with crash(step, after=True):
                invited(session, "ana@example.org", key="once")
        except CrashedError:
            invited(session, "ana@example.org", key="once")
        with pytest.raises(SessionFull):
            invited(session)
        assert spots_of(session) == (4, 3, 1, 0, 0)
        assert_lawful(session)


def test_an_expiring_hold_may_be_confirmed_while_it_is_cleared_for_a_party() -> None:
    """By one clock it has expired, by the other it has a second left."""
    session = open_session(6)
    first = invited(session, party=2, expires_at=later(minutes=1)).invitation
    invited(session, party=2, expires_at=later(minutes=1))
    with meanwhile("Query", lambda: accepted(first, now=later(seconds=59)), nth=2, after=True):
        invited(session, party=4, now=later(minutes=1))
    assert spots_of(session, later(minutes=1)) == (6, 2, 4, 0, 0)
    assert_lawful(session)


def test_an_inconsistent_read_refuses_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A query reads chunk after chunk; a spot that moves between these reads was free all the time."""
    session = open_session(6)
    for id in (on_chunk(0, 2, "first"), on_chunk(1, 2, "second")):
        ledger.claim(ORG, session, id, Hold(spots=3 if id.startswith("first") else 2, state="taken", nonce="v"), chunks=2, now=NOW)
    before = chunks_of(session)
    ledger.release(ORG, session, on_chunk(0, 2, "first"), before[0].holds[on_chunk(0, 2, "first")], chunk=0)
    ledger.claim(ORG, session, on_chunk(0, 2, "third"), Hold(spots=2, state="taken", nonce="v"), chunks=2, now=NOW)
    ledger.claim(ORG, session, on_chunk(1, 2, "fourth"), Hold(spots=1, state="taken", nonce="v"), chunks=2, now=NOW)
    after = chunks_of(session)
    assert [chunk.spots for chunk in (*before, *after)] == [0, 1, 1, 0]
    chunks_read = iter([[before[0], after[1]]])
    monkeypatch.setattr(ledger.claims, "read", lambda *arguments, **more: next(chunks_read, None) or ledger.read(*arguments, **more))
    assert ledger.claim_with_full_ledger(ORG, session, "late", Hold(spots=1, state="taken", nonce="v"), now=NOW).chunk == 0


def test_a_reconciliation_while_spots_move_adds_none(monkeypatch: pytest.MonkeyPatch) -> None:
    session = open_session(9)
    before = booking_context.roster(ORG, session)
    invited(session, party=5)
    after = booking_context.roster(ORG, session)
    torn = [old if old.cap < new.cap else new for old, new in zip(before.chunks, after.chunks, strict=True)]
    assert sum(chunk.cap for chunk in torn) < 9
    monkeypatch.setattr(booking_context, "roster", lambda *_: after._replace(chunks=torn))
    reconcile_session(ORG, session, now=NOW, repair=True)
    assert sum(chunk.cap for chunk in chunks_of(session)) == 9


def test_a_full_session_of_many_chunks_refuses_in_few_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    session = open_session(60)
    registered(session, party=50)
    registered(session, party=10)
    assert len(chunks_of(session)) == 20
    with counted() as counts, pytest.raises(SessionFull):
        invited(session)
    assert counts["UpdateItem"] <= 3, counts
    assert counts.total() <= 9, counts


def test_many_free_chunks_are_found_in_few_requests() -> None:
    """The preferred chunk is full, and so are most others."""
    session = open_session(60)
    for _ in range(57):
        ledger.claim(ORG, session, f"own{_}", Hold(spots=1, state="taken", nonce="v"), chunks=20, now=NOW)
    worst = 0
    for _ in range(3):
        with counted() as counts:
            invited(session)
        worst = max(worst, counts.total())
    assert worst <= 7
    assert spots_of(session).free == 0
    assert len(holds_of(session)) == 60


def test_a_cancelled_invitation_is_found_in_whichever_chunk_it_lies() -> None:
    session = open_session(9)
    invitations = [invited(session, party=3).invitation for _ in range(3)]
    for invitation in invitations:
        cancel_invitation(ORG, named(session, invitation.id), by="staff", now=NOW)
    assert spots_of(session) == (9, 0, 0, 0, 9)
    assert_lawful(session)
