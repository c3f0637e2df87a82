"""R2 for the waitlist: a crash or a lost reply after each write, and other actions during each pass. Nothing is lost.

After each of these the handlers run once more, from the stream or the schedule; then the state must be right.
"""

from contextlib import suppress
from functools import partial
from typing import Any

import pytest

from chalicelib.rules.refusals import Refusal
from chalicelib.rules.waitlist import AlreadyOffered, in_order
from chalicelib.tables import booking_context, ledger
from tests.live.ledger import race_report
from tests.live.ledger.network_faults import CrashedError, counted, crash, meanwhile, on_the_wire, operation_of, reply_lost
from tests.live.ledger.scenario import NOW, ORG
from tests.live.waitlist.actions import ACTIONS, RUN_OUT, Line, done, line
from tests.live.waitlist.invariants import assert_settled
from tests.live.waitlist.scenario import (
    advanced,
    entry_of,
    full_session,
    gone,
    joined,
    noted,
    offer_of,
    offered_by_hand,
    without_pauses,
)
from tests.live.waitlist.test_precautions import answer

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage", "small_chunks")]
INDEXES = {"due"}
Shown = tuple[object, ...]
WRITES = {"TransactWriteItems", "UpdateItem", "PutItem", "DeleteItem"}
"""A crash between two of these writes is the same as one after the first."""
DYING = ("join", "offer by hand", "leave with an offer", "remove with an offer", "look", "look once it ran out")
"""The actions that take several steps and concern the waitlist only; the state machine has the others."""
MOMENTS = {
    "all that counts is read once more": ("BatchGetItem", 2),
    "the offer is written": ("TransactWriteItems", 1),
}


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    without_pauses(monkeypatch)


def settled(at: Line, name: str) -> None:
    """Let the handlers run, and check the invariants."""
    now = RUN_OUT if name.startswith("look once it ran out") else NOW
    roster = booking_context.roster(ORG, at.session)
    for invitation in roster.invitations:
        if invitation.ended:  # As the stream does: the request that ended it may have crashed before freeing its spots.
            with suppress(ledger.HoldConfirmed):
                ledger.release(ORG, at.session, invitation.id, invitation.hold, chunk=invitation.chunk)
    for id, hold in roster.holds().items():
        if hold.is_taken:
            noted(ORG, at.session, id, hold, now=now)
    advanced(at.session, now=now)
    assert_settled(at.session, now=now, saying=name)


def shown(at: Line) -> Shown:
    """Return what staff see: the entries in order with their status, the holders of spots, and the counts of the queue."""
    roster = booking_context.roster(ORG, at.session)
    names = {at.first.id: "first", at.second.id: "second", at.third.id: "third"}
    entries = sorted((names.get(entry.id, "late"), entry.status, entry.held_back) for entry in roster.waitlist)
    holds = sorted((hold.spots, hold.extra, hold.state) for hold in roster.holds().values())
    return [names.get(entry.id, "late") for entry in in_order(roster.waitlist)], entries, holds, roster.chunks[0].waiting_by_size


def undisturbed(name: str) -> tuple[list[int], Shown]:
    """Return the requests of the action that write, and the state shown afterwards."""
    at, asking = line(), list[str]()
    with on_the_wire(lambda request, **_: asking.append(operation_of(request))):
        done(ACTIONS[name], at)
    settled(at, name)
    return [step for step, operation in enumerate(asking, start=1) if operation in WRITES], shown(at)


@pytest.mark.parametrize("name", DYING)
def test_an_action_that_crashes_or_loses_its_reply_is_done_once(name: str) -> None:
    steps, right = undisturbed(name)
    for step in steps:
        at = line()
        with suppress(CrashedError), crash(step, after=True):
            done(ACTIONS[name], at)
        assert same_outcome(done(ACTIONS[name], at)), f"request {step}, tried again"
        settled(at, name)
        assert shown(at) == right, f"request {step}, tried again"

        at = line()
        with reply_lost(step, times=3):
            assert same_outcome(done(ACTIONS[name], at)), f"request {step}, reply lost"
        settled(at, name)
        assert shown(at) == right, f"request {step}, reply lost"
    race_report.say(f"waitlist: died after each of {len(steps)} writes, and lost its reply: {name}: done once")


def same_outcome(answer: object) -> bool:
    """Return whether a retry is answered correctly: with AlreadyOffered if the crashed attempt had made the offer."""
    return not isinstance(answer, Refusal) or isinstance(answer, AlreadyOffered)


@pytest.mark.parametrize("moment", MOMENTS)
def test_an_action_during_a_pass_takes_effect(moment: str) -> None:
    """The pass has read outdated data by then; it must neither write it nor miss the change."""
    operation, nth = MOMENTS[moment]
    for name, action in ACTIONS.items():
        at = line()
        with meanwhile(operation, partial(done, action, at), nth=nth):
            advanced(at.session)
        settled(at, name)
    race_report.say(f"waitlist: {len(ACTIONS)} actions in the midst of a pass, before {moment}: settled")


def test_an_offer_by_hand_whose_reply_is_lost_is_answered() -> None:
    entry = prepared_offer()
    with counted() as counts:
        offered_by_hand(entry)
    entry = prepared_offer()
    with reply_lost(counts.total(), times=3):
        made = answer(lambda: offered_by_hand(entry))
    assert not isinstance(made, Refusal), made
    assert made.invitation == offer_of(entry)


def prepared_offer() -> Any:
    session = full_session(1)
    entry = joined(session)
    gone(session)
    return entry


def test_a_retried_join_is_the_same_entry_although_spots_are_free_by_now() -> None:
    session = full_session(1, 1)
    first = joined(session, key="one", email="cleo@example.org")
    gone(session)
    gone(session, 1)
    advanced(session)
    again = answer(lambda: joined(session, key="one", email="cleo@example.org"))
    assert again == entry_of(first)
