"""Refunds of one payment by several at once: staff, the family, a cancelled session, Stripe's dashboard. Nothing goes back twice."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from threading import Barrier, Lock
from typing import Any

import pytest

from chalicelib import stripe
from chalicelib.operations import orders, refunds
from chalicelib.operations.bookings import cancel
from chalicelib.operations.sessions import cancel_session
from chalicelib.rules.inputs.roster import RefundInput
from chalicelib.rules.inputs.sessions import CancelInput
from chalicelib.rules.money import Money
from chalicelib.rules.refunds import RefundRefused
from chalicelib.rules.refusals import Refusal
from chalicelib.rules.registrations import Registration
from chalicelib.tables import booking_context, organisations
from chalicelib.tables.registrations import updates
from tests.live.ledger import race_report
from tests.live.ledger.fault_injection import Control, check_noticed, dropped
from tests.live.ledger.network_faults import CrashedError, counted, crash, meanwhile
from tests.live.ledger.scenario import NOW, ORG, fresh, open_session
from tests.live.orders.scenario import basket
from tests.live.orders.stripe_model import PRICE, FakeStripe, pays_online

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]
INDEXES = {"due", "orders"}
BY_DASHBOARD = 500


class Refunding(FakeStripe):
    """Stripe in memory, which refunds a payment in parts, and never more than came in."""

    def __init__(self) -> None:
        super().__init__()
        self.refunds: dict[str, dict[str, Any]] = {}
        self.lock = Lock()

    def begin(self, patch: Any) -> None:
        super().begin(patch)
        patch.setattr(stripe, "list_refunds", lambda _key, _intent: list(self.refunds.values()))
        patch.setattr(stripe, "checkout_of", lambda _key, _intent: next(map(self.seen, self.sessions.values())))

    @property
    def back(self) -> int:
        return sum(one["amount"] for one in self.refunds.values())

    def refund(self, _key: str, payment: str, amount: Money, *, key: str, notes: Any = None) -> stripe.CheckoutRefund:
        with self.lock:
            if key not in self.refunds and self.back + amount.amount > PRICE:
                raise stripe.StripeRefundRefused("charge_already_refunded")
            made = {"object": "refund", "id": f"re_{key}", "amount": amount.amount, "currency": "eur", "status": "succeeded"}
            self.refunds.setdefault(key, {**made, "metadata": notes or {}})
            return stripe.CheckoutRefund(f"re_{key}", "succeeded")


class Paid:
    """A registration that was paid online with its order, and the Stripe that has the payment."""

    def __init__(self, fake: Refunding) -> None:
        self.fake = fake
        self.session = open_session(2)
        pays_online()
        organisations.save(replace(organisations.get(ORG), cancel_until_hours=24))
        order = orders.place_order(ORG, basket(self.session), locale="en", key=fresh("key"), now=NOW).order
        self.checkout = fake.sessions[order.checkout]
        self.checkout.status = "complete"
        orders.record_event(ORG, fake.seen(self.checkout), now=NOW)
        self.id = f"{self.session}-{order.lines[0].registration}"
        assert self.row.paid.amount == PRICE

    @property
    def row(self) -> Registration:
        return refunds.current(ORG, self.id)

    def refund(self, amount: int | None = None, key: str = "") -> None:
        body = {"amount": None if amount is None else {"amount": amount, "currency": "EUR"}}
        refunds.refund(ORG, self.id, RefundInput.model_validate(body), by="m", key=key or fresh("key"), now=NOW)

    def cancel(self) -> None:
        cancel(ORG, self.id, key=fresh("key"), now=NOW)

    def by_dashboard(self) -> None:
        """Somebody refunds a part in Stripe's dashboard, and Stripe reports it."""
        with suppress(stripe.StripeRefundRefused):
            self.fake.refund("", "", Money(BY_DASHBOARD, "EUR"), key=fresh("dashboard"))
        refunds.note_reported(ORG, f"pi_{self.checkout.id}", now=NOW)

    def call_off(self) -> None:
        """Staff cancel the session and refund what was paid online."""
        cancel_session(ORG, self.session, CancelInput(refund_payments=True), by="m", now=NOW)
        refunds.refund_session(booking_context.roster(ORG, self.session), now=NOW)
        refunds.complete(self.row, now=NOW)

    def settled(self) -> int:
        """Let everything be made and reported, check that our row says what Stripe says, and return how much went back."""
        refunds.complete(self.row, now=NOW)
        for _ in range(2):
            refunds.note_reported(ORG, f"pi_{self.checkout.id}", now=NOW)
        refunded = [one for one in self.row.refunds if one.state != "failed"]
        assert [one.state for one in refunded] == ["made"] * len(refunded)
        assert sum(one.amount for one in refunded) == self.fake.back <= PRICE
        assert len({one.reference for one in refunded}) == len(refunded)
        return self.fake.back


