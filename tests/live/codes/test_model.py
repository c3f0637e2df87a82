"""R3 for codes: after any sequence of actions and crashes, codes and ledger match a simple model."""

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from chalicelib.config import config
from chalicelib.operations import codes
from chalicelib.operations.codes import reclaim
from chalicelib.operations.identity import derived
from chalicelib.operations.reconcile import reconcile_session
from chalicelib.operations.registrations import remove_registration
from chalicelib.rules.codes import Code, CodePrice, CodeSpent, NothingToReturn, TooFewUses, UnknownCode, Use
from chalicelib.rules.ledger import Hold, SessionFull
from chalicelib.rules.refusals import NotFound, Refusal
from chalicelib.tables import codes as table
from chalicelib.tables import dynamodb, keys, ledger
from tests.live.codes.invariants import faults
from tests.live.codes.model import Answer, Booking, Model
from tests.live.codes.scenario import booked, contract, seen
from tests.live.ledger import race_report
from tests.live.ledger.invariants import breaches
from tests.live.ledger.network_faults import CrashedError, crash
from tests.live.ledger.scenario import NOW, ORG, forget_full, fresh, named, open_session

pytestmark = pytest.mark.live
INDEXES = {"due"}
EXAMPLES = 500 if os.environ.get("CI") else 60
STEPS = 5
RUNS = {"examples": 0, "actions": 0, "deaths": 0}
CONTRACT: list[str] = []
REFUSALS: dict[Answer, type[Refusal]] = {
    "unknown": UnknownCode,
    "spent": CodeSpent,
    "too few": TooFewUses,
    "full": SessionFull,
    "no": Refusal,
}

skews = st.sampled_from([-30, 0, 30])
deaths = st.sampled_from([0, 0, 0, 3, 2, 1, 4, 5])
"""The number of requests before a crash: a booking reads, holds, uses, confirms."""
picks = st.integers(0, 20)


