"""The second factor of a member of staff: a code of an authenticator app after the password."""

from chalicelib.operations.auth import second_factor
from chalicelib.operations.auth.second_factor import AuthenticatorKey
from chalicelib.pages import forms, signed_in
from chalicelib.pages.qr_code import qr_code
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.sign_in_steps import code_refused
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.inputs.auth import CodeInput, PasswordInput
from chalicelib.rules.refusals import Refusal
from chalicelib.web.audience import Staff
from chalicelib.web.refusals import retry_after, status_of

SECOND_FACTOR = "/o/{org}/second-factor"


@page("GET", SECOND_FACTOR, who=Staff("read_led"))
def show(visit: Visit) -> PageResponse:
    return _page(visit, forms.blank())


@page("POST", SECOND_FACTOR, who=Staff("read_led"))
def begin(visit: Visit) -> PageResponse:
    """Show a new key, after the password."""
    token, set_cookies = signed_in.token_of(visit.call)
    try:
        password = forms.read(PasswordInput, {"password": visit.typed.get("password", "")}).password
        key = second_factor.begin(visit.staff, password, access_token=token, source=visit.call.source, now=visit.call.now)
    except forms.REFUSED as refusal:
        return _page(visit, forms.refused({}, refusal), refusal)
    return _key(key, forms.blank(), cookies=tuple(set_cookies))


@page("POST", f"{SECOND_FACTOR}/confirm", who=Staff("read_led"))
def confirm(visit: Visit) -> PageResponse:
    """Turn it on with the first code. A wrong one shows the same key again, which the form brings along."""
    token, set_cookies = signed_in.token_of(visit.call)
    back = f"/o/{visit.org}/second-factor"
    try:
        code = forms.read(CodeInput, {"code": visit.typed.get("code", "")}).code
        second_factor.finish(visit.staff, code, access_token=token, now=visit.call.now)
    except forms.REFUSED as refusal:
        if not visit.typed.get("secret"):
            return Redirect(back, cookies=tuple(set_cookies))
        return _key(second_factor.key_of(visit.staff, visit.typed["secret"]), code_refused(refusal), refusal, tuple(set_cookies))
    return Redirect(back, {"done": "second-factor-on"}, tuple(set_cookies))


@page("POST", f"{SECOND_FACTOR}/off", who=Staff("read_led"))
def turn_off(visit: Visit) -> PageResponse:
    try:
        password = forms.read(PasswordInput, {"password": visit.typed.get("password", "")}).password
        second_factor.end(visit.staff, password, source=visit.call.source, now=visit.call.now)
    except forms.REFUSED as refusal:
        return _page(visit, forms.refused({}, refusal), refusal)
    return Redirect(f"/o/{visit.org}/second-factor", {"done": "second-factor-off"})


def _page(visit: Visit, form: forms.Form, refusal: Refusal | None = None) -> PageResponse:
    data = {"form": form, "on": second_factor.is_on(visit.staff)}
    status, wait = (status_of(refusal), retry_after(refusal)) if refusal else (200, None)
    return Html("second_factor.html", data, status, wait=wait)


def _key(key: AuthenticatorKey, form: forms.Form, refusal: Refusal | None = None, cookies: tuple[str, ...] = ()) -> PageResponse:
    groups = " ".join(key.text[at : at + 4] for at in range(0, len(key.text), 4))
    data = {"form": form, "key_text": key.text, "key_groups": groups, "picture": qr_code(key.address)}
    status, wait = (status_of(refusal), retry_after(refusal)) if refusal else (200, None)
    return Html("second_factor_key.html", data, status, cookies, wait)
