"""Public sign-up for the portal, and confirmation of the address."""

from collections.abc import Mapping
from typing import Any

from chalicelib.operations import auth, links, organisations, registrations
from chalicelib.pages import cookies, forms, signed_in
from chalicelib.pages.portal_account.activate import new_password
from chalicelib.pages.portal_account.expired_link import unless_expired
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.auth import SignUp
from chalicelib.rules.inputs.auth import SignUpInput
from chalicelib.rules.limits import TooManyRequests
from chalicelib.rules.refusals import NotFound, ValidationFailed
from chalicelib.rules.translation import N_
from chalicelib.web.audience import Known, Public
from chalicelib.web.refusals import retry_after, status_of

REGISTER = "/p/{org}/register"
OTHER_PASSWORD = N_("This is not the password that was chosen at registration. Choose a new one.")
PARTS = ("name", "date_of_birth")
ROWS = 2
MOST_ROWS = 50


@page("GET", REGISTER, who=Known())
def registration_form(visit: Visit) -> PageResponse:
    if visit.customer:
        return Redirect(f"/p/{visit.org}/me", {"lang": visit.call.query.get("lang", "")})
    return _form(visit, forms.blank(_booked(visit)), 200)


@page("POST", REGISTER, who=Public())
def register(visit: Visit) -> PageResponse:
    if "more" in visit.typed:
        return _form(visit, forms.blank(visit.typed), 200, more=1)
    organisation = organisations.read_open(visit.org)
    try:
        draft, call = forms.read(SignUpInput, values_of(visit.typed, ("name", "email")) | _passwords(visit.typed)), visit.call
        token = auth.begin_sign_up(visit.org, draft, locale=visit.locale(organisation), key=visit.key, source=call.source, now=call.now)
    except (ValidationFailed, TooManyRequests) as refusal:
        return _form(visit, forms.refused(visit.typed, refusal), status_of(refusal), wait=retry_after(refusal))
    data = {"organisation": organisation, "email": draft.email}
    return Html("portal_account/asked.html", data, cookies=tuple(cookies.keep_sign_up(token)))


@page("GET", "/confirm/{token}", who=Public())
def confirmation(visit: Visit) -> PageResponse:
    """Show the address that the link confirms. Opening the page changes nothing."""
    return unless_expired(links.CONFIRMATION.read(visit["token"])[0], lambda: _confirmation(visit, forms.blank()))


@page("POST", "/confirm/{token}", who=Public())
def confirm(visit: Visit) -> PageResponse:
    return unless_expired(links.CONFIRMATION.read(visit["token"])[0], lambda: _confirm(visit))


def values_of(typed: Mapping[str, str], names: tuple[str, ...]) -> dict[str, Any]:
    """Return the values of the named fields, and the participants with a name or a date of birth."""
    rows = [{part: row[part].strip() for part in PARTS} for row in forms.rows(typed, "participants", PARTS)]
    return {name: typed.get(name, "").strip() for name in names} | forms.renumbered("participants", rows)


def rows_of(values: Mapping[str, str], more: int = 0) -> int:
    """Return the number of participant rows in the form: the filled ones and `more` blank ones, from ROWS to MOST_ROWS."""
    filled = len(forms.rows(values, "participants", PARTS))
    return min(max(filled + more, ROWS), MOST_ROWS)


def _confirmation(visit: Visit, form: forms.Form, status: int = 200, *, new: bool = False) -> PageResponse:
    """Ask for the password, unless the address has an account or this browser sent the sign-up; `new`: for a new one, typed twice."""
    sign_up = auth.pending_sign_up(visit["token"], now=visit.call.now)
    known = auth.has_account(sign_up.email)
    data = {
        "organisation": organisations.read(sign_up.org),
        "joining": sign_up,
        "known": known,
        "form": form,
        "new": new or "new" in visit.call.query,
        "proven": known or _typed_here(visit),
    }
    return Html("portal_account/confirm.html", data, status)


def _confirm(visit: Visit) -> PageResponse:
    sign_up = auth.pending_sign_up(visit["token"], now=visit.call.now)
    known = auth.has_account(sign_up.email)
    try:
        password = "" if known else _password(visit, sign_up)
        customer = auth.confirm(visit["token"], password=password, now=visit.call.now)
    except ValidationFailed as refusal:
        return _confirmation(visit, forms.refused({}, refusal), 422, new=True)
    query = {"done": "added" if known else "confirmed", "lang": visit.call.query.get("lang", "")}
    return Redirect(f"/p/{customer.org}/sign-in", query, (*signed_in.drop_cookies(visit.call), cookies.keep_address(customer.email)))


def _password(visit: Visit, sign_up: SignUp) -> str:
    """Return the password of the new account: a new one, or the one typed at sign-up. Raises ValidationFailed if neither was sent."""
    if "password_confirmation" in visit.typed:
        return new_password(visit)
    if _typed_here(visit):
        return auth.typed_password(sign_up)
    typed = visit.typed.get("password", "")
    if not auth.is_typed_password(sign_up, typed):
        raise ValidationFailed([("/password", "differs", OTHER_PASSWORD if typed else N_("Please fill in this field."))])
    return typed


def _typed_here(visit: Visit) -> bool:
    return auth.is_from_browser(visit["token"], cookies.sign_up_token(visit.call))


def _passwords(typed: Mapping[str, str]) -> dict[str, str]:
    return {name: typed.get(name, "") for name in ("password", "password_confirmation")}


def _form(visit: Visit, form: forms.Form, status: int, more: int = 0, wait: int | None = None) -> PageResponse:
    data = {"organisation": organisations.read_open(visit.org), "form": form, "rows": rows_of(form.values, more), "most": MOST_ROWS}
    return Html("portal_account/register.html", data, status, wait=wait)


def _booked(visit: Visit) -> dict[str, str]:
    """Return the fields prefilled from a registration just made without an account (`?from=` its link); none without a valid link."""
    try:
        token = visit.call.query.get("from", "")
        org, id = links.read_booking_token(token)
        found = links.check_booking_token(registrations.read_registration(org, id)[0], token) if org == visit.org else None
    except NotFound:
        return {}
    if found is None:
        return {}
    named = forms.renumbered("participants", [{"name": name} for name in found.participants])
    return {"name": found.name, "email": found.email, **named}
