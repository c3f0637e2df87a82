"""The list of customers: search, portal status, group, and CSV export."""

from typing import get_args

from chalicelib.operations import customers, messages
from chalicelib.pages import downloads
from chalicelib.pages.pager import ListPage
from chalicelib.pages.responses import Html, PageResponse
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.customers import PortalStatus
from chalicelib.web.audience import Staff

CUSTOMERS = "/o/{org}/customers"
SHOWN = 100


@page("GET", CUSTOMERS, who=Staff("read"))
def list_customers(visit: Visit) -> PageResponse:
    filters = _filters(visit)
    list_page = ListPage(visit, filters)
    found = customers.list_customers(visit.org, **filters, limit=SHOWN, start=list_page.start)
    groups = customers.list_groups(visit.org)
    names = {group.id: group.name for group in groups}
    belongs = {one.id: [names[id] for id in one.groups if id in names] for one in found.items}
    data = {"customers": found.items, "pager": list_page.links(found.next), "groups": groups, "belongs": belongs, **filters}
    data["suppressions"] = messages.suppressions(visit.org, (one.email for one in found.items))
    return Html("customers/list.html", data)


@page("GET", CUSTOMERS + ".csv", who=Staff("read"))
def customers_csv(visit: Visit) -> PageResponse:
    """Download the customers whom the list shows."""
    found = customers.export_customers(visit.org, **_filters(visit), locale=visit.language, by=visit.by, now=visit.call.now)
    return downloads.exported(visit.org, found, customers.CUSTOMERS_CSV)


def _filters(visit: Visit) -> dict[str, str]:
    query = visit.call.query
    status = query.get("status", "")
    return {"q": query.get("q", ""), "status": status if status in get_args(PortalStatus) else "", "group": query.get("group", "")}
