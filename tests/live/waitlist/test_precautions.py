"""Each precaution of the waitlist: the event that it prevents is made to happen at the critical moment."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.operations import links, waitlist
from chalicelib.operations.invitations import accept, cancel_invitation, decline, sweep
from chalicelib.operations.registrations import Registered
from chalicelib.operations.sessions import cancel_session
from chalicelib.rules.inputs.invitations import AcceptInput
from chalicelib.rules.inputs.registrations import ParticipantInput
from chalicelib.rules.inputs.sessions import CancelInput
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.refusals import Refusal
from chalicelib.tables import ledger, organisations
from tests.live.ledger.network_faults import CrashedError, crash, meanwhile
from tests.live.ledger.scenario import NOW, ORG, holds_of, invited, later, named, open_session, registered, resized, spots_of
from tests.live.waitlist.invariants import assert_settled, wrongs
from tests.live.waitlist.scenario import (
    advanced,
    confirmed,
    counted_line,
    entry_of,
    full_session,
    gone,
    joined,
    offer_of,
    ordered,
    quiet,
    set_rules,
    statuses,
    without_pauses,
)

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage", "small_chunks", "handlers_alone")]
RUN_OUT = later(hours=25)


@pytest.fixture
def handlers_alone(stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    quiet(monkeypatch)
    without_pauses(monkeypatch)


def answer(do: Callable[[], Any]) -> Any:
    try:
        return do()
    except Refusal as refusal:
        return refusal


def accepted(offer: Invitation, *, now: Any = NOW) -> None:
    form = AcceptInput(email=offer.email, name="Cleo", participants=[ParticipantInput(name="Kim")])
    accept(links.invitation_token(offer), form, locale="en", now=now)


def left(entry: Any) -> None:
    waitlist.leave(links.waitlist_token(entry), now=NOW)


def test_a_buyer_who_read_an_empty_queue_does_not_get_a_spot_freed_since() -> None:
    session = open_session(1)

    def somebody_waits_and_the_spot_comes_back() -> None:
        taken = registered(session, "ben@example.org").registration
        joined(session)
        found = ledger.locate(ORG, session, taken.id, chunk=0)
        assert found
        ledger.release(ORG, session, taken.id, found.hold, chunk=0)

    with meanwhile("UpdateItem", somebody_waits_and_the_spot_comes_back):
        outcome = answer(lambda: registered(session, "eve@example.org"))
    assert isinstance(outcome, SessionFull)
    assert (advanced(session), wrongs(session)) == (1, [])


def test_a_buyer_gets_the_spot_when_the_queue_empties_while_it_is_read() -> None:
    session = full_session(1, 2)
    set_rules(mode="skip_to_fit")
    first = joined(session, 2)
    gone(session)
    with meanwhile("UpdateItem", lambda: left(first), nth=2):
        assert isinstance(answer(lambda: registered(session, "eve@example.org")), Registered)


def test_a_buyer_does_not_get_spots_of_a_party_that_is_confirmed_meanwhile() -> None:
    session = full_session(1, 2)
    party = joined(session, 3, confirmed=False)
    gone(session)
    with meanwhile("UpdateItem", lambda: confirmed(party), nth=2):
        outcome = answer(lambda: registered(session, "eve@example.org"))
    assert isinstance(outcome, SessionFull)
    assert (advanced(session), wrongs(session)) == (0, [])


def test_an_entry_that_ends_with_its_offer_is_counted_out_of_the_list() -> None:
    session = full_session(1, 1)
    joined(session), joined(session, now=later(seconds=1))
    gone(session)
    advanced(session)
    accepted(offer_of(ordered(session)[0]))
    advanced(session)
    assert (ledger.read(ORG, session)[0].live_waitlist_entries, len(ordered(session))) == (1, 1)


def test_an_entry_that_is_ended_twice_at_once_is_counted_out_once() -> None:
    session = full_session(1, 1)
    first = joined(session)
    joined(session, now=later(seconds=1))
    with meanwhile("TransactWriteItems", lambda: waitlist.remove_entry(ORG, first.public_id, by="owner", now=NOW)):
        left(first)
    assert (ledger.read(ORG, session)[0].live_waitlist_entries, wrongs(session)) == (1, [])


def test_an_unconfirmed_party_that_does_not_fit_holds_up_nobody() -> None:
    session = full_session(1, 1, 1)
    stranger, family = joined(session, 3, confirmed=False), joined(session, now=later(seconds=1))
    gone(session)
    assert (advanced(session), statuses(stranger, family)) == (1, ["waiting", "offered"])
    gone(session, 1)
    assert isinstance(answer(lambda: registered(session, "eve@example.org")), Registered)
    assert wrongs(session) == []


@pytest.mark.parametrize("sizes", [(1, 2), (1, 3, 3)])
def test_an_offer_takes_its_party_out_of_the_queue_counts(sizes: tuple[int, ...]) -> None:
    session = full_session(*sizes)
    first, second = joined(session), joined(session, 2, now=later(seconds=1))
    assert counted_line(session) == (2, {1: 1, 2: 1})
    gone(session)
    assert (advanced(session), statuses(first, second), counted_line(session)) == (1, ["offered", "waiting"], (1, {2: 1}))
    assert_settled(session)


def test_an_entry_that_leaves_during_its_offer_gets_none_and_the_next_does() -> None:
    session = full_session(1)
    first, second = joined(session), joined(session, now=later(seconds=1))
    gone(session)
    with meanwhile("TransactWriteItems", lambda: left(first)):
        advanced(session)
    assert statuses(first, second) == ["left", "offered"]
    assert_settled(session)


def test_overlapping_passes_make_no_offer_twice() -> None:
    session = full_session(1, 1, 1)
    first, second = joined(session), joined(session, now=later(seconds=1))
    for index in range(3):
        gone(session, index)
    with meanwhile("TransactWriteItems", lambda: advanced(session)):
        advanced(session)
    assert (statuses(first, second), len(holds_of(session))) == (["offered", "offered"], 2)
    assert_settled(session)


def test_an_entry_with_an_expired_offer_moves_to_the_bottom() -> None:
    session = full_session(1)
    waiting = [joined(session, now=later(seconds=second)) for second in range(3)]
    gone(session)
    advanced(session)
    sweep(ORG, now=RUN_OUT)
    advanced(session, now=RUN_OUT)
    assert [entry.id for entry in ordered(session)] == [waiting[1].id, waiting[2].id, waiting[0].id]
    assert statuses(*waiting) == ["waiting", "offered", "waiting"]
    assert_settled(session, now=RUN_OUT)


def test_entries_whose_offers_expire_together_keep_their_order() -> None:
    session = full_session(*[1] * 6)
    waiting = [joined(session, now=later(seconds=second)) for second in range(6)]
    for index in range(6):
        gone(session, index)
    assert advanced(session) == 6
    resized(session, 0)
    sweep(ORG, now=RUN_OUT)
    advanced(session, now=RUN_OUT)
    assert [entry.id for entry in ordered(session)] == [entry.id for entry in waiting]


def test_an_entry_with_a_withdrawn_offer_gets_no_automatic_offer() -> None:
    session = full_session(1)
    first, second = joined(session), joined(session, now=later(seconds=1))
    gone(session)
    advanced(session)
    cancel_invitation(ORG, named(session, offer_of(first).id), by="owner", now=NOW)
    advanced(session)
    assert (statuses(first, second), entry_of(first).held_back) == (["waiting", "offered"], "revoked")
    decline(links.invitation_token(offer_of(second)), now=NOW)
    advanced(session)
    assert (statuses(first, second), counted_line(session)) == (["waiting", "declined"], (0, {}))


def test_in_strict_order_no_entry_passes_the_first() -> None:
    session = full_session(1, 2)
    first, second = joined(session, 3), joined(session, now=later(seconds=1))
    gone(session)
    assert (advanced(session), statuses(first, second)) == (0, ["waiting", "waiting"])
    assert isinstance(answer(lambda: registered(session)), SessionFull)


def test_an_unreachable_address_does_not_block_the_queue() -> None:
    session = full_session(1, 2)
    first, second = joined(session, 2), joined(session, now=later(seconds=1))
    organisations.note_bounce(ORG, first.email, sent_at=NOW, now=NOW)
    gone(session)
    advanced(session)
    assert (entry_of(first).held_back, statuses(first, second)) == ("suppressed", ["waiting", "offered"])
    assert_settled(session)


def test_an_invitation_by_staff_to_the_same_address_becomes_the_offer() -> None:
    session = full_session(1)
    first = joined(session)
    invitation = invited(session, first.email, over=True).invitation
    gone(session)
    advanced(session)
    assert (entry_of(first).invitation, spots_of(session).free) == (invitation.id, 1)
    assert_settled(session)


def test_a_crashed_invitation_blocks_the_queue_for_two_minutes_only() -> None:
    session = full_session(1)
    first = joined(session)
    with suppress(CrashedError), crash(2, after=True):
        invited(session, first.email, over=True)
    gone(session)
    assert (advanced(session), entry_of(first).status) == (0, "waiting")
    assert (advanced(session, now=later(minutes=3)), entry_of(first).status) == (1, "offered")
    assert_settled(session, now=later(minutes=3))


def test_an_acceptance_during_the_sweep_gets_no_second_offer() -> None:
    """The sweep crashes after it recorded the expiry of the offer; the ledger shows that it was accepted just before."""
    session = full_session(1, 1)
    first = joined(session)
    gone(session)
    advanced(session)
    offer = offer_of(first)
    accepted(offer, now=offer.expires_at - timedelta(seconds=1))
    gone(session, 1)
    with suppress(CrashedError), crash(3, after=True):
        sweep(ORG, now=RUN_OUT)
    advanced(session, now=RUN_OUT)
    assert (entry_of(first).status, counted_line(session), len(holds_of(session))) == ("accepted", (0, {}), 1)


@pytest.mark.parametrize("moment", ["BatchGetItem", "TransactWriteItems"])
def test_a_session_that_is_cancelled_while_an_offer_is_made_ends_it_and_its_waitlist(moment: str) -> None:
    session = full_session(1)
    first = joined(session)
    gone(session)
    with meanwhile(moment, lambda: cancel_session(ORG, session, CancelInput(), by="owner", now=NOW)):
        advanced(session)
    advanced(session)
    assert (entry_of(first).status, holds_of(session)) == ("closed", {})
    assert_settled(session)


def test_no_offer_after_the_cutoff_or_when_offers_are_off() -> None:
    session = full_session(1)
    first = joined(session)
    gone(session)
    set_rules(auto_offer=False)
    assert (advanced(session), entry_of(first).status) == (0, "waiting")
    set_rules()
    late = later(days=60, hours=-2)
    assert (advanced(session, now=late), entry_of(first).status) == (0, "waiting")
    assert isinstance(answer(lambda: registered(session, now=late)), Registered)
