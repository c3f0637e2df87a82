"""Whatever frees a spot, the stream's handlers see to it that it is offered; and nothing else does."""

from collections.abc import Callable
from datetime import datetime

import pytest

from chalicelib.operations import links, waitlist
from chalicelib.operations.invitations import cancel_invitation, decline, sweep
from chalicelib.operations.reconciling import reconcile_session
from chalicelib.operations.registrations import change_registration, remove_registration, transfer
from chalicelib.operations.sessions import edit_session
from chalicelib.rules.drafts.rosters import RegistrationChanges
from chalicelib.rules.drafts.sessions import MeetingDraft, SessionChanges
from chalicelib.rules.ledger import Hold
from chalicelib.rules.waitlist import Entry
from chalicelib.tables import ledger
from tests.live.ledger.scene import NOW, ORG, invited, later, named, open_session, registered, resized
from tests.live.waitlist.judging import assert_settled
from tests.live.waitlist.scene import Stream, entry_of, followed, full_session, gone, joined, quiet, statuses

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage", "small_chunks", "handlers_alone")]
Freeing = Callable[[str], object]


@pytest.fixture
def handlers_alone(stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    quiet(monkeypatch)


def removal(session: str) -> Freeing:
    own = named(session, registered(session, party=2).registration.id)
    return lambda _: remove_registration(ORG, own, by="staff", now=NOW)


def smaller_party(session: str) -> Freeing:
    own = named(session, registered(session, party=2).registration.id)
    return lambda _: change_registration(ORG, own, RegistrationChanges(party_size=1), now=NOW)


def moved_away(session: str) -> Freeing:
    own, elsewhere = named(session, registered(session, party=2).registration.id), open_session(3)
    return lambda _: transfer(ORG, own, elsewhere, by="staff", key="moved", now=NOW)


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
    """A hold that nobody has is found by the reconciler."""
    ledger.claim_patiently(ORG, session, "nobodys", Hold(n=2, s="C", v="nobody"), now=NOW)
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


def waiting_before(session: str, prepare: Callable[[str], Freeing]) -> tuple[Freeing, Entry, Entry]:
    """Let two wait before a session that is full once this has been prepared."""
    free = prepare(session)
    return free, joined(session), joined(session, now=later(seconds=1))


@pytest.mark.parametrize("others", [(), (3, 3)])
def test_whatever_frees_a_spot_it_is_offered_to_the_first(others: tuple[int, ...]) -> None:
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
    guest = invited(session, over=True).invitation
    first = joined(session)
    cancel_invitation(ORG, named(session, guest.id), by="staff", now=NOW)
    followed(stream, session)
    assert entry_of(first).status == "waiting"
    assert_settled(session)


def test_when_the_first_leaves_the_next_is_offered_by_the_stream() -> None:
    session = full_session(1, 2)
    stream = Stream()
    first, second = joined(session, 3), joined(session, now=later(seconds=1))
    gone(session)
    followed(stream, session)
    assert statuses(first, second) == ["waiting", "waiting"]
    waitlist.leave(links.waitlist_token(ORG, session, first.id), now=NOW)
    followed(stream, session)
    assert statuses(first, second) == ["left", "offered"]


def test_the_last_spot_that_a_smaller_session_owes_wakes_the_line_when_it_is_paid() -> None:
    """A session of two chunks is in debt; the spot that becomes free lies in the one that has none to spare."""
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
        own, hold = next(iter(chunk.holds.items()))
        ledger.release(ORG, session, own, hold, chunk=chunk.number)
    followed(stream, session)
    assert entry_of(first).status == "offered"
    assert_settled(session)


def test_a_session_that_is_moved_brings_offers_again() -> None:
    session = full_session(1)
    stream = Stream()
    first = joined(session)
    gone(session)
    late = later(days=60, hours=-1)
    followed(stream, session, now=late)
    assert entry_of(first).status == "waiting"
    moved = SessionChanges(meetings=[MeetingDraft(starts_at=later(days=70), ends_at=later(days=70, hours=2))])
    edit_session(ORG, session, moved, expected=None, now=late)
    followed(stream, session, now=late)
    assert entry_of(first).status == "offered"
