"""The shares of a discount code never allot more uses than allowed, and allot all that are left."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules.discount_shares import SHARES, DiscountShare, UseCounts, allotments, chosen

SHARE = st.builds(DiscountShare, st.integers(0, 20), st.integers(0, 20))
COUNTS = st.builds(UseCounts, st.integers(0, 800), st.lists(SHARE, min_size=SHARES, max_size=SHARES))


def after(counts: UseCounts, most: int) -> UseCounts:
    changes = allotments(counts, most)
    shares = [one._replace(allotted=one.allotted + changes.get(number, 0)) for number, one in enumerate(counts.shares)]
    return UseCounts(counts.on_row + sum(changes.values()), shares)


@given(COUNTS, st.integers(1, 1000))
def test_allotting_changes_no_use_and_leaves_as_many_as_are_allowed(counts: UseCounts, most: int) -> None:
    allotted = after(counts, most)
    assert allotted.used == counts.used
    assert sum(one.left for one in allotted.shares) == max(0, most - counts.used)
    assert not any(one.beyond for one in allotted.shares)
    assert not allotted.needs_allotting(most)


@given(COUNTS, st.integers(1, 1000))
def test_more_is_given_evenly(counts: UseCounts, most: int) -> None:
    changes = allotments(counts, most)
    if counts.spare(most) >= 0:
        given_each = [changes.get(number, 0) - one.beyond for number, one in enumerate(counts.shares)]
        assert 0 <= min(given_each) <= max(given_each) <= min(given_each) + 1


@given(COUNTS, st.integers(1, 1000))
def test_nothing_is_taken_back_that_was_used(counts: UseCounts, most: int) -> None:
    for number, change in allotments(counts, most).items():
        one = counts.shares[number]
        assert one.allotted + change >= one.used if change < 0 else change > 0


def test_nothing_needs_allotting_while_uses_are_left_or_none_is() -> None:
    empty = [DiscountShare()] * (SHARES - 1)
    assert UseCounts(0, [DiscountShare(), *empty]).needs_allotting(5)
    assert not UseCounts(5, [DiscountShare(0, 5), *empty]).needs_allotting(5)
    assert not UseCounts(5, [DiscountShare(5, 5), *empty]).needs_allotting(5)
    assert not UseCounts(5, [DiscountShare(4, 5), *empty]).needs_allotting(9), "the spare ones are allotted once the share is empty"
    assert UseCounts(5, [DiscountShare(4, 5), *empty]).needs_allotting(4), "the limit was lowered"


def test_bookings_and_their_attempts_are_spread() -> None:
    left = [1] * SHARES
    assert {chosen(left, f"booking-{number}") for number in range(500)} == set(range(SHARES))
    assert len({chosen(left, "booking", attempt) for attempt in range(16)}) > 8


def test_a_share_is_chosen_as_often_as_it_has_uses_left() -> None:
    found = Counter(chosen([0, 1, 0, 3], f"booking-{number}") for number in range(400))
    assert found.keys() == {1, 3}
    assert found[3] == pytest.approx(300, abs=40)


def test_the_last_uses_lie_on_many_shares() -> None:
    """Those who want one of them then do not all wait for the same row."""
    left = [12] * SHARES
    for number in range(11 * SHARES):
        left[chosen(left, f"booking-{number}")] -= 1
    assert sum(uses > 0 for uses in left) > SHARES / 2
    assert max(left) <= 4
