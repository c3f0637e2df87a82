"""What lowers a price: every line of it, never below zero, half a minor unit rounded up; and the states of a discount code."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules.discounts import (
    DISCOUNT,
    SIBLINGS,
    Discount,
    DiscountElsewhere,
    DiscountEnded,
    DiscountNotYet,
    DiscountUsedUp,
    Reduction,
    SiblingDiscount,
    compared,
    priced,
    total_of,
    well_formed,
)
from chalicelib.rules.money import Money
from chalicelib.rules.sessions import Session

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
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
def test_the_code_comes_first_then_the_siblings_on_what_is_left(
    each: int, spots: int, discount: Reduction | None, sibling: SiblingDiscount | None
) -> None:
    lines = priced("Adult", Money(each, "EUR"), spots, discount=discount, sibling=sibling)
    left = each * spots
    expected = [left]
    if discount:
        off = rounded(Fraction(left * discount.value, 100)) if discount.kind == "percent" else min(discount.value, left)
        expected.append(-off)
        left -= off
    if sibling and spots >= sibling.from_nth:
        share = Fraction((spots - sibling.from_nth + 1) * sibling.percent, spots * 100)
        expected.append(-rounded(left * share))
    assert [line.amount for line in lines] == expected
    assert 0 <= total_of(lines) <= each * spots


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
    assert [line.amount for line in priced("Adult", Money(each, "EUR"), spots, discount=discount, sibling=sibling)] == expected


def test_lines_say_what_they_are_for() -> None:
    lines = priced("Adult", Money(1000, "EUR"), 2, discount=Reduction("Spring", "fixed", 1), sibling=SiblingDiscount(2, 10))
    assert [(line.label, line.name) for line in lines] == [("Adult × 2", ""), (DISCOUNT, "Spring"), (SIBLINGS, "10 %")]


def discount(**more: object) -> Discount:
    values: dict[str, object] = {"kind": "percent", "value": 10, **more}
    return Discount(org="demo", code="Spring", currency="EUR", created_at=NOW, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("of", "state", "refusal"),
    [
        ({}, "active", None),
        ({"starts_at": NOW}, "active", None),
        ({"starts_at": NOW + HOUR}, "not_yet", DiscountNotYet),
        ({"ends_at": NOW}, "ended", DiscountEnded),
        ({"ends_at": NOW, "active": False, "max_uses": 1, "used": 1}, "ended", DiscountEnded),
        ({"active": False}, "off", DiscountEnded),
        ({"max_uses": 2, "used": 1}, "active", None),
        ({"max_uses": 2, "used": 2}, "used_up", DiscountUsedUp),
        ({"kind": "fixed", "currency": "CHF"}, "active", DiscountElsewhere),
        ({"sessions": ("other",)}, "active", DiscountElsewhere),
        ({"sessions": ("other", "s1")}, "active", None),
        ({"sessions": ("other",), "tags": ("CLAY",)}, "active", None),
        ({"tags": ("wood",)}, "active", DiscountElsewhere),
    ],
)
def test_states_and_what_they_refuse(of: dict[str, object], state: str, refusal: type[Exception] | None) -> None:
    currency = of.pop("currency", "EUR")
    made = discount(**of)
    assert made.state(NOW) == state
    session: Session = Session("demo", "s1", "Pottery", (), "Europe/Paris", 10, 1, (), NOW, NOW, NOW, tags=("Clay",))
    if refusal is None:
        made.check(session, str(currency), NOW)
    else:
        with pytest.raises(refusal):
            made.check(session, str(currency), NOW)


@pytest.mark.parametrize(("typed", "same"), [("spring", True), (" Spring ", True), ("SPR ING", True), ("Sprin", False)])
def test_codes_are_read_without_case_and_spaces(typed: str, same: bool) -> None:
    assert (compared(typed) == compared("Spring")) is same


@pytest.mark.parametrize(
    ("code", "fits"), [("A", True), ("SPRING-25.b_c", True), ("", False), ("-A", False), ("É", False), ("A" * 41, False)]
)
def test_what_a_code_may_look_like(code: str, fits: bool) -> None:
    assert well_formed(code) is fits
