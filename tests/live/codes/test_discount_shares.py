"""The shares of a discount code: in a rush nobody waits for another, no limit is exceeded, and rows of the version before count."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from threading import Barrier
from typing import Any

import pytest

from bench import discounts as bench
from chalicelib.config import config
from chalicelib.operations import discounts
from chalicelib.operations.discounts.apply import allotted
from chalicelib.operations.registrations import reserve_discount
from chalicelib.rules import discount_shares
from chalicelib.rules import discounts as rules
from chalicelib.rules.discounts import Discount, DiscountUsedUp
from chalicelib.rules.inputs.discounts import DiscountChanges, DiscountInput
from chalicelib.tables import discounts as table
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.conditions import THERE, Condition, Update, below
from chalicelib.tables.discounts import shares
from tests.live.codes.test_discounts import bought, outcome, seen
from tests.live.ledger.fault_injection import Control, Patch, check_noticed, dropped
from tests.live.ledger.network_faults import meanwhile
from tests.live.ledger.scenario import NOW, ORG, fresh, open_session

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]
INDEXES = {"due"}
BOOKINGS, SECONDS = 80, 0.08
"""A thousand bookings a second, as in the figures, but fewer."""
LITTLE_PATIENCE = 1.0
BUYERS = 12


def not_allotted(most: int | None = None) -> str:
    draft = DiscountInput(code=fresh("RUSH"), kind="percent", value=20, max_uses=most)
    return discounts.create_discount(ORG, draft, key=fresh("key"), now=NOW).code


def rushed(session: str, code: str) -> Counter[str]:
    with Patch.context() as patch:
        patch.setattr(bench, "ORG", ORG)
        patch.setattr(bench, "now", lambda: NOW)
        patch.setattr(bench, "DEADLINE_SECONDS", LITTLE_PATIENCE)
        return bench.book_at_once(session, code, BOOKINGS, SECONDS)


def edited(code: str, **changes: Any) -> Discount:
    return discounts.edit_discount(ORG, code, DiscountChanges(**changes), expected=None, now=NOW)


def used_by_the_version_before(code: str, by: int = 1, condition: Condition = THERE) -> None:
    dynamodb.update(config().records_table, keys.discount(ORG, code), Update().add(used=by), condition)


def on_row(code: str) -> int:
    found = table.find(ORG, code)
    assert found
    return found.used


def test_nobody_is_refused_as_busy_in_a_rush_for_one_code() -> None:
    session, code = open_session(BOOKINGS), not_allotted()
    ends = rushed(session, code)
    assert (ends["booked"], seen(code).used) == (BOOKINGS, BOOKINGS)


def test_a_rush_for_a_code_with_a_limit_uses_it_up_exactly() -> None:
    session, code = open_session(BOOKINGS), not_allotted(50)
    ends = rushed(session, code)
    assert (ends["booked"], ends["discount_used_up"]) == (50, BOOKINGS - 50)
    assert seen(code).used == 50


def test_the_last_uses_are_found_on_whichever_share_they_are() -> None:
    session, code = open_session(60), not_allotted(40)
    with ThreadPoolExecutor(BUYERS) as pool:
        ends = Counter(pool.map(lambda _: outcome(session, code, ""), range(50)))
    assert ends == {"registered": 40, "discount_used_up": 10}
    assert seen(code).used == 40


def test_who_loses_the_last_use_of_a_share_takes_one_of_another() -> None:
    session, code = open_session(5), not_allotted(2)
    allotted(seen(code))
    with Patch.context() as patch, meanwhile("TransactWriteItems", lambda: bought(session, code)):
        patch.setattr(rules, "chosen", lambda left, *_: next(number for number, uses in enumerate(left) if uses))
        bought(session, code)
    assert seen(code).used == 2


def test_two_that_allot_at_once_allot_once() -> None:
    session, code = open_session(5), not_allotted(2)
    with meanwhile("TransactWriteItems", lambda: allotted(seen(code))):
        bought(session, code)
    assert (on_row(code), seen(code).used) == (2, 1)
    bought(session, code)
    with pytest.raises(DiscountUsedUp):
        bought(session, code)


def test_uses_that_the_version_before_counted_are_uses() -> None:
    session, code = open_session(5), not_allotted(5)
    used_by_the_version_before(code, 3)
    assert seen(code).used == 3
    for _ in range(2):
        bought(session, code)
    with pytest.raises(DiscountUsedUp):
        bought(session, code)
    used_by_the_version_before(code, -1)  # It returns one of its own.
    bought(session, code)
    assert seen(code).used == 5


def test_the_version_before_uses_no_more_than_is_left_while_an_upgrade_runs() -> None:
    session, code, most = open_session(60), not_allotted(20), 20
    earlier = Counter[str]()

    def buy(number: int) -> None:
        if number % 2:
            earlier[outcome(session, code, "")] += 1
            return
        try:
            used_by_the_version_before(code, condition=below("used", most))
        except dynamodb.ConditionFailed:
            earlier["refused by the version before"] += 1
        else:
            earlier["used by the version before"] += 1

    with ThreadPoolExecutor(BUYERS) as pool:
        list(pool.map(buy, range(60)))
    assert earlier["registered"] + earlier["used by the version before"] == seen(code).used == most


def test_the_version_before_may_count_while_the_uses_are_allotted() -> None:
    session, code = open_session(5), not_allotted(1)
    with (
        meanwhile("TransactWriteItems", lambda: used_by_the_version_before(code, condition=below("used", 1))),
        pytest.raises(DiscountUsedUp),
    ):
        bought(session, code)
    assert seen(code).used == 1


@contextmanager
def all_have_read_the_code() -> Iterator[None]:
    """Let the first bookings of all buyers go on only when each of them has read the code as it is before them all."""
    met, numbers = Barrier(BUYERS), count()

    def after_all(discount: Discount) -> Discount:
        if next(numbers) < BUYERS:
            met.wait(timeout=30)
        return allotted(discount)

    with Patch.context() as patch:
        patch.setattr(reserve_discount, "allotted", after_all)
        yield


def test_a_lower_limit_holds_from_its_edit_on() -> None:
    session, code = open_session(60), not_allotted(50)
    for _ in range(5):
        bought(session, code)
    edited(code, max_uses=8)
    with ThreadPoolExecutor(BUYERS) as pool, all_have_read_the_code():
        ends = Counter(pool.map(lambda _: outcome(session, code, ""), range(20)))
    assert ends == {"registered": 3, "discount_used_up": 17}
    assert seen(code).used == 8


def test_a_limit_that_is_lowered_in_a_rush_holds_from_its_edit_on() -> None:
    session, code = open_session(80), not_allotted(60)
    at_edit = list[int]()

    def buy(number: int) -> str:
        if number == 20:
            edited(code, max_uses=15)
            at_edit.append(seen(code).used)
        return outcome(session, code, "")

    with ThreadPoolExecutor(BUYERS) as pool:
        list(pool.map(buy, range(60)))
    assert seen(code).used == max(15, *at_edit)


def test_a_limit_set_later_counts_all_uses_before_it() -> None:
    session, code = open_session(20), not_allotted()
    for _ in range(6):
        bought(session, code)
    assert edited(code, max_uses=8).used == 6
    with ThreadPoolExecutor(BUYERS) as pool:
        ends = Counter(pool.map(lambda _: outcome(session, code, ""), range(10)))
    assert ends == {"registered": 2, "discount_used_up": 8}
    edited(code, max_uses=None)
    bought(session, code)
    assert edited(code, max_uses=9).used_up


def test_a_higher_limit_is_used_up_too() -> None:
    session, code = open_session(20), not_allotted(2)
    for _ in range(2):
        bought(session, code)
    edited(code, max_uses=5)
    with ThreadPoolExecutor(BUYERS) as pool:
        ends = Counter(pool.map(lambda _: outcome(session, code, ""), range(10)))
    assert ends == {"registered": 3, "discount_used_up": 7}


def test_all_codes_are_listed_with_their_uses() -> None:
    session, one, other = open_session(5), not_allotted(5), not_allotted()
    for code in (one, one, other):
        bought(session, code)
    assert {found.code: found.used for found in discounts.list_discounts(ORG)} == {one: 2, other: 1}


def one_share(patch: Patch) -> None:
    patch.setattr(rules, "chosen", lambda *_: 0)


def one_attempt(patch: Patch) -> None:
    patch.setattr("chalicelib.operations.registrations.reserve_discount.ATTEMPTS", 1)


def never_taken_back(patch: Patch) -> None:
    true_need = discount_shares.UseCounts.needs_allotting
    patch.setattr(discount_shares.UseCounts, "needs_allotting", lambda counts, most: counts.spare(most) >= 0 and true_need(counts, most))


def allotted_beside_the_row(patch: Patch) -> None:
    """The code's own row does not count what is allotted, so the version before goes on using it."""
    patch.setattr(shares, "sum", lambda _: 0, raising=False)


CONTROLS: dict[str, Control] = {
    "one share for all": Control(one_share, test_nobody_is_refused_as_busy_in_a_rush_for_one_code),
    "uses beyond what is allotted": Control(dropped(shares, "uses_left"), test_a_lower_limit_holds_from_its_edit_on),
    "one try for the last use": Control(one_attempt, test_who_loses_the_last_use_of_a_share_takes_one_of_another),
    "a lower limit with uses left on shares": Control(never_taken_back, test_a_lower_limit_holds_from_its_edit_on),
    "allotted without counting it on the row": Control(
        allotted_beside_the_row, test_the_version_before_uses_no_more_than_is_left_while_an_upgrade_runs
    ),
}


@pytest.mark.parametrize("name", CONTROLS)
def test_the_named_test_fails_without_the_precaution(name: str) -> None:
    check_noticed(name, CONTROLS[name])
