"""Sign-in, sign-out and password reset of customers, on the pages of their organisation."""

import secrets
from urllib.parse import parse_qsl, urlencode, urlsplit

from chalicelib.operations import auth, organisations
from chalicelib.pages import cookies, forms, sign_in_form, sign_in_steps, signed_in, unsaved_form
from chalicelib.pages.paths import safe
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.sign_in_steps import CodeStep
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.inputs.auth import ForgottenPasswordInput
from chalicelib.rules.limits import TooManyRequests
from chalicelib.rules.refusals import Refusal, ValidationFailed
from chalicelib.rules.translation import N_
from chalicelib.web.audience import Known, Public
from chalicelib.web.refusals import retry_after, status_of

NOTICES = {
    "activated": N_("Your account is ready. Sign in with your address and the password you chose."),
    "added": N_("This is part of your account now. Sign in with your address and your password."),
    "confirmed": N_("Your address is confirmed. Sign in with it and your password."),
    "password-set": N_("Your new password is set. Sign in with it."),
    "signed-out": N_("You are signed out."),
}
"""The notice above the form after an action, by the value of `done` in the URL."""


@page("GET", "/p/{org}/sign-in", who=Known())
def sign_in_page(visit: Visit) -> PageResponse:
    if visit.customer:
        return Redirect(_next(visit))
    return _form(visit, sign_in_form.blank(visit.call), 200)


@page("POST", "/p/{org}/sign-in", who=Public())
def sign_in(visit: Visit) -> PageResponse:
    """Sign in with the password or, for customers who are staff too and have a second factor, with the code in the second step."""
    onward, unsaved = _next(visit), unsaved_form.restored_form(visit.typed)
    try:
        account = sign_in_steps.signed_in(visit)
    except CodeStep as needed:
        return sign_in_steps.code_page(needed, organisation=organisations.read(visit.org), onward=onward, unsaved=unsaved)
    except sign_in_steps.REFUSED as refusal:
        return _form(visit, forms.refused(visit.typed, refusal), status_of(refusal))
    set_cookies = tuple(cookies.keep(account))
    if unsaved:
        return unsaved_form.resend_page(unsaved, onward, set_cookies, organisation=organisations.read(visit.org))
    return Redirect(onward, cookies=set_cookies)


@page("POST", "/p/{org}/sign-out", who=Public())
def sign_out(visit: Visit) -> PageResponse:
    query = {"done": "signed-out", "lang": visit.call.query.get("lang", "")}
    return Redirect(f"/p/{visit.org}/sign-in", query, tuple(signed_in.sign_out(visit.call)))


@page("GET", "/p/{org}/forgot", who=Public())
def forgot(visit: Visit) -> PageResponse:
    return _forgot(visit, forms.blank(), sent=False)


@page("POST", "/p/{org}/forgot", who=Public())
def ask_reset(visit: Visit) -> PageResponse:
    """Send a reset link. The answer does not reveal whether the address has an account."""
    try:
        draft, call = forms.read(ForgottenPasswordInput, {"email": visit.typed.get("email", "")}), visit.call
        auth.ask_reset(draft.email, nonce=secrets.token_hex(16), source=call.source, now=call.now, portal=visit.org)
    except (ValidationFailed, TooManyRequests) as refusal:
        return _forgot(visit, forms.refused(visit.typed, refusal), sent=False, refused=refusal)
    return _forgot(visit, forms.blank(visit.typed), sent=True)


def _form(visit: Visit, form: forms.Form, status: int) -> PageResponse:
    query = visit.call.query
    notice = NOTICES.get(query.get("done", ""), "")
    unsaved, onward = unsaved_form.restored_form(visit.typed), safe(query.get("next", ""))
    return sign_in_form.customer(organisations.read(visit.org), form, onward=onward, unsaved=unsaved, notice=notice, status=status)


def _forgot(visit: Visit, form: forms.Form, *, sent: bool, refused: Refusal | None = None) -> PageResponse:
    status, wait = (status_of(refused), retry_after(refused)) if refused else (200, None)
    return Html(
        "portal_account/forgot.html", {"organisation": organisations.read(visit.org), "form": form, "sent": sent}, status, wait=wait
    )


def _next(visit: Visit) -> str:
    """Return the requested redirect target if it is a page of this portal, else the dashboard; in the language chosen by hand."""
    wanted, lang = safe(visit.call.query.get("next", "")), visit.call.query.get("lang", "")
    target = wanted if wanted.startswith(f"/p/{visit.org}/") else f"/p/{visit.org}/me"
    if not lang or "lang" in dict(parse_qsl(urlsplit(target).query)):
        return target
    return f"{target}{'&' if '?' in target else '?'}{urlencode({'lang': lang})}"
