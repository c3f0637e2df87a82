"""Invoices: one by its link, all of them for staff."""

from chalicelib.api import lists
from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.responses import ApiResponse, Out
from chalicelib.api.shapes import Moment, MoneyOut
from chalicelib.operations import invoices, links
from chalicelib.operations.invoices import InvoiceView
from chalicelib.rules.invoices import DocumentStatus, Invoice, InvoiceLine, InvoiceSettled
from chalicelib.rules.refs import public_id
from chalicelib.rules.registrations import Registration
from chalicelib.web.audience import Public, Staff
from chalicelib.web.locale import locale_of

PDF = ".pdf"


class InvoiceLineOut(Out):
    label: str
    tier: str
    spots: int
    price: MoneyOut
    """Per spot, VAT included."""
    amount: MoneyOut

    @classmethod
    def of(cls, line: InvoiceLine) -> "InvoiceLineOut":
        return cls(label=line.label, tier=line.tier, spots=line.spots, price=MoneyOut.of(line.price), amount=MoneyOut.of(line.amount))


class InvoiceOut(Out):
    """An invoice as it was issued, with its current status."""

    number: str
    status: DocumentStatus
    """`cancelled` by a credit note, or with its session while nothing was paid; `credit` for a credit note."""
    issued_at: Moment
    seller: str
    address: str
    """The seller's address, on several lines."""
    vat_number: str
    customer: str
    lines: list[InvoiceLineOut]
    net: MoneyOut
    vat_rate: float
    vat: MoneyOut
    total: MoneyOut
    due: MoneyOut
    payment_instructions: str
    payable_online: bool
    """Whether `checkout` can open a payment page for the amount due."""
    credits: str | None
    """On a credit note: the number of the invoice that it cancels. Its amounts are negative."""
    credited_by: str | None
    """On a cancelled invoice: the number of its credit note."""
    replaced_by: str | None
    """The number of the invoice that replaces it."""
    link: str

    @classmethod
    def of(cls, view: InvoiceView) -> "InvoiceOut":
        invoice = view.invoice
        return cls(
            number=invoice.number,
            status="cancelled" if view.called_off else view.status,
            issued_at=invoice.issued_at,
            seller=invoice.seller,
            address=invoice.address,
            vat_number=invoice.vat_number,
            customer=invoice.customer,
            lines=[InvoiceLineOut.of(line) for line in invoice.lines],
            net=MoneyOut.of(invoice.net),
            vat_rate=invoice.vat_rate,
            vat=MoneyOut.of(invoice.vat),
            total=MoneyOut.of(invoice.total),
            due=MoneyOut.of(view.due),
            payment_instructions=invoice.payment_instructions,
            payable_online=view.payable_online,
            credits=invoice.credits or None,
            credited_by=invoice.credited_by or None,
            replaced_by=invoice.replaced_by or None,
            link=links.invoice_link(view.registration, invoice.number),
        )


@endpoint(
    "GET", "/v1/invoices/{token}", id="invoices.read_invoice", who=Public(), gives={200: InvoiceOut}, endings={PDF: "application/pdf"}
)
def read_invoice(request: Request[None]) -> ApiResponse:
    """Read an invoice by the token in its link; with `.pdf` after the token, as PDF."""
    token = request["token"]
    if token.endswith(PDF):
        return _as_pdf(invoices.read_invoice(token.removesuffix(PDF)), locale_of(request.call))
    return ApiResponse(200, InvoiceOut.of(invoices.read_invoice(token)))


class ListedInvoiceOut(InvoiceOut):
    """An invoice as staff see it."""

    registration: str
    """The current id of the registration, which may have been transferred."""
    email: str

    @classmethod
    def listed(cls, view: InvoiceView) -> "ListedInvoiceOut":
        now = public_id(view.registration.session, view.registration.id)
        return cls(**vars(InvoiceOut.of(view)), registration=now, email=view.invoice.email)


class InvoicesOut(Out):
    items: list[ListedInvoiceOut]
    next: str | None


@endpoint("GET", "/v1/orgs/{org}/invoices", id="invoices.list_invoices", who=Staff("read"), gives={200: InvoicesOut}, query=lists.QUERY)
def list_invoices(request: Request[None]) -> ApiResponse:
    """List the invoices of the organisation, the latest year and number first."""
    paging = lists.list_query(request.call)
    found, next_start = invoices.list_invoices(request.org, limit=paging.limit, start=paging.start)
    return ApiResponse(
        200, InvoicesOut(items=[ListedInvoiceOut.listed(view) for view in found], next=lists.cursor(request.call, next_start))
    )


class InvoiceNumberOut(Out):
    number: str
    link: str
    total: MoneyOut

    @classmethod
    def of(cls, invoice: Invoice, registration: Registration) -> "InvoiceNumberOut":
        link = links.invoice_link(registration, invoice.number)
        return cls(number=invoice.number, link=link, total=MoneyOut.of(invoice.total))


class CorrectedInvoiceOut(Out):
    credit_note: InvoiceNumberOut
    invoice: InvoiceNumberOut | None
    """The replacement; none for a removed registration."""


@endpoint(
    "POST",
    "/v1/orgs/{org}/invoices/{invoice}/correct",
    id="invoices.correct_invoice",
    who=Staff("bill"),
    gives={200: CorrectedInvoiceOut},
    refuses=(InvoiceSettled,),
)
def correct_invoice(request: Request[None]) -> ApiResponse:
    """Cancel an invoice by a credit note and issue its replacement, unless the registration was removed; repeating changes nothing."""
    done = invoices.correct(request.org, request["invoice"], by=request.by, now=request.call.now)
    of = invoices.read_by_number(request.org, done.credit_note.number).registration
    instead = InvoiceNumberOut.of(done.invoice, of) if done.invoice else None
    return ApiResponse(200, CorrectedInvoiceOut(credit_note=InvoiceNumberOut.of(done.credit_note, of), invoice=instead))


def _as_pdf(view: InvoiceView, locale: str) -> ApiResponse:
    named = {"Content-Disposition": f'inline; filename="{view.invoice.number}.pdf"'}
    return ApiResponse(200, invoices.draw(view, locale), named, kind="application/pdf")
