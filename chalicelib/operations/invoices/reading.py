"""What the holder of an invoice's link sees."""

from collections.abc import Sequence
from typing import NamedTuple

from chalicelib.operations import links
from chalicelib.rules.invoices import Invoice, Standing, due, standing
from chalicelib.rules.money import Money
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.registrations import Registration
from chalicelib.tables import invoices, keys, organisations
from chalicelib.tables.items import Item


class InvoiceView(NamedTuple):
    """An invoice, how it stands, and what is still to be paid."""

    invoice: Invoice
    organisation: Organisation
    status: Standing
    due: Money
    registration: Registration

    @property
    def payable_online(self) -> bool:
        return self.organisation.online_payment and self.due.amount > 0


def list_invoices(org: str, *, limit: int, start: Item | None = None, before: str = "") -> tuple[list[InvoiceView], Item | None]:
    """Return a page of the organisation's invoices as they stand now, the latest number first; those before a number."""
    listed, following = invoices.page(org, limit=limit, start=keys.invoice(org, before).stored() if before else start)
    organisation, registered = organisations.get(org), invoices.registrations_of(org, listed)
    return [_view(invoice, organisation, registration) for invoice, registration in zip(listed, registered, strict=True)], following


def list_invoices_of(org: str, registered: Sequence[Registration]) -> list[InvoiceView]:
    """Return every invoice and credit note of these registrations as it stands now."""
    owners = {number: one for one in registered for number in (*one.invoices_before, one.invoice) if number}
    organisation = organisations.get(org)
    return [_view(invoice, organisation, owners[invoice.number]) for invoice in invoices.several(org, owners)]


def read_invoice(token: str) -> InvoiceView:
    """Return the invoice that a link names, as it stands now. Raises NotFound."""
    return read_by_number(*links.invoiced(token))


def read_by_number(org: str, number: str) -> InvoiceView:
    """Return an invoice or credit note of the organisation as it stands now. Raises NotFound."""
    invoice, registration = invoices.with_registration(org, number)
    return _view(invoice, organisations.get(org), registration)


def _view(invoice: Invoice, organisation: Organisation, registration: Registration) -> InvoiceView:
    return InvoiceView(invoice, organisation, standing(invoice, registration), due(invoice, registration), registration)
