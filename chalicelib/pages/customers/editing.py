"""The form of a customer: a new one, or one that is there."""

from typing import Any

from chalicelib.operations import customers
from chalicelib.pages import forms
from chalicelib.pages.answers import Answer, Html, Redirect
from chalicelib.pages.customers.listing import CUSTOMERS
from chalicelib.pages.customers.profile import CUSTOMER
from chalicelib.pages.declaring import Staff, Visit, page
from chalicelib.rules.customers import Customer, CustomerExists
from chalicelib.rules.drafts.customers import MOST_FIELDS, CustomerChanges, CustomerDraft
from chalicelib.rules.refusals import NotFound, Refusal, marked
from chalicelib.web.refusals import Invalid, status_of
from chalicelib.web.validation import read_values

TYPED = ("name", "email", "phone")
CHILD = ("name", "date_of_birth")
FIELD = ("name", "value")
EDITED = {*TYPED, "participants", "groups", "fields"}
GROUP = "groups/"
MOST_PARTICIPANTS = 50
BLANK_ROWS = 2
TWICE = ("same_name_twice", marked("Two fields have the same name; capital and small letters do not count."))


@page("GET", CUSTOMERS + "/new", who=Staff("manager"))
def new_customer(visit: Visit) -> Answer:
    chosen = visit.call.query.get("group", "")
    return _form(visit, forms.blank({f"{GROUP}{chosen}": "true"} if chosen else {}))


@page("POST", CUSTOMERS + "/new", who=Staff("manager"))
def create_customer(visit: Visit) -> Answer:
    if visit.typed.get("more"):
        return _more(visit)
    try:
        made = customers.create_customer(visit.org, _draft(visit), by=visit.by, key=visit.key, now=visit.call.now)
    except Refusal as refusal:
        return _form(visit, _refused(visit, refusal))
    return Redirect(f"/o/{visit.org}/customers/{made.id}", {"done": "saved"})


@page("GET", CUSTOMER + "/edit", who=Staff("manager"))
def customer_form(visit: Visit) -> Answer:
    found = customers.read_customer(visit.org, visit["customer"]).customer
    return _form(visit, forms.blank(_filled(found)), found)


@page("POST", CUSTOMER + "/edit", who=Staff("manager"))
def edit_customer(visit: Visit) -> Answer:
    found = customers.read_customer(visit.org, visit["customer"]).customer
    if visit.typed.get("more"):
        return _more(visit, found)
    try:
        changes = CustomerChanges.model_construct(_fields_set=EDITED, **{name: getattr(_draft(visit), name) for name in EDITED})
        customers.edit_customer(visit.org, found.id, changes, expected=_version(visit))
    except NotFound:
        raise
    except Refusal as refusal:
        return _form(visit, _refused(visit, refusal), found)
    return Redirect(f"/o/{visit.org}/customers/{found.id}", {"done": "saved"})


def _draft(visit: Visit) -> CustomerDraft:
    """Return the customer that the form describes. Raises Invalid."""
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
        draft = read_values(CustomerDraft, {name: value for name, value in values.items() if value != ""})
    except Invalid as invalid:
        faults += invalid.faults
    if faults:
        raise Invalid(faults)
    return draft


def _refused(visit: Visit, refusal: Refusal) -> forms.Form:
    """Return the form as it was sent, what is wrong with a field beside its name, with all of them beside the first."""
    rows = forms.rows(visit.typed, "fields", FIELD)
    places = {"fields": "fields/0/name", **{f"fields/{row['name'].strip()}": f"fields/{number}/value" for number, row in enumerate(rows)}}
    form = forms.refused(visit.typed, refusal)
    faults = {places.get(name.removesuffix("/[key]"), name): sentence for name, sentence in form.faults.items()}
    if isinstance(refusal, CustomerExists):
        faults["email"] = refusal.sentence
    return forms.Form(form.values, faults, refusal, form.key)


def _version(visit: Visit) -> int | None:
    typed = visit.typed.get("version", "")
    return int(typed) if typed.isdigit() else None


def _more(visit: Visit, found: Customer | None = None) -> Answer:
    """Return the form as it was typed, with room for more rows."""
    return _form(visit, forms.Form(visit.typed, key=visit.typed.get("key", "")), found, more=visit.typed["more"])


def _filled(found: Customer) -> dict[str, str]:
    children = [{"name": one.name, "date_of_birth": one.date_of_birth} for one in found.participants]
    fields = [{"name": name, "value": value} for name, value in found.fields]
    return {
        **{name: getattr(found, name) for name in TYPED},
        **forms.renumbered("participants", children),
        **forms.renumbered("fields", fields),
        **{f"{GROUP}{own}": "true" for own in found.groups},
        "version": str(found.version),
    }


def _form(visit: Visit, form: forms.Form, found: Customer | None = None, *, more: str = "") -> Answer:
    children, fields = forms.rows(form.values, "participants", CHILD), forms.rows(form.values, "fields", FIELD)
    others = {name: value for name, value in form.values.items() if not name.startswith(("participants/", "fields/"))}
    values = {**others, **forms.renumbered("participants", children), **forms.renumbered("fields", fields)}
    data = {
        "form": forms.Form(values, form.faults, form.refusal, form.key),
        "customer": found,
        "groups": customers.list_groups(visit.org),
        "children": min(MOST_PARTICIPANTS, len(children) + (BLANK_ROWS if more == "participants" else 1)),
        "fields": min(MOST_FIELDS, len(fields) + (BLANK_ROWS if more == "fields" else 1)),
        "in_the_way": form.refusal.customer if isinstance(form.refusal, CustomerExists) else "",
    }
    return Html("customers/form.html", data, status_of(form.refusal) if form.refusal else 200)
