"""The form of a new or existing customer."""

from dataclasses import replace
from typing import Any

from chalicelib.operations import corrections, customers
from chalicelib.pages import forms
from chalicelib.pages.customers.list import CUSTOMERS
from chalicelib.pages.customers.profile import CUSTOMER
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.customers import Customer, CustomerExists
from chalicelib.rules.inputs.customers import MOST_FIELDS, CustomerChanges, CustomerInput
from chalicelib.rules.refusals import Refusal, ValidationFailed
from chalicelib.rules.translation import N_
from chalicelib.web.audience import Staff
from chalicelib.web.refusals import status_of
from chalicelib.web.validation import read_values

TYPED = ("name", "email", "phone")
CHILD = ("name", "date_of_birth")
FIELD = ("name", "value")
EDITED = {*TYPED, "participants", "groups", "fields"}
GROUP = "groups/"
WITH_BOOKINGS = "bookings_follow"
MOST_PARTICIPANTS = 50
BLANK_ROWS = 2
TWICE = ("same_name_twice", N_("Two fields have the same name; capital and small letters do not count."))


@page("GET", CUSTOMERS + "/new", who=Staff("manage_customers"))
def new_customer(visit: Visit) -> PageResponse:
    chosen = visit.call.query.get("group", "")
    return _form(visit, forms.blank({f"{GROUP}{chosen}": "true"} if chosen else {}))


@page("POST", CUSTOMERS + "/new", who=Staff("manage_customers"))
def create_customer(visit: Visit) -> PageResponse:
    if visit.typed.get("more"):
        return _more(visit)
    try:
        made = customers.create_customer(visit.org, _draft(visit), by=visit.by, key=visit.key, now=visit.call.now)
    except Refusal as refusal:
        return _form(visit, _refused(visit, refusal))
    return Redirect(f"/o/{visit.org}/customers/{made.id}", {"done": "saved"})


@page("GET", CUSTOMER + "/edit", who=Staff("manage_customers"))
def customer_form(visit: Visit) -> PageResponse:
    found = customers.read_customer(visit.org, visit["customer"]).customer
    return _form(visit, forms.blank({**_filled(found), WITH_BOOKINGS: "true"}), found)


@page("POST", CUSTOMER + "/edit", who=Staff("manage_customers"))
def edit_customer(visit: Visit) -> PageResponse:
    found = customers.read_customer(visit.org, visit["customer"]).customer
    if visit.typed.get("more"):
        return _more(visit, found)
    try:
        draft, with_bookings = _draft(visit), visit.typed.get(WITH_BOOKINGS) == "true"
        values = {name: getattr(draft, name) for name in EDITED}
        changes = CustomerChanges.model_construct(_fields_set=EDITED, **values, bookings_follow=with_bookings)
        expected = forms.version(visit.typed)
        corrections.edit_customer(visit.org, found.id, changes, expected=expected, by=visit.by, now=visit.call.now)
    except forms.REFUSED as refusal:
        return _form(visit, forms.with_conflict(_refused(visit, refusal), _filled(found)), found)
    return Redirect(f"/o/{visit.org}/customers/{found.id}", {"done": "saved"})


def _draft(visit: Visit) -> CustomerInput:
    """Return the customer from the form. Raises ValidationFailed, also when two fields have the same name."""
    fields = forms.rows(visit.typed, "fields", FIELD)
    values: dict[str, Any] = {
        **{name: visit.typed.get(name, "").strip() for name in TYPED},
        "participants": [{name: value for name, value in row.items() if value} for row in forms.rows(visit.typed, "participants", CHILD)],
        "groups": [name.removeprefix(GROUP) for name in visit.typed if name.startswith(GROUP)],
        "fields": {row["name"].strip(): row["value"] for row in fields},
        **({"invite": True} if visit.typed.get("invite") else {}),
    }
    faults = [] if len(values["fields"]) == len(fields) else [("/fields", *TWICE)]
    try:
        draft = read_values(CustomerInput, {name: value for name, value in values.items() if value != ""})
    except ValidationFailed as invalid:
        faults += invalid.faults
    if faults:
        raise ValidationFailed(faults)
    return draft


def _refused(visit: Visit, refusal: Refusal) -> forms.Form:
    """Return the submitted form, with each fault at its field.

    A fault of one additional field is shown at its value, and a fault of all of them at the first one's name.
    """
    rows = forms.rows(visit.typed, "fields", FIELD)
    fields = {"fields": "fields/0/name", **{f"fields/{row['name'].strip()}": f"fields/{number}/value" for number, row in enumerate(rows)}}
    form = forms.refused(visit.typed, refusal)
    faults = {fields.get(name.removesuffix("/[key]"), name): sentence for name, sentence in form.faults.items()}
    if isinstance(refusal, CustomerExists):
        faults["email"] = refusal.filled
    return forms.Form(form.values, faults, refusal, form.key)


def _more(visit: Visit, found: Customer | None = None) -> PageResponse:
    """Return the unsaved form with more blank rows in the group that the button names."""
    return _form(visit, forms.Form(visit.typed, key=visit.typed.get("key", "")), found, more=visit.typed["more"])


def _filled(found: Customer) -> dict[str, str]:
    children = [{"name": one.name, "date_of_birth": one.date_of_birth} for one in found.participants]
    fields = [{"name": name, "value": value} for name, value in found.fields]
    return {
        **{name: getattr(found, name) for name in TYPED},
        **forms.renumbered("participants", children),
        **forms.renumbered("fields", fields),
        **{f"{GROUP}{id}": "true" for id in found.groups},
        "version": str(found.version),
    }


def _form(visit: Visit, form: forms.Form, found: Customer | None = None, *, more: str = "") -> PageResponse:
    children, fields = forms.rows(form.values, "participants", CHILD), forms.rows(form.values, "fields", FIELD)
    others = {name: value for name, value in form.values.items() if not name.startswith(("participants/", "fields/"))}
    values = {**others, **forms.renumbered("participants", children), **forms.renumbered("fields", fields)}
    data = {
        "form": replace(form, values=values),
        "customer": found,
        "groups": customers.list_groups(visit.org),
        "bookings": corrections.count_bookings(visit.org, found.email, now=visit.call.now) if found else 0,
        "children": min(MOST_PARTICIPANTS, len(children) + (BLANK_ROWS if more == "participants" else 1)),
        "fields": min(MOST_FIELDS, len(fields) + (BLANK_ROWS if more == "fields" else 1)),
        "in_the_way": form.refusal.customer if isinstance(form.refusal, CustomerExists) else "",
    }
    return Html("customers/form.html", data, status_of(form.refusal) if form.refusal else 200)
