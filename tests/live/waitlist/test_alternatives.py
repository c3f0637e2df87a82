"""One place in line for any of several sessions, under races, crashes and lost replies: one offer, and every line counted exactly.

A walk over three sessions does what families, staff and the clock may do, with a fault at any write, and looks at everything after each
step. Each control takes one precaution out and sees the named test fail.
"""

import random
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from chalicelib.operations import links, waitlist
from chalicelib.operations.invitations import decline, sweep
from chalicelib.operations.waitlist import offer
from chalicelib.rules.inputs.waitlist import JoinInput
from chalicelib.rules.refusals import Refusal
from chalicelib.rules.waitlist import WaitlistEntry
from chalicelib.tables import booking_context, dynamodb, invitations, ledger
from chalicelib.tables import waitlist as entries
from chalicelib.tables.waitlist import writes
from tests.live.ledger import race_report
from tests.live.ledger.fault_injection import Control, Patch, check_noticed
from tests.live.ledger.network_faults import CrashedError, crash, meanwhile, on_the_wire, operation_of, reply_lost
from tests.live.ledger.scenario import NOW, ORG, accepted, fresh, later, named
from tests.live.waitlist.invariants import wrongs
from tests.live.waitlist.load import at_once, aws_conflicts
from tests.live.waitlist.scenario import advanced, full_session, gone, joined, noted, offered_by_hand, statuses, without_pauses
from tests.live.waitlist.state_machine import in_the_midst

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]
INDEXES = {"calendar", "due"}
WRITES = {"TransactWriteItems", "UpdateItem", "PutItem", "DeleteItem"}
FAMILIES, WALKS, STEPS = 12, 4, 14


