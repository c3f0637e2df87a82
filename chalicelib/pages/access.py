"""Signing in and out, a new password, and signing up as staff."""

import secrets

from chalicelib.operations import access, links, organisations
from chalicelib.pages import cookies, forms, signing
from chalicelib.pages.account import activating
from chalicelib.pages.answers import Answer, Html, Redirect
from chalicelib.pages.declaring import Public, Visit, page
from chalicelib.pages.paths import safe
from chalicelib.rules.accounts import Person, SignedIn, TooManyAttempts, WrongPassword
from chalicelib.rules.drafts.accounts import ForgottenDraft, SignInDraft
from chalicelib.rules.organisations import Member
from chalicelib.rules.refusals import NotFound
from chalicelib.settings import settings
from chalicelib.web.refusals import Invalid, NotSignedIn, status_of


@page("GET", "/", who=Public())
def start(visit: Visit) -> Answer:
    """Let people sign in; who has signed in goes on to the organisation, or chooses one."""
    try:
        person, set_cookies = signing.person_of(visit.call)
    except NotSignedIn:
        return _sign_in(visit, forms.blank(), 200, tuple(signing.dropped(visit.call)))
    if (home := _home(person)) != "/" and not visit.call.query.get("choose"):
        return Redirect(home, cookies=tuple(set_cookies))
    names = {belongs.org: organisations.read(belongs.org).name for belongs in person.belongings}
    data = {"memberships": signing.active(person.memberships), "customers": person.customers, "names": names}
    return Html("access/choose.html", data, cookies=tuple(set_cookies))


@page("POST", "/", who=Public())
def sign_in(visit: Visit) -> Answer:
    try:
        signed_in = _signed_in(visit)
    except (Invalid, WrongPassword, TooManyAttempts) as refusal:
        return _sign_in(visit, forms.refused(visit.typed, refusal), status_of(refusal))
    return Redirect(safe(visit.call.query.get("next", "")) or _home(signed_in.person), cookies=tuple(cookies.keep(signed_in)))


@page("POST", "/sign-out", who=Public())
def sign_out(visit: Visit) -> Answer:
    _, refresh_token = cookies.kept(visit.call)
    if refresh_token:
        access.sign_out(refresh_token)
    return Redirect("/", {"done": "signed-out"}, tuple(cookies.drop()))


@page("GET", "/forgot", who=Public())
def forgot(_visit: Visit) -> Answer:
    return Html("access/forgot.html", {"form": forms.blank(), "asked": False})


@page("POST", "/forgot", who=Public())
def ask_reset(visit: Visit) -> Answer:
    """Answer the same, whether the address is known or not."""
    try:
        draft = forms.read(ForgottenDraft, {"email": visit.typed.get("email", "")})
    except Invalid as refusal:
        return Html("access/forgot.html", {"form": forms.refused(visit.typed, refusal), "asked": False}, 422)
    access.ask_reset(draft.email, nonce=secrets.token_hex(16), now=visit.call.now)
    return Html("access/forgot.html", {"form": forms.blank(visit.typed), "asked": True})


@page("GET", "/reset/{token}", who=Public())
def reset(visit: Visit) -> Answer:
    return activating.reset(access.reset_of(visit["token"], now=visit.call.now).portal, forms.blank())


@page("POST", "/reset/{token}", who=Public())
def set_password(visit: Visit) -> Answer:
    portal = access.reset_of(visit["token"], now=visit.call.now).portal
    try:
        access.reset_password(visit["token"], activating.new_password(visit), now=visit.call.now)
    except Invalid as refusal:
        return activating.reset(portal, forms.refused({}, refusal), 422)
    query = {"done": "password-set", "lang": visit.call.query.get("lang", "")}
    return Redirect(f"/p/{portal}/sign-in" if portal else "/", query, tuple(signing.dropped(visit.call)))


@page("GET", "/activate/{token}", who=Public())
def activation(visit: Visit) -> Answer:
    return _activation(visit, forms.blank(), 200) if _for_staff(visit) else activating.opened(visit)


@page("POST", "/activate/{token}", who=Public())
def activate(visit: Visit) -> Answer:
    if not _for_staff(visit):
        return activating.sent(visit)
    try:
        _activated(visit)
    except (Invalid, WrongPassword, TooManyAttempts) as refusal:
        return _activation(visit, forms.refused({}, refusal), status_of(refusal))
    return Redirect("/", {"done": "activated"}, tuple(signing.dropped(visit.call)))


def _for_staff(visit: Visit) -> bool:
    """Whether the link invites to the staff. One that does not may invite a customer, or nobody."""
    try:
        links.activating(visit["token"])
    except NotFound:
        return False
    return True


def _sign_in(visit: Visit, form: forms.Form, status: int, dropped: tuple[str, ...] = ()) -> Answer:
    data = {"form": form, "next": safe(visit.call.query.get("next", "")), "mailbox": settings().mailbox_url}
    return Html("access/sign_in.html", data, status, dropped)


def _signed_in(visit: Visit) -> SignedIn:
    draft = forms.read(SignInDraft, {name: visit.typed.get(name, "") for name in ("email", "password")})
    return access.sign_in(draft.email, draft.password, source=visit.call.source, now=visit.call.now)


def _home(person: Person) -> str:
    """Return where somebody goes on who belongs to one organisation in one way; everybody else chooses."""
    homes = [f"/o/{member.org}" for member in signing.active(person.memberships)] + [f"/p/{one.org}/me" for one in person.customers]
    return homes[0] if len(homes) == 1 else "/"


def _activation(visit: Visit, form: forms.Form, status: int) -> Answer:
    """Ask for a new password, or for the known one of an address that has an account."""
    invited = access.invitation_of(visit["token"], now=visit.call.now)
    data = {"form": form, "invited": invited, "known": access.has_account(invited.email)}
    return Html("access/activate.html", {**data, "organisation": organisations.read(invited.org)}, status)


def _activated(visit: Visit) -> Member:
    invited = access.invitation_of(visit["token"], now=visit.call.now)
    known = access.has_account(invited.email)
    password = visit.typed.get("password", "") if known else activating.new_password(visit)
    return access.activate_staff(visit["token"], password, source=visit.call.source, now=visit.call.now)
