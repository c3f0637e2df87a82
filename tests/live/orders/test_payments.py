"""R17: paying when booking, in any order: held, paid, run out, returned, reported late, twice or never, and killed at any write."""

import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from chalicelib.operations import links, orders
from chalicelib.operations.orders import due, pay
from chalicelib.operations.reconcile import reconcile_session
from chalicelib.operations.registrations import add, remove_registration
from chalicelib.rules.inputs.roster import AddInput
from chalicelib.rules.orders import Order
from chalicelib.rules.refusals import Refusal
from chalicelib.tables import ledger, order_payments
from chalicelib.tables import orders as order_rows
from tests.live.ledger import race_report
from tests.live.ledger.fault_injection import Patch, dropped, failing
from tests.live.ledger.network_faults import CrashedError, crash
from tests.live.ledger.scenario import NOW, ORG, assert_lawful, fresh, open_session
from tests.live.orders.scenario import basket
from tests.live.orders.stripe_model import FakeStripe, check_money, check_settled, pays_online, resolve_due

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]
INDEXES = {"due", "orders"}
EXAMPLES, STEPS = 15, 35
CRASHES = st.integers(-10, 16)
"""After which request the process is killed; none for a number below 1."""
RUNS = {"examples": 0, "crashes": 0, "paid": 0, "booked": 0, "refunded": 0}


class Payments(RuleBasedStateMachine):
    """A session of twelve spots and one of two, families that pay when they book, and staff who add somebody."""

    def __init__(self) -> None:
        super().__init__()
        RUNS["examples"] += 1
        self.patch, self.stripe, self.now = pytest.MonkeyPatch(), FakeStripe(), NOW
        self.stripe.begin(self.patch)
        self.tries: dict[str, Any] = {}
        self.others: set[str] = set()

    @initialize()
    def begin(self) -> None:
        ledger.full_cache._full.clear()
        self.sessions = [open_session(12), open_session(2)]
        pays_online()

    def do(self, crash_at: int, act: Callable[[], Any]) -> Any:
        """Do something that may be refused, or killed after a request to DynamoDB."""
        with suppress(Refusal):
            if crash_at < 1:
                return act()
            try:
                with crash(crash_at, after=True):
                    return act()
            except CrashedError:
                RUNS["crashes"] += 1
        return None

    def shown(self) -> list[str]:
        """Return the Checkout Sessions whose page somebody has seen."""
        return [placed.order.checkout for placed in self.tries.values() if placed and placed.checkout]

    def placed(self) -> list[Order]:
        return [placed.order for placed in self.tries.values() if placed]

    @rule(indexes=st.sampled_from([(0,), (1,), (0, 1), (1, 0)]), crash_at=CRASHES)
    def place(self, indexes: tuple[int, ...], crash_at: int) -> None:
        key = fresh("key")
        wanted = basket(*(self.sessions[index] for index in indexes), email=f"{key}@example.org")
        self.tries[key] = None
        self._placed(key, wanted, crash_at)

    def _placed(self, key: str, wanted: Any, crash_at: int) -> None:
        self.wanted = getattr(self, "wanted", {}) | {key: wanted}
        self.tries[key] = self.do(crash_at, lambda: orders.place_order(ORG, wanted, locale="en", key=key, now=self.now)) or self.tries[key]

    @rule(indexes=st.sampled_from([(1,), (0, 1), (0,)]), minutes=st.sampled_from([31, 0, 60]), fills=st.booleans())
    def place_and_pay(self, indexes: tuple[int, ...], minutes: int, fills: bool) -> None:
        """A family pays at once, and nothing is heard of it for some time, in which the sessions may become full."""
        self.stripe.is_down = False
        self.remove_all_by_hand()
        self.place(indexes=indexes, crash_at=0)
        if (placed := list(self.tries.values())[-1]) and placed.checkout:
            self.stripe.sessions[placed.order.checkout].status = "complete"
            RUNS["paid"] += 1
        self.now += timedelta(minutes=minutes)
        for _ in range(2 if fills else 0):
            self.add_by_hand()

    @precondition(lambda self: self.tries)
    @rule(data=st.data(), crash_at=CRASHES)
    def send_again(self, data: st.DataObject, crash_at: int) -> None:
        key = data.draw(st.sampled_from(sorted(self.tries)))
        self._placed(key, self.wanted[key], crash_at)

    @precondition(lambda self: self.shown())
    @rule(data=st.data())
    def pay(self, data: st.DataObject) -> None:
        session = self.stripe.sessions[data.draw(st.sampled_from(self.shown()))]
        self.stripe.tick(self.now)
        if session.status == "open":
            session.status = "complete"
            RUNS["paid"] += 1

    @precondition(lambda self: self.stripe.sessions)
    @rule(data=st.data(), crash_at=CRASHES)
    def hear(self, data: st.DataObject, crash_at: int) -> None:
        """Stripe reports how a page ended: late, twice, or never."""
        session = self.stripe.sessions[data.draw(st.sampled_from(sorted(self.stripe.sessions)))]
        self.stripe.tick(self.now)
        if session.status != "open":
            self.do(crash_at, lambda: orders.record_event(ORG, self.stripe.seen(session), now=self.now))

    @precondition(lambda self: self.placed())
    @rule(data=st.data(), crash_at=CRASHES, again=st.booleans())
    def come_back(self, data: st.DataObject, crash_at: int, again: bool) -> None:
        token = links.order_token(data.draw(st.sampled_from(self.placed())))
        self.stripe.tick(self.now)
        self.do(crash_at, lambda: (orders.open_checkout if again else orders.read_order)(token, now=self.now))

    @rule(minutes=st.sampled_from([1, 2, 12, 31, 45]))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(crash_at=CRASHES)
    def clock(self, crash_at: int) -> None:
        self.stripe.tick(self.now)
        self.do(crash_at, lambda: resolve_due(self.now))

    @rule()
    def recount(self) -> None:
        for session in self.sessions:
            self.do(0, partial(reconcile_session, ORG, session, now=self.now, repair=True))

    @rule()
    def add_by_hand(self) -> None:
        if made := self.do(0, lambda: by_hand(self.sessions[1], self.now)):
            self.others.add(made.partition("-")[2])

    @rule()
    def remove_all_by_hand(self) -> None:
        while self.others:
            remove_registration(ORG, f"{self.sessions[1]}-{self.others.pop()}", by="m", now=self.now)

    @rule(down=st.booleans())
    def answer_or_not(self, down: bool) -> None:
        self.stripe.is_down = down

    @invariant()
    def no_spot_without_money(self) -> None:
        if hasattr(self, "sessions"):
            check_money(self.stripe, self.sessions, self.others)

    def teardown(self) -> None:
        try:
            if hasattr(self, "sessions"):
                self._settle()
        finally:
            self.patch.undo()

    def _settle(self) -> None:
        """Let everything be heard that was to be heard, and all holds end."""
        self.stripe.is_down = False
        for _ in range(4):
            self.now += timedelta(minutes=70)
            self.stripe.tick(self.now)
            resolve_due(self.now)
            self.recount()
        for session in self.stripe.sessions.values():
            if session.status == "complete":
                orders.record_event(ORG, self.stripe.seen(session), now=self.now)
        self.recount()
        for session_id in self.sessions:
            assert_lawful(session_id)
        check_settled(self.stripe, self.sessions, self.others, self.now)
        RUNS["booked"] += sum(not session.refunded and session.paid for session in self.stripe.sessions.values())
        RUNS["refunded"] += sum(bool(session.refunded) for session in self.stripe.sessions.values())


