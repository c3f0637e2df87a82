"""Adding somebody to the roster by hand: a customer who is known, found as one types, or a new one; with all that a booking has."""

from typing import Any

from chalicelib.operations import customers, registrations, sessions
from chalicelib.operations.sessions import SessionView
from chalicelib.pages import booking, forms
from chalicelib.pages.answers import Answer, Html, Redirect
from chalicelib.pages.declaring import Staff, Visit, page
from chalicelib.rules.customers import Customer
from chalicelib.rules.drafts.rosters import Addition
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.refusals import NotFound, Refusal
from chalicelib.web.refusals import status_of

ADD = "/o/{org}/sessions/{session}/add"
SUGGESTED = 8
FIELDS = ("customer", "new_customer/name", "new_customer/email", "new_customer/phone", "party_size", "billing/method")
YES = ("send_confirmation", "confirm_over_capacity")


@page("GET", ADD, who=Staff("manager"))
def add_form(visit: Visit) -> Answer:
    return Html("sessions/add.html", _about(visit, _session(visit), forms.blank(_filled_in(visit))))


@page("POST", ADD, who=Staff("manager"))
def add(visit: Visit) -> Answer:
    view = _session(visit)
    try:
        registrations.add(visit.org, view.session.id, _addition(visit, view), by=visit.by, key=visit.key, now=visit.call.now)
    except NotFound:
        raise
    except Refusal as refusal:
        return Html("sessions/add.html", _about(visit, view, booking.refused(visit.typed, refusal)), status_of(refusal))
    if visit.typed.get("another"):
        return Redirect(visit.path, {"done": "added"})
    return Redirect(f"/o/{visit.org}/sessions/{view.session.id}", {"done": "added"})


def _session(visit: Visit) -> SessionView:
    return sessions.read_session(visit.org, visit["session"], now=visit.call.now)


def _filled_in(visit: Visit) -> dict[str, str]:
    """Return the fields that follow from the customer who was chosen: who, and their participants."""
    chosen = visit.call.query.get("customer", "")
    if not chosen:
        return {}
    customer = customers.read_customer(visit.org, chosen).customer
    names = [participant.name for participant in customer.participants] or [customer.name]
    return {"customer": customer.id, **{f"participants/{number}/name": name for number, name in enumerate(names)}}


def _addition(visit: Visit, view: SessionView) -> Addition:
    """Return what was typed. Raises Invalid."""
    values, faults = booking.values_of(visit.typed, view.session)
    values = {name: value for name, value in values.items() if name not in {"email", "name"}}
    values |= {name: visit.typed.get(name, "").strip() for name in FIELDS}
    values |= {name: visit.typed[name] for name in YES if name in visit.typed}
    if values["customer"]:
        values |= {name: "" for name in FIELDS if name.startswith("new_customer")}
    return forms.read(Addition, values, faults)


def _about(visit: Visit, view: SessionView, form: forms.Form) -> dict[str, Any]:
    refusal = form.refusal
    return {
        "form": form,
        "view": view,
        "session": view.session,
        "customer": _chosen(visit, form),
        "q": visit.call.query.get("q", ""),
        "found": _suggested(visit),
        "rows": max(2, 1 + len(forms.rows(form.values, "participants", ("name",)))),
        "question": _question(refusal) if isinstance(refusal, SessionFull) else "",
    }


def _chosen(visit: Visit, form: forms.Form) -> Customer | None:
    return customers.read_customer(visit.org, form.at("customer")).customer if form.at("customer") else None


def _suggested(visit: Visit) -> list[Customer]:
    wanted = visit.call.query.get("q", "").strip()
    return customers.list_customers(visit.org, q=wanted, limit=SUGGESTED).items if wanted else []


def _question(full: SessionFull) -> str:
    """Return what is asked before a full session grows."""
    spots = "1 extra spot" if full.wanted == 1 else f"{full.wanted} extra spots"
    return f"{full.sentence % full.data()} Add them anyway? The session then has {spots} for as long as this registration stands."