class Codes(RuleBasedStateMachine):
    """People with two codes, on one session."""

    def __init__(self) -> None:
        super().__init__()
        RUNS["examples"] += 1
        self.now = NOW
        self.session = ""
        self.model = Model(0, {})

    @initialize(total=st.integers(0, 6), more=st.integers(1, 5))
    def open(self, total: int, more: int) -> None:
        self.session = open_session(total)
        at = CodePrice("price", "STD", "Health check", 500, "EUR", session=self.session)
        uses = {fresh("CODE").replace("-", ""): each for each in (1, more)}
        made = [
            Code(ORG, code, CONTRACT[0], at, NOW, left=each, max_redemptions=each, batch=self.session, number=index)
            for index, (code, each) in enumerate(uses.items())
        ]
        assert [number for each in made for number in table.store(each, {each.number: each.code})] == []
        self.model = Model(total, uses)

    @rule(size=st.integers(1, 3), pick=st.integers(0, 1), skew=skews, dies_at=deaths, again=st.booleans())
    def book(self, size: int, pick: int, skew: int, dies_at: int, again: bool) -> None:
        key = fresh("key")
        booking = Booking(derived("register", ORG, self.session, key), key, size, list(self.model.uses)[pick])
        self.model.bookings.append(booking)
        self.try_to_book(booking, skew, dies_at, again=again)

    @precondition(lambda self: self.model.bookings)
    @rule(pick=picks, skew=skews, dies_at=deaths, again=st.booleans())
    def repeat(self, pick: int, skew: int, dies_at: int, again: bool) -> None:
        self.try_to_book(self.model.bookings[pick % len(self.model.bookings)], skew, dies_at, again=again)

    def try_to_book(self, booking: Booking, skew: int, dies_at: int, *, again: bool) -> None:
        now = self.now + timedelta(seconds=skew)
        if dies_at and self.dies(dies_at, lambda: self.ask(booking, now)):
            self.observe(now)
            if not again:
                return
        elif dies_at:
            self.observe(now)
        self.model.settle(booking.code, now)
        expected = self.model.answer(booking, now)
        outcome = self.outcome_of(lambda: self.ask(booking, now))
        if expected == "yes":
            assert not isinstance(outcome, Refusal), outcome
            booking.state, booking.used, booking.until = "in", True, None
        else:
            assert isinstance(outcome, REFUSALS[expected]), (expected, outcome)
        self.check()

    def ask(self, booking: Booking, now: datetime) -> object:
        forget_full(self.session)
        email = f"{booking.key}@example.org"
        return booked(self.session, booking.code, email=email, party=booking.size, key=booking.key, source=fresh("source"), now=now)

    @precondition(lambda self: any(booking.state == "in" for booking in self.model.bookings))
    @rule(pick=picks, dies_at=deaths)
    def remove(self, pick: int, dies_at: int) -> None:
        seated = [booking for booking in self.model.bookings if booking.state == "in"]
        booking = seated[pick % len(seated)]
        self.twice(dies_at, lambda: remove_registration(ORG, named(self.session, booking.id), by="staff", now=self.now))
        booking.state = "removed"
        self.check()

    @rule(pick=st.integers(0, 1), skew=skews, dies_at=deaths)
    def give_back(self, pick: int, skew: int, dies_at: int) -> None:
        code, now = list(self.model.uses)[pick], self.now + timedelta(seconds=skew)
        outcome = self.twice(dies_at, lambda: codes.return_code(ORG, CONTRACT[0], code, now=now))
        if code in self.model.deleted:
            assert isinstance(outcome, NotFound)
        elif not self.model.give_back(code, now):
            assert isinstance(outcome, NothingToReturn)
        else:
            assert dies_at or not isinstance(outcome, Refusal)
        self.check()

    @rule(pick=st.integers(0, 1), dies_at=deaths)
    def delete(self, pick: int, dies_at: int) -> None:
        code = list(self.model.uses)[pick]
        self.twice(dies_at, lambda: codes.delete_code(ORG, CONTRACT[0], code, expected=None, now=self.now))
        if code not in self.model.archived | self.model.deleted:
            self.model.delete(code)
        self.check()

    @rule(pick=st.integers(0, 1), skew=skews, dies_at=deaths)
    def settle(self, pick: int, skew: int, dies_at: int) -> None:
        code, now = list(self.model.uses)[pick], self.now + timedelta(seconds=skew)
        if code not in self.model.deleted:
            self.twice(dies_at, lambda: reclaim.reclaim_open_uses(seen(code), now=now))
            self.model.settle(code, now)
            self.check()

    @rule(skew=skews, dies_at=deaths)
    def reconcile(self, skew: int, dies_at: int) -> None:
        now = self.now + timedelta(seconds=skew)
        self.twice(dies_at, lambda: reconcile_session(ORG, self.session, now=now, repair=True))
        self.model.reconcile(now)
        self.check()

    @rule(seconds=st.sampled_from([30, 60, 100, 200]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    def teardown(self) -> None:
        if not self.session:
            return
        much_later = self.now + timedelta(minutes=10)
        reconcile_session(ORG, self.session, now=much_later, repair=True)
        self.model.reconcile(much_later)
        self.check()
        assert not any(booking.used for booking in self.model.bookings if booking.state == "dead")

    def dies(self, step: int, action: Callable[[], object]) -> bool:
        """Run the action and crash after the request with this number; False if it has fewer."""
        RUNS["actions"] += 1
        try:
            with crash(step, after=True):
                self.outcome_of(action)
        except CrashedError:
            RUNS["deaths"] += 1
            return True
        return False

    def twice(self, dies_at: int, action: Callable[[], object]) -> object:
        """Run the action; after a crash, run it again."""
        if dies_at:
            self.dies(dies_at, action)
        return self.outcome_of(action)

    def outcome_of(self, action: Callable[[], object]) -> object:
        RUNS["actions"] += 1
        try:
            return action()
        except Refusal as refusal:
            return refusal

    def observe(self, now: datetime) -> None:
        """Record how far a crashed action got. Others may have lost only what had expired."""
        holds, uses = self.found()
        for booking in self.model.bookings:
            hold, use = holds.get(booking.id), uses.get(booking.id)
            if booking.used and booking.state == "dead" and use is None:
                assert booking.over(now), f"{booking} lost its use"
                booking.taken_back()
            if booking.state == "dead":
                if use and not booking.used:
                    assert hold, f"{booking} used its code before it held its spots"
                    booking.used, booking.begun_at = True, now
                booking.tried_at = use.tried_at if use else None
                booking.state = "in" if hold and hold.is_taken else "dead"
                booking.until = hold.expires_at if hold else None
        self.check(holds, uses)

    def found(self) -> tuple[dict[str, Hold], dict[str, Use]]:
        """Return all holds and uses, after checking the invariants of both."""
        wanted = {
            config().rosters_table: [keys.chunk(ORG, self.session, 0)],
            config().codes_table: [keys.code(ORG, code) for code in self.model.uses],
        }
        items = dynamodb.batch_get(wanted)
        chunk = ledger.chunk_from(items.pop(keys.chunk(ORG, self.session, 0)))
        assert breaches(chunk, may_owe=False) == []
        found = [code for code in map(table.code_or_none, items.values()) if code]
        assert [fault for code in found for fault in faults(code)] == []
        return dict(chunk.holds), {id: use for code in found for id, use in code.uses.items()}

    def check(self, *found: Any) -> None:
        """Compare the model with all holds and uses, which are read unless they were."""
        holds, uses = found or self.found()
        for booking in self.model.bookings:
            if booking.state == "dead" and booking.until and booking.id not in holds:
                assert booking.until <= (self.now + timedelta(seconds=30)).timestamp(), f"{booking} lost its spots"
                booking.until = None
        assert {id: use.redemptions for id, use in uses.items()} == {
            booking.id: booking.size for booking in self.model.bookings if booking.used
        }
        assert {id: hold.spots for id, hold in holds.items() if hold.is_taken} == {
            booking.id: booking.size for booking in self.model.bookings if booking.state == "in"
        }
        assert {id for id, hold in holds.items() if hold.state == "held"} == {
            booking.id for booking in self.model.bookings if booking.until
        }


def test_codes_match_the_model(stage: str) -> None:
    CONTRACT[:] = [contract().id]
    RUNS.update(examples=0, actions=0, deaths=0)
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    phases = [Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink]
    run_state_machine_as_test(
        Codes,
        settings=hypothesis.settings(
            max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, phases=phases, suppress_health_check=checks, print_blob=True
        ),
    )
    race_report.say(f"model of codes: {RUNS['examples']} examples, {RUNS['actions']} actions, {RUNS['deaths']} of which died")
