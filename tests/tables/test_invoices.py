"""The stored form of invoices stays: rows of the deployed version are read, and an equal row is written."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.rules.invoices import Invoice, InvoiceLine
from chalicelib.rules.money import Money
from chalicelib.tables.invoices import _invoice_from, _item
from chalicelib.tables.items import Item, item

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NEW = Invoice(
    org="demo",
    number="2026-0001",
    registration="s1-r1",
    issued_at=NOW,
    time_zone="Europe/Paris",
    seller="Atelier",
    customer="Ana",
    email="",
    lines=(InvoiceLine("Pottery", "", 2, Money(1250, "EUR")),),
    vat_rate=0,
    payment_instructions="",
)
NEW_ROW = {
    "pk": "demo#invoices",
    "sk": "INVOICE#2026-000000001",
    "number": "2026-0001",
    "registration": "s1-r1",
    "issued_at": "2026-11-22T12:00:00Z",
    "time_zone": "Europe/Paris",
    "seller": "Atelier",
    "customer": "Ana",
    "email": "",
    "lines": [{"label": "Pottery", "tier": "", "spots": 2, "price": {"amount": 1250, "currency": "EUR"}}],
    "vat_rate": 0,
    "payment_instructions": "",
    "address": "",
    "vat_number": "",
}
FULL = replace(
    NEW,
    email="ana@example.org",
    lines=(InvoiceLine("Pottery", "Child", 2, Money(1250, "EUR")), InvoiceLine("EARLY", "", 0, Money(-250, "EUR"))),
    vat_rate=8.1,
    payment_instructions="IBAN",
    address="1 rue des Lilas\nParis",
    vat_number="FR1",
    credits="2025-0009",
    credited_by="2026C-0001",
    replaced_by="2026-0002",
)
FULL_ROW = {
    "pk": "demo#invoices",
    "sk": "INVOICE#2026-000000001",
    "number": "2026-0001",
    "registration": "s1-r1",
    "issued_at": "2026-11-22T12:00:00Z",
    "time_zone": "Europe/Paris",
    "seller": "Atelier",
    "customer": "Ana",
    "email": "ana@example.org",
    "lines": [
        {"label": "Pottery", "tier": "Child", "spots": 2, "price": {"amount": 1250, "currency": "EUR"}},
        {"label": "EARLY", "tier": "", "spots": 0, "price": {"amount": -250, "currency": "EUR"}},
    ],
    "vat_rate": 8.1,
    "payment_instructions": "IBAN",
    "address": "1 rue des Lilas\nParis",
    "vat_number": "FR1",
    "credits": "2025-0009",
    "credited_by": "2026C-0001",
    "replaced_by": "2026-0002",
}


@pytest.mark.parametrize(("invoice", "row"), [(NEW, NEW_ROW), (FULL, FULL_ROW)], ids=["new", "full"])
def test_an_invoice_is_stored_as_it_always_was(invoice: Invoice, row: Item) -> None:
    assert _item(invoice) == item(row)
    assert _invoice_from("demo", item(row)) == invoice


def test_a_row_without_attributes_that_were_added_later_is_read() -> None:
    assert _invoice_from("demo", item({name: value for name, value in NEW_ROW.items() if name not in {"address", "vat_number"}})) == NEW
