"""Customers sign in and out on the pages of their organisation, and ask for a new password."""

import secrets

from chalicelib.operations import access, organisations
from chalicelib.pages import cookies, forms
from chalicelib.pages.answers import Answer, Html, Redirect
from chalicelib.pages.declaring import Known, Public, Visit, page
from chalicelib.pages.paths import safe
from chalicelib.rules.accounts import TooManyAttempts, WrongPassword
from chalicelib.rules.drafts.accounts import ForgottenDraft, SignInDraft
from chalicelib.rules.refusals import marked
from chalicelib.web.refusals import Invalid, status_of

TOLD = {
    "activated": marked("Your account is ready. Sign in with your address and the password you chose."),
    "added": marked("This is part of your account now. Sign in with your address and your password."),
    "confirmed": marked("Your address is confirmed. Sign in with it and your password."),
    "password-set": marked("Your new password is set. Sign in with it."),
    "signed-out": marked("You are signed out."),
}
"""What is said above the form about what was just done."""


@page("GET", "/p/{org}/sign-in", who=Known())
def sign_in(visit: Visit) -> Answer:
    if visit.customer:
        return Redirect(_next(visit))
    return _form(visit, forms.blank(), 200)


@page("POST", "/p/{org}/sign-in", who=Public())
def enter(visit: Visit) -> Answer:
    try:
        draft = forms.read(SignInDraft, {name: visit.typed.get(name, "") for name in ("email", "password")})
        signed_in = access.sign_in(draft.email, draft.password, source=visit.call.source, now=visit.call.now)
    except (Invalid, WrongPassword, TooManyAttempts) as refusal:
        return _form(visit, forms.refused(visit.typed, refusal), status_of(refusal))
    return Redirect(_next(visit), cookies=tuple(cookies.keep(signed_in)))


@page("POST", "/p/{org}/sign-out", who=Public())
def leave(visit: Visit) -> Answer:
    _, refresh_token = cookies.kept(visit.call)
    if refresh_token:
        access.sign_out(refresh_token)
    return Redirect(f"/p/{visit.org}/sign-in", {"done": "signed-out", "lang": visit.call.query.get("lang", "")}, tuple(cookies.drop()))


@page("GET", "/p/{org}/forgot", who=Public())
def forgot(visit: Visit) -> Answer:
    return _forgot(visit, forms.blank(), asked=False)


@page("POST", "/p/{org}/forgot", who=Public())
def ask_reset(visit: Visit) -> Answer:
    """Answer the same, whether the address is known or not."""
    try:
        draft = forms.read(ForgottenDraft, {"email": visit.typed.get("email", "")})
    except Invalid as refusal:
        return _forgot(visit, forms.refused(visit.typed, refusal), asked=False, status=422)
    access.ask_reset(draft.email, nonce=secrets.token_hex(16), now=visit.call.now, portal=visit.org)
    return _forgot(visit, forms.blank(visit.typed), asked=True)


def _form(visit: Visit, form: forms.Form, status: int) -> Answer:
    query = visit.call.query
    told = TOLD.get(query.get("done", ""), "")
    data = {"organisation": organisations.read(visit.org), "form": form, "next": safe(query.get("next", "")), "told": told}
    return Html("account/sign_in.html", data, status)


def _forgot(visit: Visit, form: forms.Form, *, asked: bool, status: int = 200) -> Answer:
    return Html("account/forgot.html", {"organisation": organisations.read(visit.org), "form": form, "asked": asked}, status)


def _next(visit: Visit) -> str:
    """Return where somebody wanted to go, if it is a page of this portal, else their own page."""
    wanted = safe(visit.call.query.get("next", ""))
    return wanted if wanted.startswith(f"/p/{visit.org}/") else f"/p/{visit.org}/me"