@contextmanager
def paid() -> Iterator[Paid]:
    with pytest.MonkeyPatch.context() as patch:
        fake = Refunding()
        fake.begin(patch)
        yield Paid(fake)


def at_each_step(first: Callable[[Paid], object], other: Callable[[Paid], object]) -> list[int]:
    """Let the other happen right before each request of the first. Return how much went back each time."""
    with paid() as one, counted() as requests:
        first(one)
    found = []
    for step in range(1, requests.total() + 1):
        with paid() as one:
            with suppress(Refusal), meanwhile("", lambda one=one: other(one), nth=step):  # type: ignore[misc]
                first(one)
            found.append(one.settled())
    return found


def test_of_staff_who_refund_all_at_once_one_does() -> None:
    for amount, most in [(None, 1), (400, 3)]:
        with paid() as one:
            outcomes = _all_at_once([partial(one.refund, amount)] * 6)
            assert outcomes.count(None) == most
            assert not any(isinstance(refused, RefundRefused) for refused in outcomes), "Stripe was asked for more than is left"
            assert one.settled() == (amount or PRICE) * most


def _all_at_once(acts: list[Callable[[], object]]) -> list[Refusal | None]:
    """Do everything at once, and return what refused each."""
    start = Barrier(len(acts))

    def go(act: Callable[[], object]) -> Refusal | None:
        start.wait()
        try:
            act()
        except Refusal as refusal:
            return refusal
        return None

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(go, acts))


def test_two_staff_who_refund_at_once_refund_no_more_than_was_paid() -> None:
    back = at_each_step(lambda one: one.refund(), lambda one: one.refund(1000))
    assert set(back) <= {PRICE, 1000}
    assert PRICE in back


def test_a_family_that_cancels_while_staff_refund_gets_everything_back_once() -> None:
    back = at_each_step(lambda one: one.refund(400), lambda one: one.cancel())
    back += at_each_step(lambda one: one.cancel(), lambda one: one.refund(400))
    assert set(back) == {PRICE}
    race_report.say(
        f"refunds: a family cancels at each of {len(back)} requests of staff who refund, and the other way round: all back, once"
    )


def test_a_refund_in_stripes_dashboard_meanwhile_is_noted_once() -> None:
    back = at_each_step(lambda one: one.refund(1000), lambda one: one.by_dashboard())
    assert set(back) <= {BY_DASHBOARD, 1000}
    back = at_each_step(lambda one: one.cancel(), lambda one: one.by_dashboard())
    assert set(back) <= {PRICE, BY_DASHBOARD}
    race_report.say("refunds: a refund in the dashboard at each request of staff's and of a family's: noted once, never more than was paid")


def test_a_session_that_is_cancelled_while_a_part_is_refunded_gives_the_rest_back() -> None:
    back = at_each_step(lambda one: one.refund(400), lambda one: one.call_off())
    back += at_each_step(lambda one: one.call_off(), lambda one: one.refund(400))
    assert set(back) == {PRICE}


def test_a_killed_refund_is_finished_by_its_job() -> None:
    for step in range(1, 20):
        with paid() as one:
            try:
                with crash(step, after=True):
                    one.refund(400, key="one")
            except CrashedError:
                one.refund(400, key="one")
                assert one.settled() == 400, f"request {step}"
                continue
            break
    assert step > 2


CONTROLS = {
    "refunded over what was read": Control(
        dropped(updates, "_money_as_read"), test_two_staff_who_refund_at_once_refund_no_more_than_was_paid
    ),
    "cancelled over what was refunded": Control(
        dropped(updates, "_money_as_read"), test_a_family_that_cancels_while_staff_refund_gets_everything_back_once
    ),
    "called off over what was refunded": Control(
        dropped(updates, "_money_as_read"), test_a_session_that_is_cancelled_while_a_part_is_refunded_gives_the_rest_back
    ),
}


@pytest.mark.parametrize("name", CONTROLS)
def test_the_named_test_fails_without_the_precaution(name: str) -> None:
    check_noticed(name, CONTROLS[name])
