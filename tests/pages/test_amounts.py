"""Amounts as people type them, in the form of a session."""

import pytest

from chalicelib.pages import amounts
from chalicelib.rules.money import Money
from tests.pages.browser import Browser
from tests.pages.test_sessions import CAMP, NEW


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("12.50", "EUR", 1250),
        ("12,5", "EUR", 1250),
        ("0", "EUR", 0),
        ("500", "JPY", 500),
        ("1.234", "KWD", 1234),
        ("1000000", "EUR", 100_000_000),
        ("1 000", "EUR", 100_000),
        ("1,000", "JPY", 1_000),
        ("12.500", "JPY", 12_500),
        ("1\u202f234,50", "EUR", 123_450),
        ("1'234.50", "CHF", 123_450),
        ("1,234.50", "EUR", 123_450),
        ("1.234,5", "EUR", 123_450),
        ("1,000,000", "EUR", 100_000_000),
        ("1.000.000", "EUR", 100_000_000),
        ("0.500", "EUR", 50),
        (".5", "EUR", 50),
    ],
)
def test_amounts_in_minor_units(text: str, currency: str, amount: int) -> None:
    assert amounts.typed(text, currency) == amount
    assert amounts.typed(amounts.field(Money(amount, currency)), currency) == amount


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("", "EUR"),
        ("-1", "EUR"),
        ("1.234", "EUR"),
        ("1,000", "EUR"),
        ("1.000", "EUR"),
        ("12,500", "EUR"),
        ("1,000", "KWD"),
        ("1,00,000", "EUR"),
        ("1,234.567,8", "EUR"),
        ("1 00", "EUR"),
        ("0.5", "JPY"),
        ("NaN", "EUR"),
        ("1e9", "EUR"),
        ("Infinity", "EUR"),
        ("free", "EUR"),
        (".", "EUR"),
        ("²", "EUR"),
        ("٣", "EUR"),
        ("9" * 5_000, "EUR"),
        ("1e999999", "EUR"),
    ],
)
def test_invalid_amounts_are_refused(text: str, currency: str) -> None:
    with pytest.raises(amounts.NoSuchAmountError):
        amounts.typed(text, currency)


def test_an_ambiguous_amount_is_refused(manager: Browser) -> None:
    page = manager.send(manager.get(NEW), {**CAMP, "tiers/0/price/amount": "1,000"})
    assert page.status == 422
    assert amounts.TWO_WAYS in page.text
