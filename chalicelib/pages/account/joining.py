"""People register for the portal by themselves, and confirm their address."""

from collections.abc import Mapping
from typing import Any

from chalicelib.operations import access, links, organisations, registrations
from chalicelib.pages import forms, signing
from chalicelib.pages.account.over import unless_over
from chalicelib.pages.answers import Answer, Html, Redirect
from chalicelib.pages.declaring import Known, Public, Visit, page
from chalicelib.rules.drafts.accounts import JoiningDraft
from chalicelib.rules.refusals import NotFound
from chalicelib.web.refusals import Invalid

REGISTER = "/p/{org}/register"
PARTS = ("name", "date_of_birth")
ROWS = 2
MOST_ROWS = 50


@page("GET", REGISTER, who=Known())
def register(visit: Visit) -> Answer:
    if visit.customer:
        return Redirect(f"/p/{visit.org}/me")
    return _form(visit, forms.blank(_booked(visit)), 200)


@page("POST", REGISTER, who=Public())
def join(visit: Visit) -> Answer:
    if "more" in visit.typed:
        return _form(visit, forms.blank(visit.typed), 200, more=1)
    organisation = organisations.read(visit.org)
    try:
        draft = forms.read(JoiningDraft, values_of(visit.typed, ("name", "email")) | _passwords(visit.typed))
    except Invalid as refusal:
        return _form(visit, forms.refused(visit.typed, refusal), 422)
    access.join(visit.org, draft, locale=visit.locale(organisation), key=visit.key, now=visit.call.now)
    return Html("account/asked.html", {"organisation": organisation, "email": draft.email})


@page("GET", "/confirm/{token}", who=Public())
def confirmation(visit: Visit) -> Answer:
    """Show what the link confirms; opening it changes nothing."""
    return unless_over(links.confirming(visit["token"])[0], lambda: _confirmation(visit))


@page("POST", "/confirm/{token}", who=Public())
def confirm(visit: Visit) -> Answer:
    return unless_over(links.confirming(visit["token"])[0], lambda: _confirmed(visit))


def values_of(typed: Mapping[str, str], names: tuple[str, ...]) -> dict[str, Any]:
    """Return what was typed into these fields, and the participants who have a name or a date."""
    rows = [{part: row[part].strip() for part in PARTS} for row in forms.rows(typed, "participants", PARTS)]
    return {name: typed.get(name, "").strip() for name in names} | forms.renumbered("participants", rows)


def rows_of(values: Mapping[str, str], more: int = 0) -> int:
    """Return how many participants the form has room for."""
    filled = len(forms.rows(values, "participants", PARTS))
    return min(max(filled + more, ROWS), MOST_ROWS)


def _confirmation(visit: Visit) -> Answer:
    joining = access.joining_of(visit["token"], now=visit.call.now)
    data = {"organisation": organisations.read(joining.org), "joining": joining, "known": access.has_account(joining.email)}
    return Html("account/confirm.html", data)


def _confirmed(visit: Visit) -> Answer:
    known = access.has_account(access.joining_of(visit["token"], now=visit.call.now).email)
    customer = access.confirm(visit["token"], now=visit.call.now)
    query = {"done": "added" if known else "confirmed", "lang": visit.call.query.get("lang", "")}
    return Redirect(f"/p/{customer.org}/sign-in", query, tuple(signing.dropped(visit.call)))


def _passwords(typed: Mapping[str, str]) -> dict[str, str]:
    return {name: typed.get(name, "") for name in ("password", "password_confirmation")}


def _form(visit: Visit, form: forms.Form, status: int, more: int = 0) -> Answer:
    data = {"organisation": organisations.read(visit.org), "form": form, "rows": rows_of(form.values, more), "most": MOST_ROWS}
    return Html("account/register.html", data, status)


def _booked(visit: Visit) -> dict[str, str]:
    """Return who they are from the registration that they have just made without an account, if they come from there."""
    try:
        org, own = links.registered(visit.call.query.get("from", ""))
        found = registrations.read_registration(org, own)[0] if org == visit.org else None
    except NotFound:
        return {}
    if found is None:
        return {}
    named = forms.renumbered("participants", [{"name": name} for name in found.participants])
    return {"name": found.name, "email": found.email, **named}
