"""R16: baskets race for the same spots and the same codes, without and with network faults: every line or none, and no use without both."""

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Barrier

import pytest

from chalicelib.operations import orders
from chalicelib.rules.discounts import DiscountRefused
from chalicelib.rules.inputs.baskets import BasketInput
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.refusals import Busy
from tests.live.ledger import race_report
from tests.live.ledger.network_faults import RandomFaults, on_the_wire
from tests.live.ledger.scenario import chunks_of, holds_of, later, open_session, spots_of
from tests.live.orders.scenario import basket, discount, placed, settled, used

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]
OVER = later(minutes=13)
Outcome = orders.PlacedOrder | Exception


def race(baskets: list[BasketInput], *, faults: RandomFaults | None = None, clients: int = 16) -> list[Outcome]:
    """Place the baskets at once and return what became of each."""
    start = Barrier(min(clients, len(baskets)))

    def go(draft: BasketInput) -> Outcome:
        start.wait() if len(baskets) <= clients else None
        try:
            return placed(draft)
        except (SessionFull, Busy, DiscountRefused) as refused:
            return refused

    with ExitStack() as stack:
        if faults:
            stack.enter_context(on_the_wire(faults))
        with ThreadPoolExecutor(clients) as pool:
            return list(pool.map(go, baskets))


def check(outcomes: list[Outcome], baskets: list[BasketInput], sessions: list[str]) -> list[orders.PlacedOrder]:
    """Check that every line of a booked basket has its spot, that nobody else has one, and return the booked ones."""
    settled(*sessions, now=OVER)
    held = {session: holds_of(session) for session in sessions}
    won = [one for one in outcomes if isinstance(one, orders.PlacedOrder)]
    for one in won:
        assert all(each.holds(held[each.session].get(each.hold)) for each in one.registrations)
    booked_unknown = sum(isinstance(one, Busy) for one in outcomes)
    lines = sum(len(one.registrations) for one in won)
    spots = sum(len(holds) for holds in held.values())
    assert spots == lines if not booked_unknown else spots >= lines
    assert all(hold.is_taken and not hold.extra for holds in held.values() for hold in holds.values())
    return won


def test_the_last_spots_go_to_baskets_that_have_all_of_theirs() -> None:
    sessions, dice = [open_session(spots) for spots in (6, 9, 12)], random.Random(1)
    baskets = [basket(*dice.sample(sessions, dice.choice([1, 2, 3]))) for _ in range(120)]
    won = check(race(baskets), baskets, sessions)
    assert 0 < len(won) < 120
    assert [spots_of(session, OVER).free for session in sessions].count(0) >= 1
    race_report.say(f"R16: 120 baskets of 1–3 lines for 27 spots, 16 threads: {len(won)} booked, every line or none")


def test_of_two_baskets_that_want_the_same_last_spots_one_wins() -> None:
    for _ in range(10):
        one, other = open_session(1), open_session(1)
        baskets = [basket(one, other), basket(other, one)]
        assert len(check(race(baskets, clients=2), baskets, [one, other])) == 1


def test_a_discount_is_used_as_often_as_it_may_be_and_by_booked_baskets_only() -> None:
    sessions, code = [open_session(40), open_session(7)], discount(uses=10)
    baskets = [basket(*sessions[: 1 + number % 2], code=code) for number in range(60)]
    won = check(race(baskets), baskets, sessions)
    assert len(won) == used(code) == 10


def test_baskets_under_network_faults_are_booked_whole_or_not_at_all() -> None:
    sessions, code, faults, dice = [open_session(spots) for spots in (20, 20, 60)], discount(uses=30), RandomFaults(7), random.Random(7)
    baskets = [basket(*dice.sample(sessions, dice.choice([1, 2, 3])), code=code if dice.random() < 0.5 else None) for _ in range(100)]
    outcomes = race(baskets, faults=faults)
    won = check(outcomes, baskets, sessions)
    with_code = sum(bool(one.order.discount) for one in won)
    unknown = sum(isinstance(one, Busy) for one in outcomes)
    assert with_code <= used(code) <= with_code + unknown
    assert faults.counts["lost"] > 30, "the seed loses so many of any two hundred requests, two for each basket"
    race_report.say(f"R16: 100 baskets, {faults.counts['lost']} replies lost: {len(won)} booked, {unknown} told to come again")


def test_a_basket_whose_session_has_several_chunks_finds_its_spots(small_chunks: int) -> None:
    session = open_session(3 * small_chunks)
    for _ in range(2 * small_chunks):
        placed(basket(session))
    assert len(chunks_of(session)) == 3
    settled(session, now=OVER)
    assert spots_of(session).taken == 2 * small_chunks
    assert all(hold.registration for hold in holds_of(session).values())
