"""The portal's dashboard: registrations, invitations, invoices and profile on one page."""

from chalicelib.operations import links, organisations, portal_account
from chalicelib.pages import forms
from chalicelib.pages.portal_account.sign_up import MOST_ROWS, rows_of, values_of
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.customers import Customer
from chalicelib.rules.inputs.portal_account import ProfileChanges
from chalicelib.rules.refusals import ChangedMeanwhile, ValidationFailed
from chalicelib.rules.sessions import next_start
from chalicelib.rules.translation import N_
from chalicelib.web.audience import SignedInCustomer
from chalicelib.web.refusals import status_of

ME = "/p/{org}/me"
PROFILE = ME + "/profile"
FIELDS = ("name", "phone")
NOTICES = {
    "saved": N_("Saved."),
    "renewed": N_("Your calendar has a new address. Subscribe again where you want to see it; the old one no longer works."),
}
NAMELESS = N_("Please fill in this field.")
OPEN = {"open", "paid", "refunded"}


@page("GET", ME, who=SignedInCustomer())
def me(visit: Visit) -> PageResponse:
    now = visit.call.now
    bookings = portal_account.my_bookings([visit.me])
    coming = sorted((one for one in bookings if one.coming(now)), key=lambda one: next_start(one.session, now))
    data = {
        "customer": visit.me,
        "coming": coming,
        "earlier": [one for one in bookings if one not in coming],
        "offers": portal_account.my_invitations([visit.me], now=now),
        "places": portal_account.my_waitlist_entries([visit.me], now=now),
        "invoices": [view for view in portal_account.my_invoices([visit.me]) if view.status in OPEN],
        "elsewhere": _elsewhere(visit),
        "feed": links.calendar_feed(visit.me),
        "links": links,
        "notice": NOTICES.get(visit.call.query.get("done", ""), ""),
    }
    return Html("portal_account/me.html", data)


@page("POST", ME + "/calendar", who=SignedInCustomer())
def renew_feed(visit: Visit) -> PageResponse:
    portal_account.renew_feed(visit.me)
    return Redirect(f"/p/{visit.org}/me", {"done": "renewed", "lang": visit.call.query.get("lang", "")}, part="calendar")


@page("GET", PROFILE, who=SignedInCustomer())
def profile(visit: Visit) -> PageResponse:
    return _form(visit, forms.blank(_values(visit.me)), 200)


@page("POST", PROFILE, who=SignedInCustomer())
def edit_profile(visit: Visit) -> PageResponse:
    if "more" in visit.typed:
        return _form(visit, forms.blank(visit.typed), 200, more=1)
    try:
        values = values_of(visit.typed, FIELDS)
        draft = forms.read(ProfileChanges, values, {} if values["name"] else {"name": NAMELESS})
        whole = ProfileChanges(name=draft.name, phone=draft.phone, participants=draft.participants)
        portal_account.edit_profile(visit.me, whole, expected=forms.version(visit.typed))
    except (ValidationFailed, ChangedMeanwhile) as refusal:
        return _form(visit, forms.with_conflict(forms.refused(visit.typed, refusal), _values(visit.me)), status_of(refusal))
    return Redirect(f"/p/{visit.org}/me", {"done": "saved", "lang": visit.call.query.get("lang", "")})


def _form(visit: Visit, form: forms.Form, status: int, more: int = 0) -> PageResponse:
    data = {"customer": visit.me, "form": form, "rows": rows_of(form.values, more), "most": MOST_ROWS}
    return Html("portal_account/profile.html", data, status)


def _values(customer: Customer) -> dict[str, str]:
    rows = [{"name": one.name, "date_of_birth": one.date_of_birth} for one in customer.participants]
    version = {"version": str(customer.version)}
    return {"name": customer.name, "phone": customer.phone, **version, **forms.renumbered("participants", rows)}


def _elsewhere(visit: Visit) -> list[tuple[str, str]]:
    """Return the id and the name of each other organisation of which the person is a customer."""
    others = [customer.org for customer in (visit.person.customers if visit.person else ()) if customer.org != visit.org]
    return [(org, organisations.read(org).name) for org in others]
