"""The base of the state machine in test_model.py: a session with a waitlist, the model, the handlers, and faults."""

import random
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest
from botocore.awsrequest import AWSPreparedRequest
from hypothesis.stateful import RuleBasedStateMachine

from chalicelib.config import config
from chalicelib.events import rosters as handlers
from chalicelib.events.records import RecordChange
from chalicelib.operations.invitations import sweep
from chalicelib.rules.ledger import Hold, count
from chalicelib.rules.refusals import Refusal
from chalicelib.rules.waitlist import WaitlistEntry, in_order, place_at
from chalicelib.tables import booking_context, dynamodb, invitations, keys, ledger
from chalicelib.tables.items import Item, stored
from chalicelib.tables.waitlist.rows import entry_item
from tests.live.ledger.invariants import breaches
from tests.live.ledger.network_faults import CrashedError, crash, on_the_wire, operation_of, reply_lost
from tests.live.ledger.scenario import NOW, ORG, forget_full, fresh
from tests.live.waitlist.model import Model, Seat, Waiter
from tests.live.waitlist.scenario import Stream, advanced, set_rules

RUNS = {"examples": 0, "actions": 0, "crashes": 0, "lost": 0, "overlaps": 0, "offers": 0}
STREAM: list[Stream] = []
TEMPLATE: list[Item] = []
RULES: list[bool] = []
CHUNK = 3
CUTOFF = NOW + timedelta(days=60) - timedelta(hours=2)


class Fault(NamedTuple):
    """A fault, and the request at which it occurs. An overlap is another pass of the handlers at that point."""

    kind: str = ""
    at: int = 0
    seed: int = 0

    def on_the_way(self, other_pass: Callable[[], object]) -> AbstractContextManager[object]:
        match self.kind:
            case "crash before" | "crash after":
                return crash(self.at, after=self.kind == "crash after")
            case "lost":
                RUNS["lost"] += 1
                return reply_lost(self.at)
            case "overlap":
                RUNS["overlaps"] += 1
                return in_the_midst(self.at, other_pass)
        return nullcontext()


CALM = Fault()


