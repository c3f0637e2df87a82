"""Invoices, for the holder of the link, the customer and staff."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from chalicelib.operations import links
from chalicelib.rules.invoices import DocumentStatus, Invoice, document_status, due_of_each, joined
from chalicelib.rules.money import Money
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.refunds import under_way
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.tables import invoices, keys, organisations, sessions
from chalicelib.tables.items import Item


class InvoiceView(NamedTuple):
    """An invoice with its status and the amount due."""

    invoice: Invoice
    organisation: Organisation
    status: DocumentStatus
    due: Money
    registration: Registration
    """The registration that it bills; of several, one that stands for all."""
    session_title: str
    """The titles of the sessions on which its registrations stand or stood last."""
    session_cancelled: bool
    """Whether the sessions of its registrations are cancelled; after a transfer, the new session."""
    registered: tuple[Registration, ...] = ()
    """All registrations that it bills."""

    @property
    def moved(self) -> bool:
        """Whether the registration was moved to another session after the invoice was issued."""
        return self.invoice.registration != self.registration.public_id

    @property
    def called_off(self) -> bool:
        """Whether nothing is to be paid any more because the session is cancelled."""
        return self.session_cancelled and self.status == "open"

    @property
    def refunded(self) -> Money:
        """The refunded part of the payment, asked-for refunds included."""
        return under_way(self.registration)

    @property
    def payable_online(self) -> bool:
        return self.organisation.online_payment and self.due.amount > 0


def list_invoices(org: str, *, limit: int, start: Item | None = None, before: str = "") -> tuple[list[InvoiceView], Item | None]:
    """Return a page of the organisation's invoices, latest number first. `before` limits them to earlier numbers."""
    listed, next_start = invoices.page(org, limit=limit, start=keys.invoice(org, before).stored() if before else start)
    return _views(org, listed, invoices.registrations_of(org, listed)), next_start


def list_invoices_of(org: str, registered: Sequence[Registration]) -> list[InvoiceView]:
    """Return all invoices and credit notes of these registrations."""
    owners = {number: one for one in registered for number in (*one.invoices_before, one.invoice) if number}
    found = list(invoices.several(org, owners))
    alone = [[owners[invoice.number]] for invoice in found]
    return _views(org, found, invoices.registrations_of(org, found) if any(invoice.others for invoice in found) else alone)


def read_invoice(token: str) -> InvoiceView:
    """Return the invoice of the link. Raises NotFound."""
    view = read_by_number(*links.read_invoice_token(token))
    links.check_invoice_token(view.registered, token)
    return view


def read_by_number(org: str, number: str) -> InvoiceView:
    """Return the invoice or credit note with this number. Raises NotFound."""
    invoice, registered = invoices.with_registrations(org, number)
    return _views(org, [invoice], [registered])[0]


def _views(org: str, listed: Sequence[Invoice], registered: Sequence[Sequence[Registration]]) -> list[InvoiceView]:
    organisation, known = organisations.get(org), sessions.several(org, {one.session for group in registered for one in group})
    return [_view(invoice, group, organisation, known) for invoice, group in zip(listed, registered, strict=True)]


def _view(invoice: Invoice, registered: Sequence[Registration], organisation: Organisation, known: Mapping[str, Session]) -> InvoiceView:
    there = [known[one.session] for one in registered if one.session in known]
    off = {session.id for session in there if session.cancelled_at}
    return InvoiceView(
        invoice,
        organisation,
        document_status(invoice, joined(registered)),
        _due(invoice, registered, off),
        joined(registered),
        ", ".join(dict.fromkeys(session.title for session in there)),
        all(one.session in off for one in registered),
        tuple(registered),
    )


def _due(invoice: Invoice, registered: Sequence[Registration], cancelled: Collection[str]) -> Money:
    """Return the amount due: nothing for a session that is `cancelled`."""
    each = zip(registered, due_of_each(invoice, registered), strict=True)
    return Money(sum(owed.amount for one, owed in each if one.session not in cancelled), invoice.total.currency)
