"""The search over everything, from the field in the header of every page of staff."""

from chalicelib.operations import links, search
from chalicelib.pages.responses import Html, PageResponse
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.web.audience import Staff


@page("GET", "/o/{org}/search", who=Staff("read"))
def search_everything(visit: Visit) -> PageResponse:
    words = visit.call.query.get("q", "").strip()
    found = search.search(visit.org, words, now=visit.call.now)
    data = {"words": words, "found": found, "fewest": search.FEWEST_CHARACTERS, "invoice_link": links.invoice_link}
    return Html("search.html", data)
