"""One customer: what is known, what they registered for, and every e-mail to them."""

from typing import Any

from chalicelib.operations import customers, messages, sessions
from chalicelib.operations.downloads import link_if_large
from chalicelib.pages.answers import Answer, Elsewhere, File, Html, Redirect
from chalicelib.pages.declaring import Staff, Visit, page
from chalicelib.rules.customers import Customer, CustomerMerged
from chalicelib.rules.organisations import Wishes

CUSTOMER = "/o/{org}/customers/{customer}"
LATEST = 100
TABS = {"": "Profile", "/messages": "Messages"}


@page("GET", CUSTOMER, who=Staff("viewer"))
def customer(visit: Visit) -> Answer:
    try:
        view = customers.read_customer(visit.org, visit["customer"])
    except CustomerMerged as merged:
        return Redirect(f"/o/{visit.org}/customers/{merged.customer}", {"done": "was-merged"})
    booked = {one.session for one in view.registrations}
    titles = {own: sessions.read_session(visit.org, own, now=visit.call.now).session for own in booked}
    groups = [group for group in customers.list_groups(visit.org) if group.id in view.customer.groups]
    return Html(
        "customers/customer.html",
        {**about(view.customer, view.wishes), "registrations": view.registrations, "sessions": titles, "groups": groups},
    )


@page("GET", CUSTOMER + "/messages", who=Staff("viewer"))
def customer_messages(visit: Visit) -> Answer:
    view = customers.read_customer(visit.org, visit["customer"])
    sent = messages.list_customer_messages(visit.org, visit["customer"], limit=LATEST)
    return Html("customers/messages.html", {**about(view.customer, view.wishes), "messages": sent.items, "more": sent.next is not None})


@page("GET", CUSTOMER + "/export", who=Staff("manager"))
def export_customer(visit: Visit) -> Answer:
    text = customers.export_customer(visit.org, visit["customer"])
    link = link_if_large(visit.org, text, customers.CUSTOMER_JSON)
    return Elsewhere(link) if link else File(text, "application/json", forever=False, name=customers.CUSTOMER_JSON)


def about(customer: Customer, wishes: Wishes) -> dict[str, Any]:
    """Return what customers/frame.html needs."""
    return {"customer": customer, "wishes": wishes, "tabs": TABS}
