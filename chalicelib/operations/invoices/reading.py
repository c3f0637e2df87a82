"""What the holder of an invoice's link sees."""

from typing import NamedTuple

from chalicelib.operations import links
from chalicelib.rules.invoices import Invoice, Status, due, status
from chalicelib.rules.money import Money
from chalicelib.rules.organisations import Organisation
from chalicelib.tables import invoices, organisations


class InvoiceView(NamedTuple):
    """An invoice, how it stands, and what is still to be paid."""

    invoice: Invoice
    organisation: Organisation
    status: Status
    due: Money

    @property
    def payable_online(self) -> bool:
        return self.organisation.online_payment and self.due.amount > 0


def read_invoice(token: str) -> InvoiceView:
    """Return the invoice that a link names, as it stands now. Raises NotFound."""
    org, number = links.invoiced(token)
    invoice, registration = invoices.with_registration(org, number)
    return InvoiceView(invoice, organisations.get(org), status(registration), due(invoice, registration))
