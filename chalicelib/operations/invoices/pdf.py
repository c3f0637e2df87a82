"""An invoice as a PDF.

The file is written in ASCII throughout, fonts included: API Gateway hands on text as it is, whatever the caller accepts, and would send a
binary body as base64 to every browser, since browsers accept HTML first.
"""

from io import BytesIO
from typing import Any

from chalicelib import i18n
from chalicelib.operations import links
from chalicelib.operations.invoices import fonts
from chalicelib.operations.invoices.queries import InvoiceView
from chalicelib.rules import times
from chalicelib.rules.colours import shades
from chalicelib.rules.erasure import name_shown
from chalicelib.rules.invoices import Invoice

MARGIN = 57
"""Twenty millimetres, in points."""
WIDTHS = (233, 60, 88, 88)
FLUSH = [("LEFTPADDING", (0, 0), (0, -1), 0), ("RIGHTPADDING", (-1, 0), (-1, -1), 0)]
"""Tables without side padding, aligned with the text around them."""
RULE = "#c9d0cd"
BINARY_COMMENT = b"\223\214\213\236"
"""The marker by which reportlab declares a file binary. Ours is ASCII."""


def draw(view: InvoiceView, locale: str) -> str:
    """Return the invoice as the text of a PDF file."""
    # Imported here, because reportlab is slow to load and only PDFs need it.
    from reportlab.lib.pagesizes import A4
    from reportlab.platypus import SimpleDocTemplate

    fonts.register()
    drawn, invoice = BytesIO(), view.invoice
    gettext = i18n.translation(locale).gettext
    title = (gettext("Credit note %(number)s") if invoice.credits else gettext("Invoice %(number)s")) % {"number": invoice.number}
    edges = dict.fromkeys(("leftMargin", "rightMargin", "topMargin", "bottomMargin"), MARGIN)
    paper = SimpleDocTemplate(drawn, pagesize=A4, title=title, author=invoice.seller, lang=locale, pageCompression=0, invariant=1, **edges)
    paper.build(_story(view, title, locale), canvasmaker=_canvas)
    return drawn.getvalue().replace(BINARY_COMMENT, b" " * len(BINARY_COMMENT), 1).decode("ascii")


def _canvas(*given: Any, **more: Any) -> Any:
    from reportlab.pdfbase.pdfdoc import PDFBase85Encode, PDFZCompress
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(*given, **more)
    canvas._doc.defaultStreamFilters = [PDFBase85Encode, PDFZCompress]
    return canvas


def _story(view: InvoiceView, title: str, locale: str) -> list[Any]:
    from reportlab.platypus import HRFlowable, Spacer

    gettext, invoice = i18n.translation(locale).gettext, view.invoice
    issued = i18n.day(times.local(invoice.issued_at, invoice.time_zone), locale)
    return [
        _text(invoice.seller, 13, bold=True),
        *(_text(line, 9) for line in _seller(invoice, locale)),
        HRFlowable(width="100%", thickness=3, color=shades(view.organisation.accent, dark=False).fill, spaceBefore=6, spaceAfter=22),
        _text(title, 20, bold=True),
        Spacer(0, 6),
        _text(gettext("%(label)s: %(value)s") % {"label": gettext("Issued on"), "value": issued}),
        _text(gettext("%(label)s: %(value)s") % {"label": gettext("For"), "value": name_shown(invoice.customer, gettext)}),
        Spacer(0, 20),
        _lines(invoice, locale),
        Spacer(0, 12),
        _totals(view, locale),
        Spacer(0, 24),
        *(_text(paragraph) for paragraph in _payment(view, locale)),
    ]


def _seller(invoice: Invoice, locale: str) -> list[str]:
    """Return the lines of the seller's address and VAT number."""
    gettext = i18n.translation(locale).gettext
    vat = [gettext("%(label)s: %(value)s") % {"label": gettext("VAT number"), "value": invoice.vat_number}] if invoice.vat_number else []
    return [*invoice.address.splitlines(), *vat]


