"""An invoice, for whoever has its link."""

from chalicelib import languages
from chalicelib.operations import invoices
from chalicelib.pages.answers import Answer, Html
from chalicelib.pages.declaring import Public, Visit, page
from chalicelib.rules import times


@page("GET", "/invoice/{token}", who=Public())
def invoice(visit: Visit) -> Answer:
    view = invoices.read_invoice(visit["token"])
    locale = visit.locale(view.organisation)
    told = {
        "issued": languages.day(times.local(view.invoice.issued_at, view.invoice.time_zone), locale),
        "rate": languages.percent(view.invoice.vat_rate, locale),
    }
    return Html("public/invoice.html", {"organisation": view.organisation, "view": view, "invoice": view.invoice, **told})