def run(examples: int = EXAMPLES) -> None:
    run_state_machine_as_test(
        Payments,
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            deadline=None,
            phases=[Phase.generate],
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_every_payment_has_its_spots_or_its_refund_whatever_happens() -> None:
    run()
    race_report.say(
        f"R17: {RUNS['examples']} runs, {RUNS['crashes']} kills, {RUNS['paid']} payments: {RUNS['booked']} with their spots, "
        f"{RUNS['refunded']} refunded, 0 with neither"
    )


def never_refunded(patch: Patch) -> None:
    patch.setattr(pay, "refund_late", lambda *_, **__: None)
    patch.setattr(due, "refund_late", lambda *_, **__: None)


def nothing_given_back(patch: Patch) -> None:
    patch.setattr(pay, "free_order", lambda _: None)


def not_recorded(patch: Patch) -> None:
    patch.setattr(sys.modules[orders.complete.__module__], "_paid", lambda _, registration: registration)


def booked_before_it_is_paid(patch: Patch) -> None:
    patch.setattr(order_rows, "hold", lambda order, also: order_rows.book(replace(order, booked_at=order.held_at), also))


CONTROLS = {
    "a payment that came too late is kept": never_refunded,
    "nothing is given back that was not paid": nothing_given_back,
    "the payment is not recorded": not_recorded,
    "booked before it is paid": booked_before_it_is_paid,
}


@pytest.mark.parametrize("name", CONTROLS)
def test_the_machine_notices_what_is_taken_out(name: str) -> None:
    with Patch.context() as patch:
        CONTROLS[name](patch)
        failure = failing(run, {})
    assert isinstance(failure, AssertionError), f"{name}: {failure!r}"
    race_report.say(f"planted: {name:40} noticed by the state machine of R17")


def paid_twice_while_a_spot_becomes_free() -> None:
    """One report finds the session full and is about to refund, while another finds a spot that became free."""
    fake, late = FakeStripe(), NOW + timedelta(hours=2)
    session = open_session(1)
    pays_online()
    with Patch.context() as patch:
        fake.begin(patch)
        order = orders.place_order(ORG, basket(session), locale="en", key=fresh("key"), now=NOW).order
        other = by_hand(session, late)
        fake.sessions[order.checkout].status = "complete"
        paid = fake.seen(fake.sessions[order.checkout])
        real, raced = order_payments.refund, list[bool]()

        def refund(*arguments: Any, **more: Any) -> Order:
            if not raced:
                raced.append(True)
                remove_registration(ORG, other, by="m", now=late)
                orders.record_event(ORG, paid, now=late)
            return real(*arguments, **more)

        patch.setattr(order_payments, "refund", refund)
        orders.record_event(ORG, paid, now=late)
        assert raced
        check_settled(fake, [session], set(), late)
        assert fake.sessions[order.checkout].refunded == []


def by_hand(session: str, now: datetime) -> str:
    """Let staff add somebody, and return the registration."""
    body = {"new_customer": {"name": "Bo", "email": f"{fresh('bo')}@example.org"}, "participants": [{"name": "Bo"}]}
    return add(ORG, session, AddInput.model_validate(body), by="m", key=fresh("key"), now=now).registration.public_id


def test_a_payment_is_not_refunded_that_another_report_has_booked() -> None:
    paid_twice_while_a_spot_becomes_free()
    with Patch.context() as patch:
        dropped(order_payments, "UNBOOKED")(patch)
        failure = failing(paid_twice_while_a_spot_becomes_free, {})
    assert isinstance(failure, AssertionError), repr(failure)
