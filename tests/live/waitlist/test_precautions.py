"""Each precaution of the waitlist by itself: what would go wrong without it is made to happen at the very moment."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.operations import links, waitlist
from chalicelib.operations.invitations import accept, cancel_invitation, decline, sweep
from chalicelib.operations.registrations import Registered
from chalicelib.operations.sessions import cancel_session
from chalicelib.rules.drafts.invitations import Acceptance
from chalicelib.rules.drafts.registrations import ParticipantDraft
from chalicelib.rules.drafts.sessions import Cancelling
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.refusals import Refusal
from chalicelib.tables import ledger, organisations
from tests.live.ledger.scene import NOW, ORG, holds_of, invited, later, named, open_session, registered, resized, spots_of
from tests.live.ledger.wire import CrashedError, crash, meanwhile
from tests.live.waitlist.judging import assert_settled, wrongs
from tests.live.waitlist.scene import (
    attended,
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
    form = Acceptance(email=offer.email, name="Cleo", participants=[ParticipantDraft(name="Kim")])
    accept(links.invitation_token(offer), form, locale="en", now=now)


def left(entry: Any) -> None:
    waitlist.leave(links.waitlist_token(ORG, entry.session, entry.id), now=NOW)


def test_a_buyer_who_looked_before_anybody_waited_does_not_get_what_became_free_since() -> None:
    session = open_session(1)

    def somebody_waits_and_the_spot_comes_back() -> None:
        taken = registered(session, "ben@example.org").registration
        joined(session)
        found = ledger.locate(ORG, session, taken.id, chunk=0)
        assert found
        ledger.release(ORG, session, taken.id, found[1], chunk=0)

    with meanwhile("UpdateItem", somebody_waits_and_the_spot_comes_back):
        told = answer(lambda: registered(session, "eve@example.org"))
    assert isinstance(told, SessionFull)
    assert (attended(session), wrongs(session)) == (1, [])


def test_a_buyer_who_waits_for_the_line_to_be_weighed_gets_the_spot_when_the_last_has_left() -> None:
    session = full_session(1, 2)
    set_rules(mode="skip_to_fit")
    first = joined(session, 2)
    gone(session)
    with meanwhile("UpdateItem", lambda: left(first), nth=2):
        assert isinstance(answer(lambda: registered(session, "eve@example.org")), Registered)


@pytest.mark.parametrize("sizes", [(1, 2), (1, 3, 3)])
def test_an_offer_counts_its_party_out_of_the_line(sizes: tuple[int, ...]) -> None:
    session = full_session(*sizes)
    first, second = joined(session), joined(session, 2, now=later(seconds=1))
    assert counted_line(session) == (2, {1: 1, 2: 1})
    gone(session)
    assert (attended(session), statuses(first, second), counted_line(session)) == (1, ["offered", "waiting"], (1, {2: 1}))
    assert_settled(session)


def test_who_leaves_while_the_offer_is_made_gets_none_and_the_next_does() -> None:
    session = full_session(1)
    first, second = joined(session), joined(session, now=later(seconds=1))
    gone(session)
    with meanwhile("TransactWriteItems", lambda: left(first)):
        attended(session)
    assert statuses(first, second) == ["left", "offered"]
    assert_settled(session)


def test_a_pass_in_the_midst_of_another_makes_no_offer_twice() -> None:
    session = full_session(1, 1, 1)
    first, second = joined(session), joined(session, now=later(seconds=1))
    for place in range(3):
        gone(session, place)
    with meanwhile("TransactWriteItems", lambda: attended(session)):
        attended(session)
    assert (statuses(first, second), len(holds_of(session))) == (["offered", "offered"], 2)
    assert_settled(session)


def test_who_lets_an_offer_run_out_stands_at_the_bottom() -> None:
    session = full_session(1)
    waiting = [joined(session, now=later(seconds=second)) for second in range(3)]
    gone(session)
    attended(session)
    sweep(ORG, now=RUN_OUT)
    attended(session, now=RUN_OUT)
    assert [entry.id for entry in ordered(session)] == [waiting[1].id, waiting[2].id, waiting[0].id]
    assert statuses(*waiting) == ["waiting", "offered", "waiting"]
    assert_settled(session, now=RUN_OUT)


def test_those_whose_offers_run_out_together_keep_their_order() -> None:
    session = full_session(*[1] * 6)
    waiting = [joined(session, now=later(seconds=second)) for second in range(6)]
    for place in range(6):
        gone(session, place)
    assert attended(session) == 6
    resized(session, 0)
    sweep(ORG, now=RUN_OUT)
    attended(session, now=RUN_OUT)
    assert [entry.id for entry in ordered(session)] == [entry.id for entry in waiting]


def test_who_was_taken_back_is_offered_nothing_by_itself() -> None:
    session = full_session(1)
    first, second = joined(session), joined(session, now=later(seconds=1))
    gone(session)
    attended(session)
    cancel_invitation(ORG, named(session, offer_of(first).id), by="owner", now=NOW)
    attended(session)
    assert (statuses(first, second), entry_of(first).held_back) == (["waiting", "offered"], "revoked")
    decline(links.invitation_token(offer_of(second)), now=NOW)
    attended(session)
    assert (statuses(first, second), counted_line(session)) == (["waiting", "declined"], (0, {}))


def test_in_strict_order_nobody_passes_the_first() -> None:
    session = full_session(1, 2)
    first, second = joined(session, 3), joined(session, now=later(seconds=1))
    gone(session)
    assert (attended(session), statuses(first, second)) == (0, ["waiting", "waiting"])
    assert isinstance(answer(lambda: registered(session)), SessionFull)


def test_whom_no_letter_reaches_does_not_stand_in_the_way_of_the_line() -> None:
    session = full_session(1, 2)
    first, second = joined(session, 2), joined(session, now=later(seconds=1))
    organisations.suppress(ORG, first.email, fate="bounced", now=NOW)
    gone(session)
    attended(session)
    assert (entry_of(first).held_back, statuses(first, second)) == ("suppressed", ["waiting", "offered"])
    assert_settled(session)


def test_an_invitation_that_staff_sent_to_the_same_address_is_the_offer() -> None:
    session = full_session(1)
    first = joined(session)
    guest = invited(session, first.email, over=True).invitation
    gone(session)
    attended(session)
    assert (entry_of(first).invitation, spots_of(session).free) == (guest.id, 1)
    assert_settled(session)


def test_an_invitation_that_died_on_its_way_holds_the_line_up_for_two_minutes_and_nothing_else() -> None:
    session = full_session(1)
    first = joined(session)
    with suppress(CrashedError), crash(2, after=True):
        invited(session, first.email, over=True)
    gone(session)
    assert (attended(session), entry_of(first).status) == (0, "waiting")
    assert (attended(session, now=later(minutes=3)), entry_of(first).status) == (1, "offered")
    assert_settled(session, now=later(minutes=3))


def test_who_accepts_while_the_clock_strikes_gets_no_second_offer() -> None:
    """The sweep dies once it has noted that the offer ran out; the ledger has it that it was accepted a moment before."""
    session = full_session(1, 1)
    first = joined(session)
    gone(session)
    attended(session)
    offer = offer_of(first)
    accepted(offer, now=offer.expires_at - timedelta(seconds=1))
    gone(session, 1)
    with suppress(CrashedError), crash(3, after=True):
        sweep(ORG, now=RUN_OUT)
    attended(session, now=RUN_OUT)
    assert (entry_of(first).status, counted_line(session), len(holds_of(session))) == ("accepted", (0, {}), 1)


@pytest.mark.parametrize("moment", ["BatchGetItem", "TransactWriteItems"])
def test_a_session_that_is_cancelled_while_an_offer_is_made_ends_it_and_its_waitlist(moment: str) -> None:
    session = full_session(1)
    first = joined(session)
    gone(session)
    with meanwhile(moment, lambda: cancel_session(ORG, session, Cancelling(), by="owner", now=NOW)):
        attended(session)
    attended(session)
    assert (entry_of(first).status, holds_of(session)) == ("closed", {})
    assert_settled(session)


def test_no_offer_after_the_cutoff_nor_when_they_are_off() -> None:
    session = full_session(1)
    first = joined(session)
    gone(session)
    set_rules(auto_offer=False)
    assert (attended(session), entry_of(first).status) == (0, "waiting")
    set_rules()
    late = later(days=60, hours=-2)
    assert (attended(session, now=late), entry_of(first).status) == (0, "waiting")
    assert isinstance(answer(lambda: registered(session, now=late)), Registered)
