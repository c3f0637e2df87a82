"""An invoice for the holder of its link, and the list of invoices for staff."""

from chalicelib import i18n
from chalicelib.config import config
from chalicelib.operations import invoices, links
from chalicelib.pages import confirm
from chalicelib.pages.paths import written
from chalicelib.pages.responses import ExternalRedirect, Html, PageResponse, Redirect
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules import times
from chalicelib.rules.registrations import Registration
from chalicelib.web.audience import Public, Staff

PAID_ONLINE = "paid-online"
"""The value of `done` in the URL that Stripe's page returns to. The webhook that records the payment may arrive later."""
INVOICE = "/invoice/{token}"
INVOICES = "/o/{org}/invoices"
SHOWN = 100


@page("GET", INVOICE, who=Public())
def invoice(visit: Visit) -> PageResponse:
    view = invoices.read_invoice(visit["token"])
    locale = visit.locale(view.organisation)
    formatted = {
        "issued": i18n.day(times.local(view.invoice.issued_at, view.invoice.time_zone), locale),
        "rate": i18n.percent(view.invoice.vat_rate, locale),
    }
    data = {"organisation": view.organisation, "view": view, "invoice": view.invoice, **formatted}
    data["returned"] = visit.call.query.get("done") == PAID_ONLINE and view.due.amount > 0
    return Html("public/invoice.html", data, leads_to=config().stripe_pages if view.payable_online else "")


@page("POST", INVOICE + "/checkout", who=Public())
def pay(visit: Visit) -> PageResponse:
    """Lead to Stripe's page, and back in the language that the payer chose by hand."""
    lang = visit.language if visit.call.query.get("lang") else ""
    return ExternalRedirect(invoices.open_checkout(visit["token"], lang=lang, now=visit.call.now))


@page("GET", INVOICES + "/{invoice}/correct", who=Staff("bill"))
def ask_correct(visit: Visit) -> PageResponse:
    view = invoices.read_by_number(visit.org, visit["invoice"])
    number, registration = view.invoice.number, view.registration
    ends = registration.removed_at or view.session_cancelled
    verb = visit.gettext("Cancel the invoice") if ends else visit.gettext("Correct the invoice")
    consequences = [
        visit.gettext("A credit note cancels %(number)s: an issued invoice is never changed.") % {"number": number},
        _instead(visit, view),
        visit.gettext("E-mails go to %(email)s.") % {"email": registration.email},
    ]
    return confirm.ask(visit, f"{verb} {number}?", consequences, verb=verb, back=_booked(visit, registration), destroys=True)


@page("POST", INVOICES + "/{invoice}/correct", who=Staff("bill"))
def correct(visit: Visit) -> PageResponse:
    invoices.correct(visit.org, visit["invoice"], by=visit.by, now=visit.call.now)
    registration = invoices.read_by_number(visit.org, visit["invoice"]).registration
    return Redirect(_booked(visit, registration), {"done": "invoice-corrected"})


def _instead(visit: Visit, view: invoices.InvoiceView) -> str:
    registration = view.registration
    if view.session_cancelled:
        return visit.gettext("No new one is issued, since the session is cancelled.")
    if registration.removed_at:
        return visit.gettext("No new one is issued, since the registration was removed.")
    text = visit.ngettext(
        "A new one is issued for what is booked now: %(num)d spot, for %(name)s.",
        "A new one is issued for what is booked now: %(num)d spots, for %(name)s.",
        registration.party_size,
    )
    return text % {"num": registration.party_size, "name": registration.name}


def _booked(visit: Visit, registration: Registration) -> str:
    return written("/o/{org}/registrations/{id}", org=visit.org, id=registration.public_id)


@page("GET", INVOICES, who=Staff("read"))
def list_invoices(visit: Visit) -> PageResponse:
    """Show one page of the list. The query parameter `before` is the last invoice number of the previous page."""
    before = visit.call.query.get("before", "")
    found, more = invoices.list_invoices(visit.org, limit=SHOWN, before=before)
    data = {"views": found, "more": found[-1].invoice.number if more else "", "before": before, "link": links.invoice_link}
    return Html("invoices.html", data)
