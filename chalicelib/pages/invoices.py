"""An invoice, for whoever has its link; and the list of them, for staff."""

from chalicelib import languages
from chalicelib.operations import invoices, links
from chalicelib.pages.answers import Answer, Elsewhere, Html
from chalicelib.pages.declaring import Public, Staff, Visit, page
from chalicelib.rules import times
from chalicelib.settings import settings

PAID_ONLINE = "paid-online"
"""What Stripe's page comes back with; its own word to us may take a moment longer."""
INVOICE = "/invoice/{token}"
INVOICES = "/o/{org}/invoices"
SHOWN = 100


@page("GET", INVOICE, who=Public())
def invoice(visit: Visit) -> Answer:
    view = invoices.read_invoice(visit["token"])
    locale = visit.locale(view.organisation)
    told = {
        "issued": languages.day(times.local(view.invoice.issued_at, view.invoice.time_zone), locale),
        "rate": languages.percent(view.invoice.vat_rate, locale),
    }
    data = {"organisation": view.organisation, "view": view, "invoice": view.invoice, **told}
    data["returned"] = visit.call.query.get("done") == PAID_ONLINE and view.due.amount > 0
    return Html("public/invoice.html", data, leads_to=settings().stripe_pages if view.payable_online else "")


@page("POST", INVOICE + "/checkout", who=Public())
def pay(visit: Visit) -> Answer:
    return Elsewhere(invoices.open_checkout(visit["token"], now=visit.call.now))


@page("GET", INVOICES, who=Staff("viewer"))
def list_invoices(visit: Visit) -> Answer:
    """Show a page of them; `before` is the number that the page above ends with."""
    before = visit.call.query.get("before", "")
    found, more = invoices.list_invoices(visit.org, limit=SHOWN, before=before)
    data = {"views": found, "more": found[-1].invoice.number if more else "", "before": before, "link": links.invoice_link}
    return Html("invoices.html", data)
