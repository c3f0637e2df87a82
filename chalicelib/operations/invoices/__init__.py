"""Invoices: issued once for a registration, corrected by another, read and paid by whoever has the link."""

from chalicelib.operations.invoices.correcting import Corrected, correct, correct_if_outdated, credit_note_of
from chalicelib.operations.invoices.drawing import draw
from chalicelib.operations.invoices.issuing import issue, issue_if_wanted
from chalicelib.operations.invoices.paying import hear_stripe, open_checkout
from chalicelib.operations.invoices.reading import InvoiceView, list_invoices, list_invoices_of, read_by_number, read_invoice

__all__ = [
    "Corrected",
    "InvoiceView",
    "correct",
    "correct_if_outdated",
    "credit_note_of",
    "draw",
    "hear_stripe",
    "issue",
    "issue_if_wanted",
    "list_invoices",
    "list_invoices_of",
    "open_checkout",
    "read_by_number",
    "read_invoice",
]
