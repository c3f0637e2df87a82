"""Sign-in, sign-out, password reset, and sign-up of staff."""

import secrets

from chalicelib.operations import auth, links, organisations
from chalicelib.pages import cookies, forms, sign_in_form, sign_in_steps, signed_in, unsaved_form
from chalicelib.pages.paths import safe
from chalicelib.pages.portal_account import activate as portal_activate
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.sign_in_steps import CodeStep
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.auth import Account, TooManyAttempts, WrongPassword
from chalicelib.rules.inputs.auth import ForgottenPasswordInput
from chalicelib.rules.limits import TooManyRequests
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.refusals import NotFound, ValidationFailed
from chalicelib.web.audience import Public
from chalicelib.web.refusals import NotSignedIn, retry_after, status_of


@page("GET", "/", who=Public())
def start(visit: Visit) -> PageResponse:
    """Show the sign-in form. A signed-in user is redirected to their organisation, or chooses one of several."""
    try:
        person, set_cookies = signed_in.person_of(visit.call)
    except NotSignedIn:
        return _sign_in(visit, sign_in_form.blank(visit.call), 200, tuple(signed_in.drop_cookies(visit.call)))
    if (home := _home(person)) != "/" and not visit.call.query.get("choose"):
        return Redirect(home, cookies=tuple(set_cookies))
    names = {belongs.org: organisations.read(belongs.org).name for belongs in person.belongings}
    data = {"memberships": signed_in.active(person.memberships), "customers": person.customers, "names": names}
    return Html("auth/choose.html", data, cookies=tuple(set_cookies))


@page("POST", "/", who=Public())
def sign_in(visit: Visit) -> PageResponse:
    """Sign in with the password or, in the second step, with the code."""
    onward, unsaved = safe(visit.call.query.get("next", "")), unsaved_form.restored_form(visit.typed)
    try:
        account = sign_in_steps.signed_in(visit)
    except CodeStep as needed:
        return sign_in_steps.code_page(needed, onward=onward, unsaved=unsaved)
    except sign_in_steps.REFUSED as refusal:
        return _sign_in(visit, forms.refused(visit.typed, refusal), status_of(refusal))
    onward, set_cookies = onward or _home(account.person), tuple(cookies.keep(account))
    if unsaved:
        return unsaved_form.resend_page(unsaved, onward, set_cookies)
    return Redirect(onward, cookies=set_cookies)


@page("POST", "/sign-out", who=Public())
def sign_out(visit: Visit) -> PageResponse:
    return Redirect("/", {"done": "signed-out"}, tuple(signed_in.sign_out(visit.call)))


@page("GET", "/forgot", who=Public())
def forgot(_visit: Visit) -> PageResponse:
    return Html("auth/forgot.html", {"form": forms.blank(), "sent": False})


@page("POST", "/forgot", who=Public())
def ask_reset(visit: Visit) -> PageResponse:
    """Send a reset link. The answer does not reveal whether the address has an account."""
    try:
        draft = forms.read(ForgottenPasswordInput, {"email": visit.typed.get("email", "")})
        auth.ask_reset(draft.email, nonce=secrets.token_hex(16), source=visit.call.source, now=visit.call.now)
    except (ValidationFailed, TooManyRequests) as refusal:
        form = forms.refused(visit.typed, refusal)
        return Html("auth/forgot.html", {"form": form, "sent": False}, status_of(refusal), wait=retry_after(refusal))
    return Html("auth/forgot.html", {"form": forms.blank(visit.typed), "sent": True})


@page("GET", "/reset/{token}", who=Public())
def reset(visit: Visit) -> PageResponse:
    return portal_activate.reset(auth.reset_of(visit["token"], now=visit.call.now).portal, forms.blank())


@page("POST", "/reset/{token}", who=Public())
def set_password(visit: Visit) -> PageResponse:
    found = auth.reset_of(visit["token"], now=visit.call.now)
    try:
        auth.reset_password(visit["token"], portal_activate.new_password(visit), now=visit.call.now)
    except ValidationFailed as refusal:
        return portal_activate.reset(found.portal, forms.refused({}, refusal), 422)
    query = {"done": "password-set", "lang": visit.call.query.get("lang", "")}
    set_cookies = (*signed_in.drop_cookies(visit.call), cookies.keep_address(found.email))
    return Redirect(f"/p/{found.portal}/sign-in" if found.portal else "/", query, set_cookies)


@page("GET", "/activate/{token}", who=Public())
def activation(visit: Visit) -> PageResponse:
    return _activation(visit, forms.blank(), 200) if _for_staff(visit) else portal_activate.activation(visit)


@page("POST", "/activate/{token}", who=Public())
def activate(visit: Visit) -> PageResponse:
    if not _for_staff(visit):
        return portal_activate.activate(visit)
    try:
        member = _activated(visit)
    except (ValidationFailed, WrongPassword, TooManyAttempts) as refusal:
        return _activation(visit, forms.refused({}, refusal), status_of(refusal))
    return Redirect("/", {"done": "activated"}, (*signed_in.drop_cookies(visit.call), cookies.keep_address(member.email)))


def _for_staff(visit: Visit) -> bool:
    """Whether the link is a staff invitation. Any other link is treated as a portal invitation, which checks it."""
    try:
        links.read_staff_activation_token(visit["token"])
    except NotFound:
        return False
    return True


def _sign_in(visit: Visit, form: forms.Form, status: int, dropped: tuple[str, ...] = ()) -> PageResponse:
    onward = safe(visit.call.query.get("next", ""))
    return sign_in_form.staff(form, onward=onward, unsaved=unsaved_form.restored_form(visit.typed), status=status, cookies=dropped)


def _home(person: Account) -> str:
    """Return the start page of a user with exactly one membership or customer account, and `/` for all others, who choose there."""
    homes = [f"/o/{member.org}" for member in signed_in.active(person.memberships)] + [f"/p/{one.org}/me" for one in person.customers]
    return homes[0] if len(homes) == 1 else "/"


def _activation(visit: Visit, form: forms.Form, status: int) -> PageResponse:
    """Ask for a new password, or for the current one if the address has an account."""
    invited = auth.invitation_of(visit["token"], now=visit.call.now)
    data = {"form": form, "invited": invited, "known": auth.has_account(invited.email)}
    return Html("auth/activate.html", {**data, "organisation": organisations.read(invited.org)}, status)


def _activated(visit: Visit) -> StaffMember:
    invited = auth.invitation_of(visit["token"], now=visit.call.now)
    known = auth.has_account(invited.email)
    password = visit.typed.get("password", "") if known else portal_activate.new_password(visit)
    return auth.activate_staff(visit["token"], password, source=visit.call.source, now=visit.call.now)
