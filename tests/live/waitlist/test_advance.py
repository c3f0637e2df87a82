"""Advancing the waitlist: the stream handlers offer every freed spot."""

from collections.abc import Callable
from datetime import datetime

import pytest

from chalicelib.operations import links, waitlist
from chalicelib.operations.invitations import cancel_invitation, decline, sweep
from chalicelib.operations.reconcile import reconcile_session
from chalicelib.operations.registrations import change_registration, remove_registration, transfer
from chalicelib.operations.sessions import edit_session
from chalicelib.rules.inputs.roster import RegistrationChanges
from chalicelib.rules.inputs.sessions import MeetingInput, SessionChanges
from chalicelib.rules.ledger import Hold
from chalicelib.rules.waitlist import WaitlistEntry
from chalicelib.tables import ledger
from tests.live.ledger.scenario import NOW, ORG, invited, later, named, open_session, registered, resized
from tests.live.waitlist.invariants import assert_settled
from tests.live.waitlist.scenario import Stream, entry_of, followed, full_session, gone, joined, quiet, statuses

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage", "small_chunks", "handlers_alone")]
Freeing = Callable[[str], object]


@pytest.fixture
def handlers_alone(stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    quiet(monkeypatch)


def removal(session: str) -> Freeing:
    id = named(session, registered(session, party=2).registration.id)
    return lambda _: remove_registration(ORG, id, by="staff", now=NOW)


def smaller_party(session: str) -> Freeing:
    id = named(session, registered(session, party=2).registration.id)
    return lambda _: change_registration(ORG, id, RegistrationChanges(party_size=1), now=NOW)


def moved_away(session: str) -> Freeing:
    id, elsewhere = named(session, registered(session, party=2).registration.id), open_session(3)
    return lambda _: transfer(ORG, id, elsewhere, by="staff", key="moved", now=NOW)


def declined(session: str) -> Freeing:
    invitation = invited(session, party=2).invitation
    return lambda _: decline(links.invitation_token(invitation), now=NOW)


def cancelled(session: str) -> Freeing:
    invitation = invited(session, party=2).invitation
    return lambda _: cancel_invitation(ORG, named(session, invitation.id), by="staff", now=NOW)


def run_out(session: str) -> Freeing:
    invited(session, party=2, expires_at=later(hours=1))
    return lambda _: sweep(ORG, now=later(hours=1))


def more_spots(session: str) -> Freeing:
    registered(session, party=2)
    return lambda at: resized(at, ledger_total(at) + 1)


def reconciled(session: str) -> Freeing:
    """The reconciler finds a hold without a row."""
    ledger.claim_with_full_ledger(ORG, session, "nobodys", Hold(spots=2, state="taken", nonce="nobody"), now=NOW)
    return lambda at: reconcile_session(ORG, at, now=later(days=1), repair=True)


def ledger_total(session: str) -> int:
    return sum(chunk.cap for chunk in ledger.read(ORG, session))


WAYS: dict[str, Callable[[str], Freeing]] = {
    "removal": removal,
    "smaller party": smaller_party,
    "moved away": moved_away,
    "declined": declined,
    "cancelled": cancelled,
    "run out": run_out,
    "more spots": more_spots,
    "reconciled": reconciled,
}


def waiting_before(session: str, prepare: Callable[[str], Freeing]) -> tuple[Freeing, WaitlistEntry, WaitlistEntry]:
    """Prepare the session until it is full, and add two entries."""
    free = prepare(session)
    return free, joined(session), joined(session, now=later(seconds=1))


@pytest.mark.parametrize("others", [(), (3, 3)])
def test_every_freed_spot_is_offered_to_the_first_entry(others: tuple[int, ...]) -> None:
    stream = Stream()
    for way, prepare in WAYS.items():
        session = full_session(2, *others)
        gone(session)
        free, first, second = waiting_before(session, prepare)
        followed(stream, session)
        assert statuses(first, second) == ["waiting", "waiting"], way
        now = free_at(way)
        free(session)
        followed(stream, session, now=now)
        assert entry_of(first).status == "offered", way
        assert_settled(session, now=now, saying=way)


def free_at(way: str) -> datetime:
    return {"run out": later(hours=1), "reconciled": later(days=1)}.get(way, NOW)


@pytest.mark.parametrize("others", [(), (3, 3)])
def test_an_extra_that_ends_frees_nothing(others: tuple[int, ...]) -> None:
    session = full_session(2, *others)
    stream = Stream()
    invitation = invited(session, over=True).invitation
    first = joined(session)
    cancel_invitation(ORG, named(session, invitation.id), by="staff", now=NOW)
    followed(stream, session)
    assert entry_of(first).status == "waiting"
    assert_settled(session)


def test_when_the_first_entry_leaves_the_stream_offers_to_the_next() -> None:
    session = full_session(1, 2)
    stream = Stream()
    first, second = joined(session, 3), joined(session, now=later(seconds=1))
    gone(session)
    followed(stream, session)
    assert statuses(first, second) == ["waiting", "waiting"]
    waitlist.leave(links.waitlist_token(first), now=NOW)
    followed(stream, session)
    assert statuses(first, second) == ["left", "offered"]


def test_paying_the_last_debt_of_a_smaller_session_advances_the_waitlist() -> None:
    """A session of two chunks is in debt; the freed spot is in the chunk without a surplus."""
    session = full_session(*[1] * 6)
    stream = Stream()
    first = joined(session)
    resized(session, 5)
    chunks = ledger.read(ORG, session)
    owing = next(chunk for chunk in chunks if chunk.spots < 0)
    other = next(chunk for chunk in chunks if chunk.spots >= 0)
    for chunk in (other, owing):
        followed(stream, session)
        assert entry_of(first).status == "waiting"
        id, hold = next(iter(chunk.holds.items()))
        ledger.release(ORG, session, id, hold, chunk=chunk.number)
    followed(stream, session)
    assert entry_of(first).status == "offered"
    assert_settled(session)


def test_moving_a_session_resumes_offers() -> None:
    session = full_session(1)
    stream = Stream()
    first = joined(session)
    gone(session)
    late = later(days=60, hours=-1)
    followed(stream, session, now=late)
    assert entry_of(first).status == "waiting"
    moved = SessionChanges(meetings=[MeetingInput(starts_at=later(days=70), ends_at=later(days=70, hours=2))])
    edit_session(ORG, session, moved, expected=None, now=late)
    followed(stream, session, now=late)
    assert entry_of(first).status == "offered"
