"""Languages: choosing one, and writing dates, lists and money in it."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib import i18n, languages
from chalicelib.rules.money import Money
from chalicelib.rules.sessions import Meeting

FOUR_IN_PARIS = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ("", "en"),
        ("fr", "fr"),
        ("fr-CA,en;q=0.8", "fr"),
        ("en;q=0.1, fr;q=0.9", "fr"),
        ("FR", "fr"),
        ("de", "de"),
        ("de, fr;q=0.5", "de"),
        ("nl, fr;q=0.5", "fr"),
        ("*", "en"),
        ("fr;q=0", "en"),
        ("fr;q=lots", "en"),
        ("fr;q=nan, en", "en"),
        ("x" * 10_000, "en"),
        (",;,=;q=", "en"),
    ],
)
def test_the_language_that_the_header_likes_best(header: str, chosen: str) -> None:
    assert languages.best(header) == chosen


@pytest.mark.parametrize(
    ("minutes", "locale", "said"),
    [
        (90, "en", "Tuesday 24 November 2026, 16:00–17:30 (Europe/Paris)"),
        (90, "fr", "mardi 24 novembre 2026, 16\u00a0h\u00a0–\u00a017\u00a0h\u00a030 (Europe/Paris)"),
        (600, "en", "Tuesday 24 November 2026, 16:00 – Wednesday 25 November 2026, 02:00 (Europe/Paris)"),
    ],
)
def test_when_a_meeting_takes_place(minutes: int, locale: str, said: str) -> None:
    meeting = Meeting("m1", FOUR_IN_PARIS, FOUR_IN_PARIS + timedelta(minutes=minutes))
    assert i18n.when(meeting, "Europe/Paris", locale) == said


def test_a_meeting_is_written_where_it_takes_place() -> None:
    meeting = Meeting("m1", FOUR_IN_PARIS, FOUR_IN_PARIS + timedelta(hours=1))
    assert i18n.when(meeting, "Asia/Tokyo", "en") == "Wednesday 25 November 2026, 00:00–01:00 (Asia/Tokyo)"


def test_the_first_of_a_month_in_french() -> None:
    first = datetime(2026, 12, 1, tzinfo=UTC)
    assert i18n.day(first, "fr") == "mardi 1er décembre 2026"
    assert i18n.day_of_week(first.date(), "fr") == "mar. 1er"
    assert i18n.short_day(first, "UTC", first, "fr") == "1er\u00a0déc."
    assert i18n.short_day(first, "UTC", first, "en") == "1\u00a0Dec"
    assert i18n.short_day(first + timedelta(days=10), "UTC", first, "fr") == "11\u00a0déc."


@pytest.mark.parametrize(
    ("amount", "currency", "english", "french"),
    [
        (1250, "EUR", "€12.50", "12,50\u00a0€"),
        (0, "EUR", "€0.00", "0,00\u00a0€"),
        (1250, "JPY", "JP¥1,250", "1\u202f250\u00a0JPY"),
        (1250, "TND", "TND\u00a01.250", "1,250\u00a0TND"),
        (123456, "GBP", "£1,234.56", "1\u202f234,56\u00a0£GB"),
        (12550, "RSD", "RSD\u00a0125.50", "125,50\u00a0RSD"),
    ],
)
def test_money_in_minor_units_of_its_currency(amount: int, currency: str, english: str, french: str) -> None:
    assert (i18n.money(Money(amount, currency), "en"), i18n.money(Money(amount, currency), "fr")) == (english, french)


def test_names_in_a_sentence() -> None:
    assert i18n.listed(["Ana", "Ben", "Zoé"], "en") == "Ana, Ben and Zoé"
    assert i18n.listed(["Ana", "Zoé"], "fr") == "Ana et Zoé"


def test_a_language_that_we_do_not_know_is_answered_in_english() -> None:
    assert i18n.translation("xx").gettext("Register") == "Register"
    assert i18n.translation("../../etc").gettext("Register") == "Register"
    assert i18n.translation("fr").gettext("Register") == "S’inscrire"


def test_starting_the_application_imports_neither_templates_nor_dates() -> None:
    program = "import app, sys; print([name for name in ('jinja2', 'babel', 'chalicelib.emails') if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
