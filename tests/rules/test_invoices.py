"""The amounts of an invoice."""

from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.rules.invoices import Invoice, InvoiceLine, credit_note, credit_numbered, numbered, year_of
from chalicelib.rules.money import Money
from chalicelib.rules.organisations import Organisation

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def invoice(gross: int, rate: float, **more: Any) -> Invoice:
    lines = (InvoiceLine("Pottery", "Adult", 1, Money(gross, "EUR")),)
    usual: dict[str, Any] = {
        "org": "demo",
        "number": "2026-0001",
        "registration": "s1-r1",
        "issued_at": NOW,
        "time_zone": "Europe/Paris",
        "seller": "Studio",
        "customer": "Ana",
        "email": "ana@example.org",
        "lines": lines,
        "vat_rate": rate,
        "payment_instructions": "",
    }
    return Invoice(**{**usual, **more})


@pytest.mark.parametrize(
    ("gross", "rate", "vat"),
    [
        (12000, 20, 2000),
        (1250, 20, 208),
        (1250, 5.5, 65),
        (100, 0, 0),
        (0, 20, 0),
        (3, 20, 1),
        (6, 100 / 11, 1),
        (1, 100, 1),
        (1999, 8.125, 150),
        (100_000_000_00, 19.6, 1638795987),
    ],
)
def test_vat_is_taken_out_of_the_price_half_a_unit_up(gross: int, rate: float, vat: int) -> None:
    made = invoice(gross, round(rate, 3))
    assert (made.vat.amount, made.net.amount, made.total.amount) == (vat, gross - vat, gross)


@pytest.mark.parametrize(("gross", "rate"), [(12000, 20), (1250, 5.5), (6, 100 / 11), (1, 100), (1999, 8.125), (0, 20)])
def test_a_credit_note_takes_back_exactly_what_was_invoiced(gross: int, rate: float) -> None:
    made = invoice(gross, round(rate, 3))
    note = credit_note(made, credit_numbered(2026, 1), now=NOW)
    assert (note.number, note.credits) == ("C2026-0001", "2026-0001")
    assert [taken.amount + given.amount for taken, given in zip(_sums(made), _sums(note), strict=True)] == [0, 0, 0]


def _sums(made: Invoice) -> tuple[Money, Money, Money]:
    return made.net, made.vat, made.total


def test_lines_add_up() -> None:
    lines = (InvoiceLine("Pottery", "Adult", 3, Money(1250, "EUR")), InvoiceLine("Clay", "", 1, Money(99, "EUR")))
    assert invoice(0, 0, lines=lines).total == Money(3849, "EUR")


@pytest.mark.parametrize(("place", "number"), [(1, "2026-0001"), (9999, "2026-9999"), (10000, "2026-10000")])
def test_numbers_have_four_digits_or_more(place: int, number: str) -> None:
    assert numbered(2026, place) == number


def test_the_year_turns_where_the_organisation_is() -> None:
    eve = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    assert year_of(Organisation(org="demo", name="Demo", created_at=NOW, time_zone="Europe/Paris"), eve) == 2027
    assert year_of(Organisation(org="demo", name="Demo", created_at=NOW, time_zone="America/New_York"), eve) == 2026