def _text(text: str, size: int = 10, *, bold: bool = False, right: bool = False) -> Any:
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph

    font = fonts.BOLD if bold else fonts.REGULAR
    shaping = int(fonts.needs_shaping(text))
    style = ParagraphStyle("own", fontName=font, fontSize=size, leading=size * 1.4, alignment=2 if right else 0, shaping=shaping)
    return Paragraph(fonts.marked_up(text, font), style)


def _lines(invoice: Invoice, locale: str) -> Any:
    from reportlab.platypus import Table

    gettext = i18n.translation(locale).gettext
    heads = [gettext("What for"), gettext("Spots"), gettext("Price"), gettext("Amount")]
    rows = [[_text(head, 9, bold=True, right=index > 0) for index, head in enumerate(heads)]]
    for line in invoice.lines:
        label = line.label if line.spots else gettext(line.label)
        label = f"{label} · {line.tier}" if line.tier else label
        each = [str(line.spots), i18n.money(line.price, locale)] if line.spots else ["", ""]
        figures = [*each, i18n.money(line.amount, locale)]
        rows.append([_text(label), *(_text(figure, right=True) for figure in figures)])
    ruled = [("LINEBELOW", (0, 0), (-1, -1), 0.5, RULE), ("VALIGN", (0, 0), (-1, -1), "TOP")]
    return Table(rows, colWidths=WIDTHS, repeatRows=1, style=[*FLUSH, *ruled])


def _totals(view: InvoiceView, locale: str) -> Any:
    from reportlab.platypus import Table

    gettext, invoice = i18n.translation(locale).gettext, view.invoice
    sums = [(gettext("Total"), invoice.total, True)]
    if invoice.vat_rate:
        vat = gettext("VAT at %(rate)s") % {"rate": i18n.percent(invoice.vat_rate, locale)}
        sums = [(gettext("Net"), invoice.net, False), (vat, invoice.vat, False), *sums]
    if view.due.amount not in {0, invoice.total.amount}:
        sums.append((gettext("Still to be paid"), view.due, True))
    rows = [[_text(label, bold=bold, right=True), _text(i18n.money(amount, locale), bold=bold, right=True)] for label, amount, bold in sums]
    return Table(rows, colWidths=(sum(WIDTHS[:-1]), WIDTHS[-1]), style=FLUSH)


def _payment(view: InvoiceView, locale: str) -> list[str]:
    gettext, invoice = i18n.translation(locale).gettext, view.invoice
    if view.status == "credit":
        return [
            gettext("This credit note cancels the invoice %(number)s. Nothing is to be paid for that one.") % {"number": invoice.credits}
        ]
    if view.status == "cancelled":
        note = gettext("This invoice is cancelled by the credit note %(number)s. Nothing is to be paid for it.")
        return [note % {"number": invoice.credited_by}]
    if view.status == "paid":
        back = gettext("%(amount)s of it was refunded.") % {"amount": i18n.money(view.refunded, locale)}
        return [gettext("Paid. Thank you!"), *([back] if view.refunded.amount else [])]
    if view.status == "refunded":
        return [gettext("This invoice was refunded. Nothing is left to pay.")]
    if view.called_off:
        return [gettext("The session of this invoice is cancelled, so it cannot be paid.")]
    if not view.due.amount:
        return [gettext("Nothing to pay")]
    note = gettext("%(name)s will send payment details.") % {"name": invoice.seller}
    number = gettext("Name the invoice number %(number)s when you pay.") % {"number": invoice.number}
    if view.payable_online:
        page = links.invoice_link(view.registration, invoice.number)
        return [gettext("Pay online: %(link)s") % {"link": page}, *(invoice.payment_instructions.splitlines()), number]
    return [*(invoice.payment_instructions.splitlines() or [note]), number]