def in_the_midst(nth: int, do: Callable[[], object]) -> AbstractContextManager[None]:
    """Run `do` right before the nth request, if there are as many."""
    seen = 0

    def handler(request: Any, **_: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == nth:
            do()

    return on_the_wire(handler)


class StateMachine(RuleBasedStateMachine):
    """A full session with a waitlist, and its model."""

    def __init__(self) -> None:
        super().__init__()
        ledger.full_cache._full.clear()
        RUNS["examples"] += 1
        self.now = NOW
        self.late = False
        """Whether time has passed or rules have changed since the last schedule run: the stream has no record of either."""
        self.session = ""
        self.model = Model(0, CUTOFF)

    def fill(self, parties: Sequence[int], more: int, waiting: Sequence[int]) -> None:
        """Write a session with these parties, some more spots, and these entries."""
        self.session = fresh("s").replace("-", "")
        self.model.total = sum(parties) + more
        self.model.seats = [Seat(size, fresh("before")) for size in parties]
        self.model.waiters = [Waiter(self.newcomer(size), size) for size in waiting]
        items = planted(TEMPLATE[0], self.session, self.model)
        dynamodb.transact({"Put": {"TableName": config().rosters_table, "Item": item}} for item in items)

    def newcomer(self, spots: int) -> WaitlistEntry:
        self.now += timedelta(seconds=1)
        id = fresh("waiter").replace("-", "")
        return WaitlistEntry(ORG, self.session, id, f"{id}@example.org", "Cleo", spots, place_at(self.now), self.now, "en")

    def set_mode(self, *, strict: bool = True, auto: bool = True) -> None:
        """Set the mode of the waitlist, which is a setting of the organisation and outlives the example."""
        self.model.strict, self.model.auto = strict, auto
        if [strict, auto] != RULES:
            set_rules(mode="strict" if strict else "skip_to_fit", auto_offer=auto)
            RULES[:] = [strict, auto]

    def do(self, fault: Fault, action: Callable[[], Any]) -> Any:
        """Run the action; after a crash, run it again, as a client without an answer does. Return the answer."""
        RUNS["actions"] += 1
        forget_full(self.session)
        if fault.kind != "overlap":
            try:
                with fault.on_the_way(lambda: None):
                    return outcome_of(action)
            except CrashedError:
                RUNS["crashes"] += 1
                forget_full(self.session)
        return outcome_of(action)

    def follow(self, fault: Fault = CALM) -> None:
        """Pass the changes to the handlers, twice and in any order, until there are none; each pass has the fault."""
        dice = random.Random(fault.seed)
        followed_up = not self.late
        while changes := self.written():
            for record in dice.sample(changes * 2, len(changes) * 2) if fault.seed else changes:
                handlers.react(record, now=self.now)
            if ADVANCED:
                ADVANCED.clear()
                followed_up = True
                self.advance(fault)
        if followed_up:
            self.settle()

    def written(self) -> list[RecordChange]:
        """Return the changes of the session since the last call; the stream is read only if there were any."""
        if not WRITTEN:
            return []
        WRITTEN.clear()
        return [change for change in STREAM[0].read() if str((change.new or change.old or {})["pk"]["S"]).endswith(self.session)]

    def advance(self, fault: Fault) -> None:
        try:
            with fault.on_the_way(lambda: advanced(self.session, now=self.now)):
                advanced(self.session, now=self.now)
        except CrashedError:
            RUNS["crashes"] += 1
            advanced(self.session, now=self.now)

    def schedule(self, fault: Fault) -> None:
        """Run the schedule, as every minute."""
        self.follow(fault)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(invitations, "due", self.due)
            sweep(ORG, now=self.now)
        self.model.sweep(self.now)
        self.advance(fault)
        self.late = False
        self.settle()
        self.follow(fault)

    def due(self, org: str, now: datetime) -> list[tuple[str, str]]:
        """Return the expired holds of this session; those of other examples are left alone."""
        return [found for found in DUE(org, now) if found[0] == self.session]

    def settle(self) -> None:
        offered = self.model.settle(self.now)
        RUNS["offers"] += len(offered)
        if offered:
            self.check()

    def check(self) -> None:
        """Compare everything with the model, once the handlers have run."""
        roster = booking_context.roster(ORG, self.session)
        first = roster.chunks[0]
        assert [breach for chunk in roster.chunks for breach in breaches(chunk, may_owe=True)] == []
        assert count(roster.chunks, self.now).free == self.model.free(self.now)
        found = {entry.id: entry for entry in roster.waitlist}
        assert found.keys() == {waiter.entry.id for waiter in self.model.waiters}, "an entry is lost"
        shown = [(found[waiter.entry.id].status, found[waiter.entry.id].held_back) for waiter in self.model.waiters]
        assert shown == [(waiter.status, waiter.held_back) for waiter in self.model.waiters]
        order = [entry.id for entry in in_order(roster.waitlist)]
        assert order == [waiter.entry.id for waiter in self.model.live]
        sizes = [waiter.size for waiter in self.model.line]
        assert (first.waiting_parties, dict(first.waiting_by_size)) == (len(sizes), {size: sizes.count(size) for size in sizes})
        assert first.live_waitlist_entries == len(order)
        self.name_offers(roster)
        held = sorted((hold.spots, hold.extra, hold.state) for hold in roster.holds().values() if hold.is_live(self.now))
        live = [seat for seat in self.model.seats if seat.live(self.now)]
        assert held == sorted((seat.size, seat.extra, "held" if seat.until else "taken") for seat in live)

    def name_offers(self, roster: booking_context.Roster) -> None:
        """Record the invitation of each offer, and check that no address has two live ones."""
        rows = {invitation.id: invitation for invitation in roster.invitations}
        found = {entry.id: entry for entry in roster.waitlist}
        for waiter in self.model.waiters:
            if waiter.status == "offered" and waiter.seat and not waiter.seat.invitation:
                waiter.seat.invitation = rows[found[waiter.entry.id].invitation]
                waiter.seat.id = waiter.seat.invitation.id
        pending = [invitation.email for invitation in rows.values() if not invitation.is_closed and invitation.expires_at > self.now]
        assert len(pending) == len(set(pending)), "an entry has two offers"

    def offered(self) -> list[Waiter]:
        return [waiter for waiter in self.model.waiters if waiter.status == "offered" and waiter.seat and waiter.seat.pending]


def planted(template: Item, session: str, model: Model) -> list[Item]:
    """Return the items of a session with its chunks and entries, as the operations would have written them."""
    line = [waiter.entry for waiter in model.waiters]
    chunks: list[list[Seat]] = [[]]
    for seat in model.seats:
        if sum(other.size for other in chunks[-1]) + seat.size > CHUNK:
            chunks.append([])
        chunks[-1].append(seat)
    caps = [sum(seat.size for seat in seats) for seats in chunks]
    caps[-1] += model.total - sum(caps)
    items = [planted_chunk(session, number, cap, seats) for number, (cap, seats) in enumerate(zip(caps, chunks, strict=True))]
    sizes = [entry.spots for entry in line]
    items[0] |= {f"w{size}": stored(sizes.count(size)) for size in sizes} | {"waits": stored(len(line)), "live": stored(len(line))}
    header = {**template, **keys.session(ORG, session).stored(), "spots_total": stored(model.total), "chunks": stored(len(chunks))}
    guards = [{**keys.waitlist_address(ORG, session, entry.email).stored(), "entry": stored(entry.id)} for entry in line]
    return [header, *items, *map(entry_item, line), *guards]


def planted_chunk(session: str, number: int, cap: int, seats: Sequence[Seat]) -> Item:
    holds = {seat.id: ledger.hold_item(Hold(spots=seat.size, state="taken", nonce=seat.id)) for seat in seats}
    spots = cap - sum(seat.size for seat in seats)
    return {**ledger.empty(ORG, session, number, cap), "spots": stored(spots), "h": {"M": holds}}


ADVANCED: list[str] = []
DUE = invitations.due
WRITTEN: list[str] = []


def note_writes(request: AWSPreparedRequest, **_: Any) -> None:
    operation = operation_of(request)
    if operation not in {"GetItem", "BatchGetItem", "Query"}:
        WRITTEN.append(operation)


def outcome_of(action: Callable[[], Any]) -> Any:
    try:
        return action()
    except Refusal as refusal:
        return refusal
