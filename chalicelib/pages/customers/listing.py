"""Customers by name: sought, by portal status, by group; and as a file."""

from typing import Any, get_args

from chalicelib.operations import customers
from chalicelib.pages import downloads
from chalicelib.pages.answers import Answer, Html
from chalicelib.pages.declaring import Staff, Visit, page
from chalicelib.rules.customers import PortalStatus

CUSTOMERS = "/o/{org}/customers"
SHOWN = 100


@page("GET", CUSTOMERS, who=Staff("viewer"))
def list_customers(visit: Visit) -> Answer:
    asked = _asked(visit)
    found = customers.list_customers(visit.org, **asked, limit=SHOWN)
    groups = customers.list_groups(visit.org)
    names = {group.id: group.name for group in groups}
    belongs = {one.id: [names[own] for own in one.groups if own in names] for one in found.items}
    data = {"customers": found.items, "more": found.next is not None, "groups": groups, "belongs": belongs, **asked}
    return Html("customers/list.html", data)


@page("GET", CUSTOMERS + ".csv", who=Staff("viewer"))
def customers_csv(visit: Visit) -> Answer:
    return downloads.table(visit.org, customers.export_customers(visit.org), customers.CUSTOMERS_CSV)


def _asked(visit: Visit) -> dict[str, Any]:
    query = visit.call.query
    status = query.get("status", "")
    return {"q": query.get("q", ""), "status": status if status in get_args(PortalStatus) else "", "group": query.get("group", "")}
