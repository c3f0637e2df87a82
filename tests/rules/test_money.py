"""Amounts in minor units, and as spreadsheets read them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from chalicelib.rules.money import LARGEST_AMOUNT, MINOR_UNITS, Money, Price, decimal


@pytest.mark.parametrize(
    ("money", "written"),
    [
        (Money(1250, "EUR"), "12.50"),
        (Money(5, "EUR"), "0.05"),
        (Money(0, "EUR"), "0.00"),
        (Money(-1250, "EUR"), "-12.50"),
        (Money(-5, "EUR"), "-0.05"),
        (Money(1250, "JPY"), "1250"),
        (Money(1250, "KRW"), "1250"),
        (Money(1250, "KWD"), "1.250"),
        (Money(12345, "CLF"), "1.2345"),
        (Money(1250, "HUF"), "12.50"),
        (Money(LARGEST_AMOUNT * 50, "EUR"), "50000000.00"),
    ],
)
def test_an_amount_is_written_with_the_places_of_its_currency(money: Money, written: str) -> None:
    assert decimal(money) == written


@given(st.integers(-(10**13), 10**13), st.sampled_from(["EUR", *MINOR_UNITS]))
def test_no_cent_is_lost_in_writing(amount: int, currency: str) -> None:
    assert Decimal(decimal(Money(amount, currency))).scaleb(MINOR_UNITS.get(currency, 2)) == amount


def test_a_price_times_the_party() -> None:
    assert Money(1250, "EUR").times(3) == Money(3750, "EUR")
    assert Money(1250, "EUR").times(0) == Money(0, "EUR")


@pytest.mark.parametrize(("amount", "currency"), [(0, "EUR"), (LARGEST_AMOUNT, "JPY")])
def test_what_a_price_may_be(amount: int, currency: str) -> None:
    assert Price(amount=amount, currency=currency).money() == Money(amount, currency)


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        (-1, "EUR"),
        (LARGEST_AMOUNT + 1, "EUR"),
        (12.5, "EUR"),
        ("12", "EUR"),
        (True, "EUR"),
        (1, "eur"),
        (1, "EURO"),
        (1, "EU"),
        (1, "EUR\n"),
    ],
    ids=["negative", "too much", "a fraction", "text", "a yes", "small letters", "four letters", "two letters", "a line break"],
)
def test_what_a_price_may_not_be(amount: object, currency: str) -> None:
    with pytest.raises(ValidationError):
        Price.model_validate({"amount": amount, "currency": currency})
