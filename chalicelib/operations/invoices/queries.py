"""Invoices, for the holder of the link, the customer and staff."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from chalicelib.operations import links
from chalicelib.rules.invoices import Invoice, Standing, due, standing
from chalicelib.rules.money import Money
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.registrations import Registration
from chalicelib.tables import invoices, keys, organisations, sessions
from chalicelib.tables.items import Item


class InvoiceView(NamedTuple):
    """An invoice with its status and the amount due."""

    invoice: Invoice
    organisation: Organisation
    status: Standing
    due: Money
    registration: Registration
    session_title: str
    """The title of the session on which the registration stands or stood last."""
    session_cancelled: bool
    """Whether the registration's session is cancelled; after a transfer, the new session."""

    @property
    def moved(self) -> bool:
        """Whether the registration was moved to another session after the invoice was issued."""
        return self.invoice.registration != self.registration.public_id

    @property
    def called_off(self) -> bool:
        """Whether nothing is to be paid any more because the session is cancelled."""
        return self.session_cancelled and self.status == "open"

    @property
    def payable_online(self) -> bool:
        return self.organisation.online_payment and self.due.amount > 0


def list_invoices(org: str, *, limit: int, start: Item | None = None, before: str = "") -> tuple[list[InvoiceView], Item | None]:
    """Return a page of the organisation's invoices, latest number first. `before` limits them to earlier numbers."""
    listed, following = invoices.page(org, limit=limit, start=keys.invoice(org, before).stored() if before else start)
    return _views(org, listed, invoices.registrations_of(org, listed)), following


def list_invoices_of(org: str, registered: Sequence[Registration]) -> list[InvoiceView]:
    """Return all invoices and credit notes of these registrations."""
    owners = {number: one for one in registered for number in (*one.invoices_before, one.invoice) if number}
    found = list(invoices.several(org, owners))
    return _views(org, found, [owners[invoice.number] for invoice in found])


def read_invoice(token: str) -> InvoiceView:
    """Return the invoice of the link. Raises NotFound."""
    view = read_by_number(*links.read_invoice_token(token))
    links.check_invoice_token(view.registration, token)
    return view


def read_by_number(org: str, number: str) -> InvoiceView:
    """Return the invoice or credit note with this number. Raises NotFound."""
    invoice, registration = invoices.with_registration(org, number)
    return _views(org, [invoice], [registration])[0]


def _views(org: str, listed: Sequence[Invoice], registered: Sequence[Registration]) -> list[InvoiceView]:
    organisation, known = organisations.get(org), sessions.several(org, {one.session for one in registered})
    titles = {id: session.title for id, session in known.items()}
    off = {id for id, session in known.items() if session.cancelled_at}
    return [
        InvoiceView(
            invoice, organisation, standing(invoice, one), _due(invoice, one, off), one, titles.get(one.session, ""), one.session in off
        )
        for invoice, one in zip(listed, registered, strict=True)
    ]


def _due(invoice: Invoice, registration: Registration, cancelled: Collection[str]) -> Money:
    """Return what is to be paid: nothing for a session that is `cancelled`."""
    return Money(0, invoice.total.currency) if registration.session in cancelled else due(invoice, registration)
