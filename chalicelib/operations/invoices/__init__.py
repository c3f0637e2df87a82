"""Invoices: issued once for a registration, corrected by a credit note, read and paid through their link."""

from chalicelib.operations.invoices.close_checkouts import close_pages, correct
from chalicelib.operations.invoices.close_later import close_cancelled, close_later, close_next, close_settled
from chalicelib.operations.invoices.credit_notes import Corrected, correct_if_outdated, credit, credit_note_of, credit_session
from chalicelib.operations.invoices.issue import issue, issue_if_wanted
from chalicelib.operations.invoices.online_payment import note_payment, open_checkout
from chalicelib.operations.invoices.pdf import draw
from chalicelib.operations.invoices.queries import InvoiceView, list_invoices, list_invoices_of, read_by_number, read_invoice
