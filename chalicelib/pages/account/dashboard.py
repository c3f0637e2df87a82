"""What customers have with an organisation, on one page; and what they change of themselves."""

from chalicelib.operations import links, mine, organisations
from chalicelib.pages import forms
from chalicelib.pages.account.joining import MOST_ROWS, rows_of, values_of
from chalicelib.pages.answers import Answer, Html, Redirect
from chalicelib.pages.declaring import Customer, Visit, page
from chalicelib.rules.customers import Customer as Known
from chalicelib.rules.drafts.profiles import ProfileChanges
from chalicelib.rules.refusals import ChangedMeanwhile, marked
from chalicelib.rules.sessions import next_start
from chalicelib.web.refusals import Invalid, status_of

ME = "/p/{org}/me"
PROFILE = ME + "/profile"
FIELDS = ("name", "phone")
TOLD = {"saved": marked("Saved.")}
NAMELESS = marked("Fill this in.")
OPEN = {"open", "paid", "refunded"}


@page("GET", ME, who=Customer())
def me(visit: Visit) -> Answer:
    now = visit.call.now
    bookings = mine.my_bookings([visit.me])
    coming = sorted((one for one in bookings if one.coming(now)), key=lambda one: next_start(one.session, now))
    data = {
        "customer": visit.me,
        "coming": coming,
        "earlier": [one for one in bookings if one not in coming],
        "offers": mine.my_invitations([visit.me], now=now),
        "places": mine.my_places([visit.me], now=now),
        "invoices": [view for view in mine.my_invoices([visit.me]) if view.status in OPEN],
        "elsewhere": _elsewhere(visit),
        "feed": links.calendar_feed(visit.me),
        "links": links,
        "told": TOLD.get(visit.call.query.get("done", ""), ""),
    }
    return Html("account/me.html", data)


@page("GET", PROFILE, who=Customer())
def profile(visit: Visit) -> Answer:
    return _form(visit, forms.blank(_values(visit.me)), 200)


@page("POST", PROFILE, who=Customer())
def edit_profile(visit: Visit) -> Answer:
    if "more" in visit.typed:
        return _form(visit, forms.blank(visit.typed), 200, more=1)
    try:
        values = values_of(visit.typed, FIELDS)
        draft = forms.read(ProfileChanges, values, {} if values["name"] else {"name": NAMELESS})
        whole = ProfileChanges(name=draft.name, phone=draft.phone, participants=draft.participants)
        mine.edit_profile(visit.me, whole, expected=_version(visit))
    except (Invalid, ChangedMeanwhile) as refusal:
        return _form(visit, forms.refused(visit.typed, refusal), status_of(refusal))
    return Redirect(f"/p/{visit.org}/me", {"done": "saved", "lang": visit.call.query.get("lang", "")})


def _form(visit: Visit, form: forms.Form, status: int, more: int = 0) -> Answer:
    data = {"customer": visit.me, "form": form, "rows": rows_of(form.values, more), "most": MOST_ROWS}
    return Html("account/profile.html", data, status)


def _values(customer: Known) -> dict[str, str]:
    rows = [{"name": one.name, "date_of_birth": one.date_of_birth} for one in customer.participants]
    version = {"version": str(customer.version)}
    return {"name": customer.name, "phone": customer.phone, **version, **forms.renumbered("participants", rows)}


def _version(visit: Visit) -> int:
    """Return the version that the form was opened at; one that was changed by hand is no version at all."""
    given = visit.typed.get("version", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0


def _elsewhere(visit: Visit) -> list[tuple[str, str]]:
    """Return (organisation, its name) of the others where they are a customer too."""
    others = [customer.org for customer in (visit.person.customers if visit.person else ()) if customer.org != visit.org]
    return [(org, organisations.read(org).name) for org in others]
