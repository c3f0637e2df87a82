"""The PDF of an invoice: its facts, its scripts, and how it is fetched."""

import io
import re
import unicodedata
from dataclasses import replace
from datetime import datetime

import pytest
from pypdf import PdfReader

from chalicelib.operations import invoices, links
from chalicelib.operations.invoices import correct, fonts, pdf
from chalicelib.rules.registrations import Registration
from tests.http import call
from tests.pages.test_invoices import invoiced

__all__ = ["invoiced"]


@pytest.mark.parametrize("accept", ["text/html,application/xhtml+xml,*/*;q=0.8", "application/pdf", "application/octet-stream", "*/*"])
def test_the_pdf_is_whole_whatever_is_accepted(invoiced: Registration, accept: str) -> None:
    path = f"/v1/invoices/{links.invoice_token(invoiced, invoiced.invoice)}.pdf"
    response = call("GET", path, headers={"Accept": accept})
    body = response.text.encode()
    assert (response.status, response.headers["content-type"]) == (200, "application/pdf")
    assert body.isascii()
    assert body.startswith(b"%PDF-1.")
    assert body.rstrip().endswith(b"%%EOF")
    start = int(re.findall(rb"startxref\s+(\d+)", body)[-1])
    assert body[start : start + 4] == b"xref"
    assert len(body) < 100_000


def test_the_pdf_contains_the_facts_of_the_invoice(invoiced: Registration) -> None:
    response = call("GET", f"/v1/invoices/{links.invoice_token(invoiced, invoiced.invoice)}.pdf?lang=fr")
    text = " ".join(PdfReader(io.BytesIO(response.text.encode())).pages[0].extract_text().split())
    for said in (
        "Facture 2026-0001",
        "Ana Müller",
        "Poterie & tournage Łódź · Enfant",
        "6,25",
        "37,50",
        "IBAN FR76 <0001>",
        "75011 Paris",
        "FR12345678901",
    ):
        assert said in text


NAMES = {
    "Chinese": "王小明",
    "Japanese": "田中 たろう",
    "Korean": "김철수",
    "Arabic": "محمد علي",
    "Hebrew": "דוד לוי",
    "Hindi": "अनिल",
    "Thai": "สมชาย",
    "Polish": "Łukasz Żółć",
    "Russian": "Иван Петров",
    "two scripts": "דוד Levi",
    "an emoji": "🧘 Ana",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_the_pdf_shows_names_of_every_script(name: str, invoiced: Registration) -> None:
    text = text_for(name, invoiced)
    letters = [letter for letter in unicodedata.normalize("NFKC", name) if unicodedata.category(letter).startswith("L")]
    assert [letter for letter in letters if letter not in text] == []


def test_right_to_left_names_are_drawn_in_the_order_in_which_they_are_seen() -> None:
    drawn = re.sub("<[^>]*>", "", fonts.marked_up(NAMES["Hebrew"], fonts.REGULAR))
    assert drawn == NAMES["Hebrew"][::-1]
    assert "\ufe8b" in fonts.marked_up("\u0633\u0627\u0626\u0644", fonts.REGULAR), "Arabic letters are joined"


def test_a_script_without_a_font_is_transliterated(invoiced: Registration) -> None:
    assert "Giorgi" in text_for("\u10d2\u10d8\u10dd\u10e0\u10d2\u10d8", invoiced).title()


def text_for(name: str, invoiced: Registration) -> str:
    """Return the text of the invoice's PDF for a customer of this name."""
    view = invoices.read_by_number("demo", invoiced.invoice)
    drawn = pdf.draw(view._replace(invoice=replace(view.invoice, customer=name)), "en")
    assert drawn.isascii()
    text = PdfReader(io.BytesIO(drawn.encode())).pages[0].extract_text()
    return unicodedata.normalize("NFKC", text)


def test_the_pdf_of_a_credit_note_names_the_invoice(invoiced: Registration, today: datetime) -> None:
    correct("demo", "2026-0001", by="owner", now=today)
    response = call("GET", f"/v1/invoices/{links.invoice_token(invoiced, 'C2026-0001')}.pdf?lang=fr")
    text = " ".join(PdfReader(io.BytesIO(response.text.encode())).pages[0].extract_text().split())
    for said in ("Avoir C2026-0001", "annule la facture 2026-0001", "−37,50"):
        assert said in text, text
