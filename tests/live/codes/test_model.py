"""R3 for codes: whatever people do, in whatever order, dying in between, codes and ledger are what a simple model says they must be."""

import os
from collections.abc import Callable
from datetime import datetime, timedelta

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from chalicelib.operations import codes
from chalicelib.operations.codes import settling
from chalicelib.operations.identity import derived
from chalicelib.operations.reconciling import reconcile_session
from chalicelib.operations.registrations import remove_registration
from chalicelib.rules.codes import Code, CodePrice, CodeSpent, NothingToReturn, TooFewUses, UnknownCode, Use
from chalicelib.rules.ledger import Hold, SessionFull
from chalicelib.rules.refusals import NotFound, Refusal
from chalicelib.settings import settings
from chalicelib.tables import codes as table
from chalicelib.tables import keys, ledger, requests
from tests.live.codes.judging import faults
from tests.live.codes.model import Answer, Guest, Model
from tests.live.codes.scene import booked, contract, seen
from tests.live.ledger import tally
from tests.live.ledger.judging import breaches
from tests.live.ledger.scene import NOW, ORG, fresh, named, open_session
from tests.live.ledger.wire import CrashedError, crash

pytestmark = pytest.mark.live
EXAMPLES = 500 if os.environ.get("CI") else 60
STEPS = 5
RUNS = {"examples": 0, "deeds": 0, "deaths": 0}
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
"""After how many requests somebody dies: a booking looks, holds, uses, confirms."""
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
            Code(ORG, own, CONTRACT[0], at, NOW, left=each, max_redemptions=each, batch=self.session, place=place)
            for place, (own, each) in enumerate(uses.items())
        ]
        assert [code for each in made for code in table.store([each])] == []
        self.model = Model(total, uses)

    @rule(size=st.integers(1, 3), pick=st.integers(0, 1), skew=skews, dies_at=deaths, again=st.booleans())
    def book(self, size: int, pick: int, skew: int, dies_at: int, again: bool) -> None:
        key = fresh("key")
        guest = Guest(derived("register", ORG, self.session, key), key, size, list(self.model.uses)[pick])
        self.model.guests.append(guest)
        self.try_to_book(guest, skew, dies_at, again=again)

    @precondition(lambda self: self.model.guests)
    @rule(pick=picks, skew=skews, dies_at=deaths, again=st.booleans())
    def repeat(self, pick: int, skew: int, dies_at: int, again: bool) -> None:
        self.try_to_book(self.model.guests[pick % len(self.model.guests)], skew, dies_at, again=again)

    def try_to_book(self, guest: Guest, skew: int, dies_at: int, *, again: bool) -> None:
        now = self.now + timedelta(seconds=skew)
        if dies_at and self.dies(dies_at, lambda: self.ask(guest, now)):
            self.observe(now)
            if not again:
                return
        elif dies_at:
            self.observe(now)
        self.model.settle(guest.code, now)
        expected = self.model.answer(guest, now)
        told = self.told(lambda: self.ask(guest, now))
        if expected == "yes":
            assert not isinstance(told, Refusal), told
            guest.state, guest.used, guest.until = "in", True, None
        else:
            assert isinstance(told, REFUSALS[expected]), (expected, told)
        self.check()

    def ask(self, guest: Guest, now: datetime) -> object:
        ledger.reopen(ORG, self.session)
        email = f"{guest.key}@example.org"
        return booked(self.session, guest.code, email=email, party=guest.size, key=guest.key, source=fresh("source"), now=now)

    @precondition(lambda self: any(guest.state == "in" for guest in self.model.guests))
    @rule(pick=picks, dies_at=deaths)
    def remove(self, pick: int, dies_at: int) -> None:
        seated = [guest for guest in self.model.guests if guest.state == "in"]
        guest = seated[pick % len(seated)]
        self.twice(dies_at, lambda: remove_registration(ORG, named(self.session, guest.id), by="staff", now=self.now))
        guest.state = "removed"
        self.check()

    @rule(pick=st.integers(0, 1), skew=skews, dies_at=deaths)
    def give_back(self, pick: int, skew: int, dies_at: int) -> None:
        code, now = list(self.model.uses)[pick], self.now + timedelta(seconds=skew)
        told = self.twice(dies_at, lambda: codes.return_code(ORG, CONTRACT[0], code, now=now))
        if code in self.model.deleted:
            assert isinstance(told, NotFound)
        elif not self.model.give_back(code, now):
            assert isinstance(told, NothingToReturn)
        else:
            assert dies_at or not isinstance(told, Refusal)
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
            self.twice(dies_at, lambda: settling.settle(seen(code), now=now))
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
        assert not any(guest.used for guest in self.model.guests if guest.state == "dead")

    def dies(self, step: int, deed: Callable[[], object]) -> bool:
        """Do it, and die once its request of this number is executed; False when it takes fewer."""
        RUNS["deeds"] += 1
        try:
            with crash(step, after=True):
                self.told(deed)
        except CrashedError:
            RUNS["deaths"] += 1
            return True
        return False

    def twice(self, dies_at: int, deed: Callable[[], object]) -> object:
        """Do it; having died, do it again."""
        if dies_at:
            self.dies(dies_at, deed)
        return self.told(deed)

    def told(self, deed: Callable[[], object]) -> object:
        RUNS["deeds"] += 1
        try:
            return deed()
        except Refusal as refusal:
            return refusal

    def observe(self, now: datetime) -> None:
        """Note how far somebody came who died; what others lost by it they must have lost by right."""
        holds, uses = self.found()
        for guest in self.model.guests:
            hold, use = holds.get(guest.id), uses.get(guest.id)
            if guest.used and guest.state == "dead" and use is None:
                assert guest.over(now), f"{guest} lost its use"
                guest.taken_back()
            if guest.state == "dead":
                if use and not guest.used:
                    assert hold, f"{guest} used its code before it held its spots"
                    guest.used, guest.begun_at = True, now
                guest.tried_at = datetime.fromisoformat(use.at) if use else None
                guest.state = "in" if hold and hold.s == "C" else "dead"
                guest.until = hold.e if hold else None
        self.check()

    def found(self) -> tuple[dict[str, Hold], dict[str, Use]]:
        """Return the holds and the uses that there are, after a look at the laws of both."""
        wanted = {
            settings().rosters_table: [keys.chunk(ORG, self.session, 0)],
            settings().codes_table: [keys.code(ORG, code) for code in self.model.uses],
        }
        items = requests.batch_get(wanted)
        chunk = ledger.chunk_from(items.pop(keys.chunk(ORG, self.session, 0)))
        assert breaches(chunk, may_owe=False) == []
        found = [code for code in map(table.known, items.values()) if code]
        assert [fault for code in found for fault in faults(code)] == []
        return dict(chunk.holds), {own: use for code in found for own, use in code.uses.items()}

    def check(self) -> None:
        holds, uses = self.found()
        for guest in self.model.guests:
            if guest.state == "dead" and guest.until and guest.id not in holds:
                assert guest.until <= (self.now + timedelta(seconds=30)).timestamp(), f"{guest} lost its spots"
                guest.until = None
        assert {own: use.n for own, use in uses.items()} == {guest.id: guest.size for guest in self.model.guests if guest.used}
        assert {own: hold.n for own, hold in holds.items() if hold.s == "C"} == {
            guest.id: guest.size for guest in self.model.guests if guest.state == "in"
        }
        assert {own for own, hold in holds.items() if hold.s == "H"} == {guest.id for guest in self.model.guests if guest.until}


def test_codes_are_what_a_simple_model_says(stage: str) -> None:
    CONTRACT[:] = [contract().id]
    RUNS.update(examples=0, deeds=0, deaths=0)
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    phases = [Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink]
    run_state_machine_as_test(
        Codes,
        settings=hypothesis.settings(
            max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, phases=phases, suppress_health_check=checks, print_blob=True
        ),
    )
    tally.say(f"model of codes: {RUNS['examples']} examples, {RUNS['deeds']} deeds, {RUNS['deaths']} of which died")
