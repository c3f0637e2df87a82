"""An invoice, for whoever has its link; and the list of them, for staff."""

from chalicelib import languages
from chalicelib.operations import invoices, links
from chalicelib.pages import asking
from chalicelib.pages.answers import Answer, Elsewhere, Html, Redirect
from chalicelib.pages.declaring import Public, Staff, Visit, page
from chalicelib.pages.paths import written
from chalicelib.rules import times
from chalicelib.rules.registrations import Registration
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


@page("GET", INVOICES + "/{invoice}/correct", who=Staff("manager"))
def ask_correct(visit: Visit) -> Answer:
    view = invoices.read_by_number(visit.org, visit["invoice"])
    number, registration = view.invoice.number, view.registration
    verb = "Cancel the invoice" if registration.removed_at else "Correct the invoice"
    consequences = [
        f"A credit note cancels {number}: what was issued is never changed.",
        _instead(registration),
        f"E-mails go to {registration.email}.",
    ]
    return asking.ask(visit, f"{verb} {number}?", consequences, verb=verb, back=_booked(visit, registration), destroys=True)


@page("POST", INVOICES + "/{invoice}/correct", who=Staff("manager"))
def correct(visit: Visit) -> Answer:
    invoices.correct(visit.org, visit["invoice"], by=visit.by, now=visit.call.now)
    registration = invoices.read_by_number(visit.org, visit["invoice"]).registration
    return Redirect(_booked(visit, registration), {"done": "invoice-corrected"})


def _instead(registration: Registration) -> str:
    if registration.removed_at:
        return "No other one is issued, since the registration was removed."
    spots = "1 spot" if registration.party_size == 1 else f"{registration.party_size} spots"
    return f"Another one is issued for what is booked now: {spots}, for {registration.name}."


def _booked(visit: Visit, registration: Registration) -> str:
    return written("/o/{org}/registrations/{own}", org=visit.org, own=f"{registration.session}-{registration.id}")


@page("GET", INVOICES, who=Staff("viewer"))
def list_invoices(visit: Visit) -> Answer:
    """Show a page of them; `before` is the number that the page above ends with."""
    before = visit.call.query.get("before", "")
    found, more = invoices.list_invoices(visit.org, limit=SHOWN, before=before)
    data = {"views": found, "more": found[-1].invoice.number if more else "", "before": before, "link": links.invoice_link}
    return Html("invoices.html", data)
