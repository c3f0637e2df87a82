"""Prices: every line, never below zero, half a minor unit rounded up."""

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules.discounts import Reduction, SiblingDiscount
from chalicelib.rules.money import Money
from chalicelib.rules.pricing import DISCOUNT, SIBLINGS, quote, total_of

amounts = st.integers(0, 100_000_000)
reductions = st.one_of(
    st.none(),
    st.integers(1, 100).map(lambda percent: Reduction("A", "percent", percent)),
    st.integers(1, 100_000_000).map(lambda off: Reduction("A", "fixed", off)),
)
siblings = st.one_of(st.none(), st.builds(SiblingDiscount, st.integers(2, 10), st.integers(1, 100)))


def rounded(exact: Fraction) -> int:
    return floor(exact + Fraction(1, 2))


@given(amounts, st.integers(1, 50), reductions, siblings)
def test_the_code_comes_first_then_the_sibling_discount_on_the_rest(
    each: int, spots: int, discount: Reduction | None, sibling: SiblingDiscount | None
) -> None:
    quoted = quote("Adult", Money(each, "EUR"), spots, discount=discount, sibling=sibling)
    left = each * spots
    expected = [left]
    if discount:
        off = rounded(Fraction(left * discount.value, 100)) if discount.kind == "percent" else min(discount.value, left)
        expected.append(-off)
        left -= off
    if sibling and spots >= sibling.from_nth:
        share = Fraction((spots - sibling.from_nth + 1) * sibling.percent, spots * 100)
        expected.append(-rounded(left * share))
    assert [line.amount for line in quoted.lines] == expected
    assert quoted.total == Money(total_of(quoted.lines), "EUR")
    assert 0 <= quoted.total.amount <= each * spots


@pytest.mark.parametrize(
    ("each", "spots", "discount", "sibling", "expected"),
    [
        (1250, 1, None, None, [1250]),
        (1250, 2, Reduction("A", "percent", 20), None, [2500, -500]),
        (1250, 1, Reduction("A", "percent", 15), None, [1250, -188]),
        (1250, 3, Reduction("A", "fixed", 1000), None, [3750, -1000]),
        (1250, 1, Reduction("A", "fixed", 9999), SiblingDiscount(2, 50), [1250, -1250]),
        (1000, 3, None, SiblingDiscount(2, 10), [3000, -200]),
        (1000, 2, Reduction("A", "percent", 50), SiblingDiscount(2, 10), [2000, -1000, -50]),
        (1000, 1, None, SiblingDiscount(2, 10), [1000]),
    ],
)
def test_prices(each: int, spots: int, discount: Reduction | None, sibling: SiblingDiscount | None, expected: list[int]) -> None:
    assert [line.amount for line in quote("Adult", Money(each, "EUR"), spots, discount=discount, sibling=sibling).lines] == expected


def test_lines_say_what_they_are_for() -> None:
    lines = quote("Adult", Money(1000, "EUR"), 2, discount=Reduction("Spring", "fixed", 1), sibling=SiblingDiscount(2, 10)).lines
    assert [(line.label, line.name) for line in lines] == [("Adult × 2", ""), (DISCOUNT, "Spring"), (SIBLINGS, "10 %")]
