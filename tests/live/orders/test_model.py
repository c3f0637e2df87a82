"""R16: baskets with lines of every kind, in any order: placed, paid or not, cancelled, and killed or left without a reply at any request.

Meanwhile sessions become full or are cancelled, and the invitation is accepted by somebody else, withdrawn, or runs out.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from chalicelib.operations import codes, links, orders
from chalicelib.operations.invitations import cancel_invitation, sweep
from chalicelib.operations.reconcile import reconcile_session
from chalicelib.operations.registrations import remove_registration
from chalicelib.operations.sessions import cancel_session
from chalicelib.rules.inputs.baskets import BasketInput
from chalicelib.rules.inputs.sessions import CancelInput
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.refusals import Refusal
from chalicelib.tables import booking_context, ledger, organisations, registrations
from chalicelib.tables import orders as rows
from tests.live.codes.scenario import code_for
from tests.live.ledger import race_report
from tests.live.ledger.fault_injection import Patch, failing
from tests.live.ledger.network_faults import CrashedError, counted, crash, reply_lost
from tests.live.ledger.scenario import NOW, ORG, accepted, fresh, holds_of, invited, later, open_session
from tests.live.orders.model import check, check_settled, seen
from tests.live.orders.scenario import Shop, discount, invitation_of
from tests.live.orders.stripe_model import Checkout, FakeStripe, resolve_due
from tests.live.orders.test_payments import by_hand

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]
INDEXES = {"due", "orders"}
EXAMPLES, STEPS = 10, 24
FAULTS = st.sampled_from([0] * 8 + list(range(1, 15)))
"""At which request the process is killed or a reply is lost; 0 for none."""
KINDS = [("plain",), ("plain", "coded"), ("invited",), ("plain", "invited"), ("coded", "invited"), ("plain", "coded", "invited")]
HAPPENS = ["full", "a line cancelled", "accepted", "withdrawn", "called off"]
HEARD = ["reported", "reported twice", "returned", "nothing"]
LATE = 4
"""How many baskets are placed before a session is called off, which takes no more of them."""
COUNTED = ("runs", "kills", "lost", "placed", "refused", "booked", "expired", "refunded")
RUNS = dict.fromkeys(COUNTED, 0)


class Baskets(RuleBasedStateMachine):
    """Three sessions of three to six spots, an invitation, a code and a discount code of four uses each, and families."""

    def __init__(self) -> None:
        super().__init__()
        RUNS["runs"] += 1
        self.patch, self.stripe, self.now = pytest.MonkeyPatch(), FakeStripe(), NOW
        self.stripe.begin(self.patch)
        self.drafts: dict[str, BasketInput] = {}
        self.placed: dict[str, orders.PlacedOrder] = {}
        self.removed: set[str] = set()

    @initialize(online=st.sampled_from([True, True, False]), minutes=st.sampled_from([15, 10_000]))
    def begin(self, online: bool, minutes: int) -> None:
        ledger.full_cache._full.clear()
        self.online = online
        plain, coded, other = open_session(6), open_session(4), open_session(3)
        home = organisations.get(ORG)
        organisations.save(replace(home, public_billing="online" if online else "later", online_payment=True))
        invitation = invited(other, expires_at=later(minutes=minutes)).invitation
        self.shop = Shop(plain, coded, other, code_for(coded, uses=4), invitation, discount(uses=4))

    def do(self, fault: int, act: Callable[[], Any]) -> Any:
        """Do something that may be refused, or be killed or lose a reply at a request to DynamoDB."""
        try:
            if fault == 0:
                return act()
            if fault % 3 == 0:
                with counted() as requests, reply_lost(fault):
                    try:
                        return act()
                    finally:
                        RUNS["lost"] += requests.total() >= fault
            with crash(fault, after=fault % 2 == 0):
                return act()
        except Refusal:
            RUNS["refused"] += 1
        except CrashedError:
            RUNS["kills"] += 1
        return None

    @rule(kinds=st.sampled_from(KINDS), lowered=st.booleans(), fault=FAULTS)
    def place(self, kinds: tuple[str, ...], lowered: bool, fault: int) -> None:
        key, named = fresh("key"), {"participants": [{"name": "Kim"}]}
        lines = [{"session": getattr(self.shop, kind), **named} for kind in kinds]
        for kind, line in zip(kinds, lines, strict=True):
            line |= {"invitation_code": self.shop.code} if kind == "coded" else {}
            line |= {"invitation": links.invitation_token(self._invitation())} if kind == "invited" else {}
        code = self.shop.discount if lowered and "plain" in kinds else None
        body = {"email": f"{key}@example.org", "name": "Ana", "lines": lines, "discount_code": code}
        self.drafts[key] = BasketInput.model_validate(body)
        self._place(key, fault)

    def _invitation(self) -> Invitation:
        """Return the invitation, or another one once it has ended."""
        found = invitation_of(self.shop)
        hold = holds_of(self.shop.invited).get(found.id)
        if found.is_closed or found.expires_at <= self.now or hold is None or hold.is_taken:
            again = self.do(0, lambda: invited(self.shop.invited, now=self.now, over=True).invitation)
            self.shop = self.shop._replace(invitation=again or found)
        return self.shop.invitation

    def _place(self, key: str, fault: int) -> None:
        RUNS["placed"] += 1
        made = self.do(fault, lambda: orders.place_order(ORG, self.drafts[key], locale="en", key=key, now=self.now))
        self.placed |= {key: made} if made else {}

    @precondition(lambda self: self.drafts)
    @rule(data=st.data(), fault=FAULTS)
    def send_again(self, data: st.DataObject, fault: int) -> None:
        self._place(data.draw(st.sampled_from(sorted(self.drafts))), fault)

    @precondition(lambda self: self.stripe.sessions)
    @rule(data=st.data(), fault=FAULTS, then=st.sampled_from(HEARD))
    def pay(self, data: st.DataObject, fault: int, then: str) -> None:
        self._pay(data.draw(st.sampled_from(list(self.stripe.sessions.values()))), then, fault)

    def _pay(self, session: Checkout, then: str, fault: int) -> None:
        """Somebody pays on a page, if it is open, and Stripe reports how it ended, or they come back, or nothing is heard of it."""
        self.stripe.tick(self.now)
        if session.status == "open":
            session.status = "complete"
        order = next((one.order for one in self.placed.values() if one.order.id == session.order), None)
        if then == "returned" and order:
            self.do(fault, lambda: orders.read_order(links.order_token(order), now=self.now))
        for _ in range({"reported": 1, "reported twice": 2}.get(then, 0)):
            self.do(fault, lambda: orders.record_event(ORG, self.stripe.seen(session), now=self.now))

    @rule(minutes=st.sampled_from([1, 4, 16, 31]), seen_by=st.sampled_from(["nobody", "clock", "clock", "reconciler"]), fault=FAULTS)
    def time_passes(self, minutes: int, seen_by: str, fault: int) -> None:
        self.now += timedelta(minutes=minutes)
        if seen_by == "clock":
            self._clock(fault)
        if seen_by == "reconciler":
            self._recount(fault)

    def _clock(self, fault: int) -> None:
        self.stripe.tick(self.now)
        self.do(fault, lambda: resolve_due(self.now))
        self.do(0, lambda: sweep(ORG, now=self.now))

    def _recount(self, fault: int) -> None:
        for session in self.shop.sessions:
            self.do(fault, partial(reconcile_session, ORG, session, now=self.now, repair=True))

    @rule(what=st.sampled_from(HAPPENS[:-1]), kind=st.sampled_from(["plain", "coded", "invited"]), fault=FAULTS)
    def meanwhile(self, what: str, kind: str, fault: int) -> None:
        match what:
            case "full":
                self._fill(kind)
            case "a line cancelled" if self.placed:
                self._cancel_a_line(list(self.placed)[-1])
            case "accepted":
                who = f"{fresh('bo')}@example.org"
                self.do(fault, lambda: accepted(invitation_of(self.shop), who, names=("Lee",), now=self.now))
            case "withdrawn":
                self.do(fault, lambda: cancel_invitation(ORG, self.shop.invitation.public_id, by="m", now=self.now))
            case "called off":
                self._call_off(kind)

    @rule(kinds=st.sampled_from(KINDS), what=st.sampled_from(["nothing", "withdrawn", *HAPPENS]), then=st.sampled_from(HEARD), fault=FAULTS)
    def pay_while_something_happens(self, kinds: tuple[str, ...], what: str, then: str, fault: int) -> None:
        """A basket is placed, something happens to one of its lines, and then it is paid."""
        before = set(self.stripe.sessions)
        self.place(kinds=kinds, lowered="plain" in kinds, fault=0)
        if what == "called off" and len(self.drafts) < LATE:
            what = "nothing"
        self.meanwhile(what=what, kind=kinds[-1], fault=0)
        if opened := [id for id in self.stripe.sessions if id not in before]:
            self._pay(self.stripe.sessions[opened[0]], then, fault)

    def _fill(self, kind: str) -> None:
        """Staff add people until the session is full."""
        while self.do(0, lambda: by_hand(getattr(self.shop, kind), self.now)):
            pass

    def _cancel_a_line(self, key: str) -> None:
        """A family, or staff, cancel one line of what is booked."""
        found = [one for one in rows.registrations_of(self.placed[key].order) if one.holds(ledger.hold_of(one))]
        for one in found[:1]:
            remove_registration(ORG, one.public_id, by="m", now=self.now)
            self.removed.add(one.id)

    def _call_off(self, kind: str) -> None:
        session = getattr(self.shop, kind)
        cancel_session(ORG, session, CancelInput(), by="m", now=self.now)
        codes.return_uses_on(booking_context.roster(ORG, session))

    @invariant()
    def every_line_or_none(self) -> None:
        if hasattr(self, "shop"):
            check(seen(self.shop, self.drafts), self.stripe, online=self.online, now=self.now)

    def teardown(self) -> None:
        try:
            if hasattr(self, "shop"):
                self._settle()
        finally:
            self.patch.undo()

    def _settle(self) -> None:
        """Let everything be heard that was to be heard, and all holds end."""
        for _ in range(3):
            self.now += timedelta(minutes=70)
            self._clock(0)
            self._recount(0)
        for session in self.stripe.sessions.values():
            if session.paid:
                orders.record_event(ORG, self.stripe.seen(session), now=self.now)
        self._recount(0)
        self.every_line_or_none()
        found = seen(self.shop, self.drafts)
        check_settled(found, self.stripe, self.removed)
        for order in found.orders:
            RUNS[order.status] = RUNS.get(order.status, 0) + 1


def run(examples: int = EXAMPLES) -> None:
    run_state_machine_as_test(
        Baskets,
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            deadline=None,
            phases=[Phase.generate],
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_every_line_is_booked_or_none_whatever_happens() -> None:
    run()
    race_report.say(
        f"R16: {RUNS['runs']} runs, {RUNS['placed']} baskets sent, {RUNS['kills']} kills, {RUNS['lost']} replies lost: {RUNS['booked']} "
        f"booked whole, {RUNS['expired']} expired, {RUNS['refunded']} refunded, {RUNS['refused']} refusals, 0 in part"
    )


def codes_kept(patch: Patch) -> None:
    patch.setattr(codes, "delete_unbooked", registrations.delete_attempt)


def discounts_kept(patch: Patch) -> None:
    patch.setattr(rows, "return_discount", lambda _: False)


CONTROLS = {
    "codes are not returned": codes_kept,
    "a discount is not returned": discounts_kept,
}


@pytest.mark.parametrize("name", CONTROLS)
def test_the_machine_notices_what_is_taken_out(name: str) -> None:
    with Patch.context() as patch:
        CONTROLS[name](patch)
        failure = failing(run, {})
    assert isinstance(failure, AssertionError), f"{name}: {failure!r}"
    race_report.say(f"planted: {name:40} noticed by the state machine of R16")
