"""The shares of a discount code never allot more uses than allowed, and allot all that are left."""

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
    numbers = range(SHARES)
    assert {chosen(numbers, f"booking-{number}") for number in range(500)} == set(numbers)
    assert len({chosen(numbers, "booking", attempt) for attempt in range(16)}) > 8
