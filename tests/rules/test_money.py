"""Amounts in minor units, and as spreadsheets read them."""

from decimal import Decimal

import pytest
from babel.core import get_global
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from chalicelib import i18n
from chalicelib.rules.money import IN_USE, LARGEST_AMOUNT, MINOR_UNITS, Money, Price, decimal


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
        (1, "ABC"),
        (1, "DEM"),
        (1, "XAU"),
        (1, "XXX"),
    ],
    ids=[
        "negative",
        "too much",
        "a fraction",
        "text",
        "a yes",
        "small letters",
        "four letters",
        "two letters",
        "a line break",
        "nobody's",
        "out of use",
        "gold",
        "none",
    ],
)
def test_what_a_price_may_not_be(amount: object, currency: str) -> None:
    with pytest.raises(ValidationError):
        Price.model_validate({"amount": amount, "currency": currency})


def test_every_legal_tender_is_a_currency() -> None:
    tender = {code for used in get_global("territory_currencies").values() for code, _, until, is_tender in used if is_tender and not until}
    assert tender - IN_USE <= {"BGN"}, "Bulgaria has had the euro since 2026"
    assert set(MINOR_UNITS) < IN_USE


def test_an_amount_in_a_currency_that_was_accepted_once_stays_readable() -> None:
    assert decimal(Money(1250, "ABC")) == "12.50"
    assert i18n.money(Money(1250, "ABC"), "en") == "ABC\xa012.50"
