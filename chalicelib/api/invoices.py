"""An invoice, for whoever has its link; all of them, for staff."""

from chalicelib.api import lists
from chalicelib.api.answers import Answer, Out
from chalicelib.api.endpoints import Public, Request, Staff, endpoint
from chalicelib.api.shapes import Moment, MoneyOut
from chalicelib.operations import invoices, links
from chalicelib.operations.invoices import InvoiceView
from chalicelib.rules.invoices import Invoice, InvoiceSettled, Line, Standing
from chalicelib.tables.keys import joined
from chalicelib.web.locale import locale_of

PDF = ".pdf"


class LineOut(Out):
    label: str
    tier: str
    spots: int
    price: MoneyOut
    """Of one spot, VAT included."""
    amount: MoneyOut

    @classmethod
    def of(cls, line: Line) -> "LineOut":
        return cls(label=line.label, tier=line.tier, spots=line.spots, price=MoneyOut.of(line.price), amount=MoneyOut.of(line.amount))


class InvoiceOut(Out):
    """An invoice as it was issued, and how it stands now."""

    number: str
    status: Standing
    """`cancelled` by a credit note; a credit note itself is `credit`."""
    issued_at: Moment
    seller: str
    address: str
    """The seller's, several lines."""
    vat_number: str
    customer: str
    lines: list[LineOut]
    net: MoneyOut
    vat_rate: float
    vat: MoneyOut
    total: MoneyOut
    due: MoneyOut
    payment_instructions: str
    payable_online: bool
    """Whether `checkout` opens a page that takes what is due."""
    credits: str | None
    """Of a credit note: the number of the invoice that it cancels. Its amounts are below zero."""
    credited_by: str | None
    """Of a cancelled invoice: the number of its credit note."""
    replaced_by: str | None
    """The number of the invoice in its place."""
    link: str

    @classmethod
    def of(cls, view: InvoiceView) -> "InvoiceOut":
        invoice = view.invoice
        return cls(
            number=invoice.number,
            status=view.status,
            issued_at=invoice.issued_at,
            seller=invoice.seller,
            address=invoice.address,
            vat_number=invoice.vat_number,
            customer=invoice.customer,
            lines=[LineOut.of(line) for line in invoice.lines],
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
            link=links.invoice_link(invoice.org, invoice.number),
        )


@endpoint("GET", "/v1/invoices/{token}", who=Public(), gives={200: InvoiceOut}, endings={PDF: "application/pdf"})
def read_invoice(request: Request[None]) -> Answer:
    """Read an invoice by the token in its link; with `.pdf` after the token it comes as PDF."""
    token = request["token"]
    if token.endswith(PDF):
        return _as_pdf(invoices.read_invoice(token.removesuffix(PDF)), locale_of(request.call))
    return Answer(200, InvoiceOut.of(invoices.read_invoice(token)))


class ListedOut(InvoiceOut):
    """An invoice as staff see it."""

    registration: str
    """The registration's id now: it may have been transferred since."""
    email: str


class InvoicesOut(Out):
    items: list[ListedOut]
    next: str | None


@endpoint("GET", "/v1/orgs/{org}/invoices", who=Staff("viewer"), gives={200: InvoicesOut}, query=lists.QUERY)
def list_invoices(request: Request[None]) -> Answer:
    """List all invoices of the organisation, the latest year and number first."""
    asked = lists.wanted(request.call)
    found, following = invoices.list_invoices(request.org, limit=asked.limit, start=asked.start)
    return Answer(200, InvoicesOut(items=[_listed(view) for view in found], next=lists.cursor(request.call, following)))


def _listed(view: InvoiceView) -> ListedOut:
    now = joined(view.registration.session, view.registration.id)
    return ListedOut(**vars(InvoiceOut.of(view)), registration=now, email=view.invoice.email)


class PaperOut(Out):
    number: str
    link: str
    total: MoneyOut

    @classmethod
    def of(cls, invoice: Invoice) -> "PaperOut":
        link = links.invoice_link(invoice.org, invoice.number)
        return cls(number=invoice.number, link=link, total=MoneyOut.of(invoice.total))


class CorrectedOut(Out):
    credit_note: PaperOut
    invoice: PaperOut | None
    """In place of the cancelled one; none for a registration that was removed."""


@endpoint(
    "POST",
    "/v1/orgs/{org}/invoices/{invoice}/correct",
    who=Staff("manager"),
    gives={200: CorrectedOut},
    refuses=(InvoiceSettled,),
)
def correct_invoice(request: Request[None]) -> Answer:
    """Cancel an invoice by a credit note and issue what is to be paid now, unless the registration was removed; again, it is the same."""
    done = invoices.correct(request.org, request["invoice"], by=request.by, now=request.call.now)
    instead = PaperOut.of(done.invoice) if done.invoice else None
    return Answer(200, CorrectedOut(credit_note=PaperOut.of(done.credit_note), invoice=instead))


def _as_pdf(view: InvoiceView, locale: str) -> Answer:
    named = {"Content-Disposition": f'inline; filename="{view.invoice.number}.pdf"'}
    return Answer(200, invoices.draw(view, locale), named, kind="application/pdf")
