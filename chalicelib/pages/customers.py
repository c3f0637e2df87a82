"""The people whom the organisation knows: found by name or address, each with what they registered for."""

from chalicelib.operations import customers, sessions
from chalicelib.pages import forms
from chalicelib.pages.answers import Answer, Html, Redirect
from chalicelib.pages.declaring import Staff, Visit, page
from chalicelib.rules.customers import CustomerExists
from chalicelib.rules.drafts.customers import CustomerDraft
from chalicelib.rules.refusals import Refusal
from chalicelib.web.refusals import status_of

CUSTOMERS = "/o/{org}/customers"
SHOWN = 100
FIELDS = ("name", "email", "phone")


@page("GET", CUSTOMERS, who=Staff("viewer"))
def list_customers(visit: Visit) -> Answer:
    wanted = visit.call.query.get("q", "")
    found = customers.list_customers(visit.org, q=wanted, limit=SHOWN)
    return Html("customers/list.html", {"customers": found.items, "more": found.next is not None, "q": wanted})


@page("GET", CUSTOMERS + "/new", who=Staff("manager"))
def new_customer(_visit: Visit) -> Answer:
    return Html("customers/new.html", {"form": forms.blank(), "in_the_way": ""})


@page("POST", CUSTOMERS + "/new", who=Staff("manager"))
def create_customer(visit: Visit) -> Answer:
    try:
        draft = forms.read(CustomerDraft, {name: visit.typed.get(name, "").strip() for name in FIELDS})
        customer = customers.create_customer(visit.org, draft, by=visit.by, key=visit.key, now=visit.call.now)
    except Refusal as refusal:
        in_the_way = refusal.customer if isinstance(refusal, CustomerExists) else ""
        data = {"form": forms.refused(visit.typed, refusal), "in_the_way": in_the_way}
        return Html("customers/new.html", data, status_of(refusal))
    return Redirect(f"/o/{visit.org}/customers/{customer.id}", {"done": "saved"})


@page("GET", CUSTOMERS + "/{customer}", who=Staff("viewer"))
def customer(visit: Visit) -> Answer:
    found, registrations, _ = customers.read_customer(visit.org, visit["customer"])
    booked = {one.session for one in registrations}
    titles = {own: sessions.read_session(visit.org, own, now=visit.call.now).session for own in booked}
    return Html("customers/customer.html", {"customer": found, "registrations": registrations, "sessions": titles})
