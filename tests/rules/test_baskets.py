"""The price of a basket: one code over all lines, siblings over all children, and nothing changed that an invitation fixed."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules.baskets import MixedBasketCurrencies, Party, Reductions, quotes, terms, total
from chalicelib.rules.discounts import Reduction, SiblingDiscount
from chalicelib.rules.money import Money
from chalicelib.rules.pricing import DISCOUNT, SIBLINGS, quote

TENTH, FIVE_EUROS, SECOND_HALF = Reduction("A", "percent", 10), Reduction("A", "fixed", 500), SiblingDiscount(2, 50)
reductions = st.one_of(
    st.none(),
    st.integers(1, 100).map(lambda percent: Reduction("A", "percent", percent)),
    st.integers(1, 10_000).map(lambda off: Reduction("A", "fixed", off)),
)
siblings = st.one_of(st.none(), st.builds(SiblingDiscount, st.integers(2, 6), st.integers(1, 100)))


@st.composite
def parties(draw: st.DrawFn) -> Party:
    names = draw(st.lists(st.sampled_from("ABCD"), min_size=1, max_size=4, unique=True))
    spots = len(names) + draw(st.integers(0, 2))
    return Party("Child", Money(draw(st.integers(0, 5000)), "EUR"), spots, tuple(names), draw(st.booleans()))


def party(*names: str, price: int = 1000, spots: int = 0, fits: bool = True, snapshot: Reductions | None = None) -> Party:
    return Party("Child", Money(price, "EUR"), spots or len(names), names, fits, snapshot)


def totals(lines: list[Party], discount: Reduction | None = None, sibling: SiblingDiscount | None = None) -> list[int]:
    return [one.total.amount for one in quotes(lines, terms(lines, discount, sibling))]


@given(parties(), reductions, siblings)
def test_a_basket_of_one_line_costs_what_the_session_alone_costs(
    line: Party, discount: Reduction | None, sibling: SiblingDiscount | None
) -> None:
    line = replace(line, fits=True)
    (of_basket,) = quotes([line], terms([line], discount, sibling))
    alone = quote(line.label, line.price, line.spots, discount=discount, sibling=sibling)
    assert of_basket.total == alone.total
    assert [one for one in of_basket.lines if one.amount] == [one for one in alone.lines if one.amount]


@given(st.lists(parties(), min_size=1, max_size=6), st.integers(1, 50_000))
def test_a_fixed_amount_is_taken_off_once_and_to_the_cent(lines: list[Party], off: int) -> None:
    lowered = sum(one.whole for one in lines if one.fits)
    reduced = totals(lines, Reduction("A", "fixed", off))
    assert sum(reduced) == sum(one.whole for one in lines) - min(off, lowered)
    assert all(amount >= 0 for amount in reduced)
    assert all(amount == one.whole for amount, one in zip(reduced, lines, strict=True) if not one.fits)


def test_a_percentage_lowers_the_lines_that_the_code_fits() -> None:
    assert totals([party("Ana", price=1005), party("Ana", fits=False)], TENTH) == [904, 1000]


def test_a_fixed_amount_is_shared_by_price() -> None:
    assert totals([party("Ana", price=3000), party("Ana", price=1000), party("Ana", fits=False)], FIVE_EUROS) == [2625, 875, 1000]


def test_the_second_child_is_a_sibling_on_each_of_its_lines() -> None:
    lines = [party("Ana"), party("Ben", "Ana"), party("Ben"), party("ana ")]
    assert totals(lines, sibling=SECOND_HALF) == [1000, 1500, 500, 1000]


def test_the_same_child_in_three_sessions_is_no_sibling() -> None:
    assert totals([party("Ana"), party("Ana"), party("Ana")], sibling=SECOND_HALF) == [1000, 1000, 1000]


def test_spots_without_a_name_are_the_same_children_in_every_line() -> None:
    assert totals([party("Ana", spots=2), party("Ana", spots=2)], sibling=SECOND_HALF) == [1500, 1500]


def test_the_code_comes_first_then_siblings_on_the_rest() -> None:
    lines = [party("Ana"), party("Ben")]
    second = quotes(lines, terms(lines, TENTH, SECOND_HALF))[1]
    assert [(line.label, line.amount) for line in second.lines[1:]] == [(DISCOUNT, -100), (SIBLINGS, -450)]


def test_an_invitation_keeps_its_terms_and_its_children_count() -> None:
    invited = party("Ana", "Ben", snapshot=Reductions(Reduction("OLD", "percent", 50)))
    coded = party("Ben", price=300, snapshot=Reductions())
    assert totals([invited, coded, party("Ben"), party("Ana")], TENTH, SECOND_HALF) == [1000, 300, 450, 900]


def test_two_currencies_are_refused() -> None:
    lines = [party("Ana"), Party("Child", Money(1000, "CHF"), 1, ("Ana",))]
    with pytest.raises(MixedBasketCurrencies):
        total(quotes(lines, terms(lines, None, None)))
