"""Invoices: issued once for a registration, read by whoever has the link."""

from chalicelib.operations.invoices.drawing import draw
from chalicelib.operations.invoices.issuing import issue, issue_if_wanted
from chalicelib.operations.invoices.paying import hear_stripe, open_checkout
from chalicelib.operations.invoices.reading import InvoiceView, list_invoices, read_invoice

__all__ = ["InvoiceView", "draw", "hear_stripe", "issue", "issue_if_wanted", "list_invoices", "open_checkout", "read_invoice"]