@pytest.fixture(autouse=True)
def _no_pauses(stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    without_pauses(monkeypatch)


def joined_any(*sessions: str, spots: int = 1, key: str = "", confirmed: bool = True, now: datetime = NOW) -> WaitlistEntry:
    """Join the lines of these sessions as one family, or as a stranger."""
    key = key or fresh("family")
    draft = JoinInput(email=f"{key}@{key}.org", name="Cleo", spots=spots, alternatives=list(sessions[1:]))
    source = "" if confirmed else fresh("client")
    return waitlist.join(ORG, sessions[0], draft, locale="en", key=key, source=source, now=now).entry


def everywhere(entry: WaitlistEntry) -> list[WaitlistEntry]:
    """Return the places of a family as they are now."""
    return [entries.get(ORG, session, entry.id) for session in entry.any_of or (entry.session,)]


def settled(sessions: list[str], *, now: datetime = NOW) -> None:
    """Let the stream and the schedule do their work: in any session an offer may make room in another line."""
    for session in sessions:
        roster = booking_context.roster(ORG, session)
        for invitation in roster.invitations:
            if invitation.ended:
                with suppress(ledger.HoldConfirmed):
                    ledger.release(ORG, session, invitation.id, invitation.hold, chunk=invitation.chunk)
        for id, hold in roster.holds().items():
            if hold.is_taken:
                noted(ORG, session, id, hold, now=now)
    while sum([advanced(session, now=now) for session in sessions]):
        pass


def check(sessions: list[str], families: list[WaitlistEntry], *, now: datetime = NOW, saying: str = "") -> None:
    assert {session: found for session in sessions if (found := wrongs(session, now=now))} == {}, saying
    for family in families:
        places = everywhere(family)
        won = [place for place in places if place.status in {"offered", "accepted"}]
        assert len(won) <= 1, f"{saying}: {won}"
        assert not won or not [place for place in places if place.status == "waiting"], f"{saying}: it waits beside its offer"
        lost = [place for place in places if place.status == "offered_elsewhere"]
        assert not lost or any(place.offers or place.invitation for place in places), f"{saying}: it lost a place for nothing"


def test_spots_freed_in_several_sessions_at_one_moment_give_one_offer() -> None:
    sessions = [full_session(*[1] * 6) for _ in range(3)]
    families = [joined_any(*random.Random(n).sample(sessions, 3), now=later(seconds=n)) for n in range(FAMILIES)]
    alone = [joined(session, now=later(minutes=1)) for session in sessions]
    actions: list[Callable[[], Any]] = [partial(gone, session, place) for session in sessions for place in range(3)]
    actions += [partial(advanced, session) for session in sessions for _ in range(4)]
    random.Random(7).shuffle(actions)
    with aws_conflicts() as rule:
        report = at_once(actions)
    assert report.unexpected == []
    settled(sessions)
    check(sessions, [*families, *alone])
    offered = [family for family in families if any(place.status == "offered" for place in everywhere(family))]
    assert [one.id for one in offered] == [one.id for one in families[:9]], "nine spots for the first nine"
    race_report.say(f"alternatives: 9 spots of 3 sessions freed at once, {FAMILIES} wait in all: 9 offers; {rule.refused} conflicts")


def test_a_place_left_in_the_midst_of_an_offer_is_counted_once() -> None:
    first, second = full_session(1), full_session(1)
    family, other = joined_any(first, second), joined(second, now=later(seconds=1))
    gone(first)
    leaves = partial(waitlist.leave, links.waitlist_token(entries.get(ORG, second, family.id)), now=NOW)
    with meanwhile("TransactWriteItems", leaves):
        advanced(first)
    settled([first, second])
    check([first, second], [family, other])
    assert statuses(family, other) == ["offered", "waiting"]
    assert entries.get(ORG, second, family.id).status == "left"


def test_an_offer_in_the_midst_of_another_is_the_only_one() -> None:
    first, second = full_session(1), full_session(1)
    family = joined_any(first, second)
    gone(first)
    gone(second)
    with meanwhile("TransactWriteItems", partial(advanced, second)):
        advanced(first)
    settled([first, second])
    check([first, second], [family])
    assert [place.status for place in everywhere(family)] == ["offered_elsewhere", "offered"]


def scene() -> tuple[list[str], WaitlistEntry]:
    """Return two full sessions, the first with a free spot, and a stranger who waits for both, before somebody else."""
    sessions = [full_session(1, 1), full_session(1, 1)]
    family = joined_any(*sessions, confirmed=False)
    joined(sessions[1], now=later(seconds=1))
    gone(sessions[0])
    return sessions, family


ACTIONS: dict[str, Callable[[list[str], WaitlistEntry], object]] = {
    "join": lambda sessions, _: joined_any(*sessions, key=f"late-{sessions[1]}", spots=2, now=later(minutes=1)),
    "offer": lambda sessions, _: advanced(sessions[0]),
    "offer by hand": lambda _, family: offered_by_hand(family),
    "confirm": lambda _, family: waitlist.confirm(links.mailed_waitlist_token(family)),
    "leave all": lambda _, family: waitlist.leave(links.waitlist_token(family), everywhere=True, now=NOW),
}


@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_that_dies_or_loses_its_reply_is_done_once(name: str) -> None:
    sessions, family = scene()
    writing = list[str]()
    with on_the_wire(lambda request, **_: writing.append(operation_of(request))):
        attempt(partial(ACTIONS[name], sessions, family))
    right = shown(sessions)
    steps = [step for step, operation in enumerate(writing, start=1) if operation in WRITES]
    for step in steps:
        for broken in (partial(crash, step, after=True), partial(reply_lost, step, times=3)):
            sessions, family = scene()
            act = partial(ACTIONS[name], sessions, family)
            with suppress(CrashedError), broken():
                attempt(act)
            attempt(act)
            assert shown(sessions) == right, f"request {step}"
    race_report.say(f"alternatives: died or lost its reply at each of {len(steps)} writes: {name}: done once")


def shown(sessions: list[str]) -> list[list[tuple[object, ...]]]:
    settled(sessions)
    check(sessions, [one for one in entries.list_entries(ORG, sessions[0]) if one.any_of])
    return [sorted((one.spots, one.status, one.unconfirmed) for one in entries.list_entries(ORG, session)) for session in sessions]


def attempt(act: Callable[[], object]) -> None:
    with suppress(Refusal):
        act()


def nothing() -> None:
    """Nobody is there to whom it could happen."""


class Walk:
    """Three sessions, and what may happen to the families that wait for some of them."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.now = NOW
        self.sessions = [full_session(*[1] * 4) for _ in range(3)]
        self.families: list[WaitlistEntry] = []
        self.freed = dict.fromkeys(self.sessions, 0)
        self.seen: list[str] = []

    def go(self) -> None:
        act = self.dice.choice([self.join, self.join, self.free, self.free, self.leave, self.remove, self.by_hand, self.answer, self.wait])
        self.seen.append(act.__name__)
        action = act()
        with suppress(CrashedError), self.fault():
            attempt(action)
        attempt(action)
        settled(self.sessions, now=self.now)
        check(self.sessions, self.families, now=self.now, saying=" → ".join(self.seen))

    def fault(self) -> AbstractContextManager[object]:
        at, session = self.dice.randint(1, 6), self.dice.choice(self.sessions)
        match self.dice.choice(["none", "crash", "lost", "overlap"]):
            case "crash":
                return crash(at, after=self.dice.random() < 0.5)
            case "lost":
                return reply_lost(at)
            case "overlap":
                return in_the_midst(at, partial(advanced, session, now=self.now))
        return nullcontext()

    def join(self) -> Callable[[], object]:
        self.now += timedelta(seconds=1)
        chosen = self.dice.sample(self.sessions, self.dice.choice([1, 2, 3]))
        key, spots, sure = fresh("family"), self.dice.choice([1, 1, 2]), self.dice.random() < 0.5

        def act() -> None:
            made = joined_any(*chosen, key=key, spots=spots, confirmed=sure, now=self.now)
            if made.id not in {one.id for one in self.families}:
                self.families.append(made)

        return act

    def free(self) -> Callable[[], object]:
        session = self.dice.choice(self.sessions)
        self.freed[session] += 1
        return partial(gone, session, self.freed[session] - 1)

    def place(self, *status: str) -> WaitlistEntry | None:
        found = [place for family in self.families for place in everywhere(family) if place.status in status]
        return self.dice.choice(found) if found else None

    def leave(self) -> Callable[[], object]:
        one, all_of_them = self.place("waiting", "offered"), self.dice.random() < 0.5
        return partial(waitlist.leave, links.waitlist_token(one), everywhere=all_of_them, now=self.now) if one else nothing

    def remove(self) -> Callable[[], object]:
        one = self.place("waiting", "offered")
        return partial(waitlist.remove_entry, ORG, named(one.session, one.id), by="staff", now=self.now) if one else nothing

    def by_hand(self) -> Callable[[], object]:
        one = self.place("waiting")
        return partial(offered_by_hand, one, now=self.now) if one else nothing

    def answer(self) -> Callable[[], object]:
        one, yes = self.place("offered"), self.dice.random() < 0.5
        if one is None:
            return nothing
        invitation = invitations.get(ORG, one.session, one.invitation)
        names = tuple(f"Kim {n}" for n in range(one.spots))
        if yes:
            return lambda: accepted(invitation, names=names, now=self.now)
        return lambda: decline(links.invitation_token(invitation), now=self.now)

    def wait(self) -> Callable[[], object]:
        self.now += timedelta(hours=25)
        return lambda: sweep(ORG, now=self.now)


@pytest.mark.parametrize("seed", range(WALKS))
def test_any_walk_keeps_one_offer_and_exact_counts(seed: int) -> None:
    walk = Walk(seed)
    for _ in range(STEPS):
        walk.go()


def others_stay(patch: Patch) -> None:
    patch.setattr(writes, "_ends", lambda _: [])


def others_not_counted(patch: Patch) -> None:
    ends = writes._ends_one
    patch.setattr(writes, "_ends_one", lambda entry: ends(entry)[:2])


def others_as_they_may_be(patch: Patch) -> None:
    """The other places end whatever became of them meanwhile."""
    ends = writes._ends_one

    def lax(entry: WaitlistEntry) -> dynamodb.Writes:
        row, _, *count = ends(entry)
        row["Put"] = {"TableName": row["Put"]["TableName"], "Item": row["Put"]["Item"]}
        return [row, *count]

    patch.setattr(writes, "_ends_one", lax)


def others_unread(patch: Patch) -> None:
    patch.setattr(offer, "_alternatives", lambda _: [])


CONTROLS = {
    "the others stay": Control(others_stay, test_an_offer_in_the_midst_of_another_is_the_only_one),
    "the others stay in a rush": Control(others_unread, test_spots_freed_in_several_sessions_at_one_moment_give_one_offer),
    "the others stay counted": Control(others_not_counted, test_an_offer_in_the_midst_of_another_is_the_only_one),
    "the others are not compared": Control(others_as_they_may_be, test_a_place_left_in_the_midst_of_an_offer_is_counted_once),
}


@pytest.mark.parametrize("name", CONTROLS)
def test_the_named_test_fails_without_the_precaution(name: str) -> None:
    check_noticed(name, CONTROLS[name])
