"""R2 for the waitlist: whoever acts dies after each write, or its reply is lost; others act in the midst of each pass. Nothing is lost.

After every one of these the handlers look once more, as the stream or the schedule lets them; what is so then must be right.
"""

from contextlib import suppress
from functools import partial
from typing import Any

import pytest

from chalicelib.rules.refusals import Refusal
from chalicelib.rules.waitlist import HasAnOffer, in_order
from chalicelib.tables import ledger, rosters
from tests.live.ledger import tally
from tests.live.ledger.scene import NOW, ORG
from tests.live.ledger.wire import CrashedError, asked, counted, crash, meanwhile, on_the_wire, reply_lost
from tests.live.waitlist.deeds import DEEDS, RUN_OUT, Line, done, line
from tests.live.waitlist.judging import assert_settled
from tests.live.waitlist.scene import (
    attended,
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
Shown = tuple[object, ...]
WRITES = {"TransactWriteItems", "UpdateItem", "PutItem", "DeleteItem"}
"""Between two of these nobody can tell where somebody died."""
DYING = ("join", "offer by hand", "leave with an offer", "remove with an offer", "look", "look once it ran out")
"""What takes more than one step, and belongs to the waitlist alone; the state machine has the others."""
MOMENTS = {
    "all that counts is read once more": ("BatchGetItem", 2),
    "the offer is written": ("TransactWriteItems", 1),
}


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    without_pauses(monkeypatch)


def settled(at: Line, name: str) -> None:
    """Let the handlers do their work, and compare."""
    now = RUN_OUT if name.startswith("look once it ran out") else NOW
    roster = rosters.roster(ORG, at.session)
    for invitation in roster.invitations:
        if invitation.ended:  # As the stream does: whoever ended it may have died before its spots were free.
            with suppress(ledger.HoldConfirmed):
                ledger.release(ORG, at.session, invitation.id, invitation.hold, chunk=invitation.chunk)
    for own, hold in roster.holds().items():
        if hold.s == "C":
            noted(ORG, at.session, own, hold, now=now)
    attended(at.session, now=now)
    assert_settled(at.session, now=now, saying=name)


def shown(at: Line) -> Shown:
    """Return what staff see: who is on the list in which order, what became of each, who has spots, and the counts of the line."""
    roster = rosters.roster(ORG, at.session)
    names = {at.first.id: "first", at.second.id: "second", at.third.id: "third"}
    entries = sorted((names.get(entry.id, "late"), entry.status, entry.held_back) for entry in roster.waitlist)
    holds = sorted((hold.n, hold.x, hold.s) for hold in roster.holds().values())
    return [names.get(entry.id, "late") for entry in in_order(roster.waitlist)], entries, holds, roster.chunks[0].waiting


def undisturbed(name: str) -> tuple[list[int], Shown]:
    """Return which of the deed's requests write, and what is shown in the end."""
    at, asking = line(), list[str]()
    with on_the_wire(lambda request, **_: asking.append(asked(request))):
        done(DEEDS[name], at)
    settled(at, name)
    return [step for step, operation in enumerate(asking, start=1) if operation in WRITES], shown(at)


@pytest.mark.parametrize("name", DYING)
def test_what_is_done_by_somebody_who_dies_or_hears_nothing_is_done_once(name: str) -> None:
    steps, right = undisturbed(name)
    for step in steps:
        at = line()
        with suppress(CrashedError), crash(step, after=True):
            done(DEEDS[name], at)
        assert told_alike(done(DEEDS[name], at)), f"request {step}, tried again"
        settled(at, name)
        assert shown(at) == right, f"request {step}, tried again"

        at = line()
        with reply_lost(step, times=3):
            assert told_alike(done(DEEDS[name], at)), f"request {step}, reply lost"
        settled(at, name)
        assert shown(at) == right, f"request {step}, reply lost"
    tally.say(f"waitlist: died after each of {len(steps)} writes, and lost its reply: {name}: done once")


def told_alike(answer: object) -> bool:
    """Whether somebody who tries again is told what fits: that there is an offer, when the one who died had made it."""
    return not isinstance(answer, Refusal) or isinstance(answer, HasAnOffer)


@pytest.mark.parametrize("moment", MOMENTS)
def test_what_is_done_in_the_midst_of_a_pass_counts(moment: str) -> None:
    """Whatever the pass had read is old by then; it must not write what is not so any more, nor leave what is so now."""
    operation, nth = MOMENTS[moment]
    for name, deed in DEEDS.items():
        at = line()
        with meanwhile(operation, partial(done, deed, at), nth=nth):
            attended(at.session)
        settled(at, name)
    tally.say(f"waitlist: {len(DEEDS)} deeds in the midst of a pass, before {moment}: settled")


def test_an_offer_by_hand_whose_reply_is_lost_is_told_all_the_same() -> None:
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


def test_joining_again_under_the_same_key_is_the_same_entry_though_spots_are_free_by_now() -> None:
    session = full_session(1, 1)
    first = joined(session, key="one", email="cleo@example.org")
    gone(session)
    gone(session, 1)
    attended(session)
    again = answer(lambda: joined(session, key="one", email="cleo@example.org"))
    assert again == entry_of(first)
