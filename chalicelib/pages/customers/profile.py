"""One customer: profile, registrations, and every e-mail to them."""

from typing import Any

from chalicelib.operations import attendance, customers, messages, portal_invitations, sessions
from chalicelib.operations.downloads import link_if_large
from chalicelib.pages.pager import ListPage
from chalicelib.pages.responses import ExternalRedirect, File, Html, PageResponse, Redirect
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.customers import Customer, CustomerMerged
from chalicelib.rules.organisations import EmailPreferences
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.translation import N_
from chalicelib.web.audience import Staff

CUSTOMER = "/o/{org}/customers/{customer}"
LATEST = 100
ON_ITS_WAY = {"queued", "sending", "sent", "delivered"}
TABS = {"": N_("Profile"), "/messages": N_("Messages")}


@page("GET", CUSTOMER, who=Staff("read"))
def customer(visit: Visit) -> PageResponse:
    try:
        view = customers.read_customer(visit.org, visit["customer"])
    except CustomerMerged as merged:
        return Redirect(f"/o/{visit.org}/customers/{merged.customer}", {"done": "was-merged"})
    booked = {one.session for one in view.registrations}
    titles = {id: sessions.read_session(visit.org, id, now=visit.call.now).session for id in booked}
    groups = [group for group in customers.list_groups(visit.org) if group.id in view.customer.groups]
    return Html(
        "customers/customer.html",
        {**customer_data(view.customer, view.email_preferences), "registrations": view.registrations, "sessions": titles, "groups": groups}
        | {"inviting": _inviting(visit, view)}
        | {"attended": attendance.count_dates(visit.org, view.registrations, titles, now=visit.call.now)},
    )


def _inviting(visit: Visit, view: customers.CustomerView) -> bool:
    """Whether the portal invitation of the job in the address is on its way, while the customer's row does not show it yet."""
    job, wants = visit.call.query.get("job", ""), view.email_preferences
    if view.customer.status != "added" or wants.suppressed or wants.unsubscribed:
        return False
    try:
        recipients = portal_invitations.list_progress(visit.org, job, limit=1).items if job else []
    except NotFound:
        return False
    mine = [one for one in recipients if one.id == visit["customer"] and not one.left_out]
    return any(one.message is None or one.message.state in ON_ITS_WAY for one in mine)


@page("GET", CUSTOMER + "/messages", who=Staff("read"))
def customer_messages(visit: Visit) -> PageResponse:
    view = customers.read_customer(visit.org, visit["customer"])
    list_page = ListPage(visit, {})
    sent = messages.list_customer_messages(visit.org, visit["customer"], limit=LATEST, start=list_page.start)
    return Html(
        "customers/messages.html",
        {**customer_data(view.customer, view.email_preferences), "messages": sent.items, "pager": list_page.links(sent.next)},
    )


@page("POST", CUSTOMER + "/reachable", who=Staff("manage_customers"))
def lift_suppression(visit: Visit) -> PageResponse:
    """Send e-mails to a customer again whose address had bounced."""
    customers.lift_suppression(visit.org, visit["customer"], now=visit.call.now)
    return Redirect(f"/o/{visit.org}/customers/{visit['customer']}", {"done": "reachable"})


@page("GET", CUSTOMER + "/export", who=Staff("manage_customers"))
def export_customer(visit: Visit) -> PageResponse:
    text = customers.export_customer(visit.org, visit["customer"], now=visit.call.now)
    link = link_if_large(visit.org, text, customers.CUSTOMER_JSON)
    return ExternalRedirect(link) if link else File(text, "application/json", forever=False, name=customers.CUSTOMER_JSON)


def customer_data(customer: Customer, preferences: EmailPreferences) -> dict[str, Any]:
    """Return the data of customers/frame.html."""
    return {"customer": customer, "preferences": preferences, "tabs": TABS}
