"""Adding a registration by hand: an existing customer, found while one types, or a new one."""

from collections.abc import Mapping
from typing import Any

from chalicelib.operations import customers, discounts, registrations, sessions
from chalicelib.operations.sessions import SessionView
from chalicelib.pages import booking_form, extra_spots, forms
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.sessions import known_customers
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.clashes import Clash
from chalicelib.rules.customers import Customer
from chalicelib.rules.inputs.roster import AddInput
from chalicelib.rules.ledger import SessionFull
from chalicelib.web.audience import Staff
from chalicelib.web.refusals import status_of

ADD = "/o/{org}/sessions/{session}/add"
NEW_CUSTOMER = ("new_customer/name", "new_customer/email", "new_customer/phone")
FIELDS = ("customer", *NEW_CUSTOMER, "party_size", "discount_code", "billing/method")
YES = ("send_confirmation", "confirm_over_capacity", "confirm_age")
MORE = "more"
"""The button for another name."""
MOST_NAMES = 50
BLANK = {"billing/method": "later", "send_confirmation": "true"}


@page("GET", ADD, who=Staff("manage_roster"))
def add_form(visit: Visit) -> PageResponse:
    typed = _with_customer(BLANK, known_customers.chosen(visit))
    return Html("sessions/add.html", _about(visit, _session(visit), forms.blank(typed)))


@page("POST", ADD, who=Staff("manage_roster"))
def add(visit: Visit) -> PageResponse:
    view = _session(visit)
    if known_customers.is_search(visit) or MORE in visit.typed:
        return Html("sessions/add.html", _about(visit, view, _looked(visit)))
    try:
        addition = _addition(visit, view)
        if clashing := _clashing(visit, view, addition):
            return Html("sessions/add.html", {**_about(visit, view, forms.Form(visit.typed, key=visit.key)), "clashing": clashing})
        registrations.add(visit.org, view.session.id, addition, by=visit.by, key=visit.key, now=visit.call.now)
    except forms.REFUSED as refusal:
        return Html("sessions/add.html", _about(visit, view, booking_form.refused(visit.typed, refusal)), status_of(refusal))
    if visit.typed.get("another"):
        return Redirect(visit.path, {"done": "added"})
    return Redirect(f"/o/{visit.org}/sessions/{view.session.id}", {"done": "added"})


def _clashing(visit: Visit, view: SessionView, addition: AddInput) -> list[Clash]:
    """Return the other bookings at the same time, unless staff know of them."""
    if visit.typed.get("confirm_clash") == "true":
        return []
    known = customers.read_customer(visit.org, addition.customer).customer if addition.customer else None
    email = known.email if known else addition.new_customer.email if addition.new_customer else ""
    names = [one.name for one in addition.participants]
    return registrations.find_clashes(view.session, email, names, now=visit.call.now)


def _session(visit: Visit) -> SessionView:
    return sessions.read_session(visit.org, visit["session"], now=visit.call.now)


def _looked(visit: Visit) -> forms.Form:
    """Return the form as it was typed, with the customer whose button was pressed, or without one."""
    typed = dict(visit.typed)
    if known_customers.CHOOSE in typed:
        was = _customer(visit, typed.pop("customer", ""))
        typed = _with_customer(_without_ticks(typed, was), known_customers.chosen(visit))
    return forms.Form(typed, key=visit.typed.get("key", ""))


def _customer(visit: Visit, id: str) -> Customer | None:
    return customers.read_customer(visit.org, id).customer if id else None


def _without_ticks(typed: Mapping[str, str], was: Customer | None) -> dict[str, str]:
    """Return the fields without the ticked children of a customer who is not chosen any more."""
    children = [child.name for child in was.participants] if was else []
    others = [row for row in booking_form.participant_rows(typed) if row["name"] not in children]
    kept = {name: value for name, value in typed.items() if not name.startswith("participants/")}
    return {**kept, **forms.renumbered("participants", others)}


def _with_customer(typed: Mapping[str, str], customer: Customer | None) -> dict[str, str]:
    """Return the fields with a chosen customer: an only child is ticked, names that were typed stay, and a customer without children
    takes part unless somebody is named."""
    if customer is None:
        return dict(typed)
    named = booking_form.participant_rows(typed)
    children = len(customer.participants)
    kept = {name: value for name, value in typed.items() if not name.startswith("participants/")}
    only_child = {"participants/0/name": customer.participants[0].name} if children == 1 and not named else {}
    alone = {"participants/0/name": customer.name} if not children and not named else {}
    others = {f"participants/{children + index}/{part}": value for index, row in enumerate(named) for part, value in row.items()}
    return {**kept, **only_child, **alone, **others, "customer": customer.id}


def _addition(visit: Visit, view: SessionView) -> AddInput:
    """Return the registration from the form. Raises ValidationFailed."""
    values, faults = booking_form.values_of(visit.typed, view.session, by_staff=True)
    values = {name: value for name, value in values.items() if name not in {"email", "name"}}
    values |= {name: visit.typed.get(name, "").strip() for name in FIELDS}
    values |= {name: visit.typed[name] for name in YES if name in visit.typed}
    if values["customer"]:
        values |= dict.fromkeys(NEW_CUSTOMER, "")
    return forms.read(AddInput, values, faults)


def _about(visit: Visit, view: SessionView, form: forms.Form) -> dict[str, Any]:
    refusal, customer = form.refusal, _customer(visit, form.at("customer"))
    children = [child.name for child in customer.participants] if customer else []
    return {
        "form": form,
        "view": view,
        "session": view.session,
        "customer": customer,
        "children": children,
        "rows": _rows(form, children, more=MORE in visit.typed),
        "discounts": discounts.list_usable(visit.org, view.session, now=visit.call.now),
        "clashing": [],
        "births": booking_form.births_of(customer),
        "question": extra_spots.add(visit, refusal) if isinstance(refusal, SessionFull) else booking_form.age_question(visit, refusal),
        "confirms": "confirm_over_capacity" if isinstance(refusal, SessionFull) else "confirm_age",
        **known_customers.suggestions(visit, "new_customer/name", "new_customer/email", otherwise=visit.call.query.get("q", "")),
    }


def _rows(form: forms.Form, children: list[str], *, more: bool) -> int:
    """Return the number of fields for names beside the children that can be ticked."""
    named = [row["name"] for row in forms.rows(form.values, "participants", ("name",))]
    others = len([name for name in named if name not in children])
    return min(max(1, others) + more, MOST_NAMES)
