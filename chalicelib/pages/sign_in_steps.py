"""The steps of a sign-in on a page: address and password, then the code of those who have a second factor."""

from chalicelib.operations import auth
from chalicelib.pages import forms
from chalicelib.pages.responses import Html, PageResponse
from chalicelib.pages.unsaved_form import UnsavedForm
from chalicelib.pages.visit import Visit
from chalicelib.rules.auth import CodeNeeded, SignedOut, SignIn, TooManyAttempts, WrongCode, WrongPassword
from chalicelib.rules.inputs.auth import CodeInput, SignInInput
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.refusals import Refusal, ValidationFailed
from chalicelib.web.refusals import retry_after, status_of

REFUSED = (ValidationFailed, WrongPassword, TooManyAttempts, SignedOut)
"""Refusals after which the form for address and password is shown (again)."""


class CodeStep(Exception):
    """The sign-in goes on with a code: asked for the first time, or again after a refusal."""

    def __init__(self, token: str, refusal: Refusal | None = None) -> None:
        super().__init__()
        self.token = token
        self.refusal = refusal

    @property
    def form(self) -> forms.Form:
        return code_refused(self.refusal) if self.refusal else forms.blank()


def signed_in(visit: Visit) -> SignIn:
    """Return the sign-in that the form of either step completes. Raises CodeAsked, and the refusals in REFUSED."""
    token, call = visit.typed.get("sign_in", ""), visit.call
    if token:
        return _second(visit, token)
    draft = forms.read(SignInInput, {name: visit.typed.get(name, "") for name in ("email", "password")})
    try:
        return auth.sign_in(draft.email, draft.password, source=call.source, now=call.now)
    except CodeNeeded as needed:
        raise CodeStep(auth.sign_in_token(needed)) from None


def code_refused(refusal: Refusal) -> forms.Form:
    """Return the empty field for a code, with the fault of the last one beside it."""
    form = forms.refused({}, refusal)
    return forms.Form(faults={"code": refusal.sentence}, key=form.key) if isinstance(refusal, WrongCode) else form


def _second(visit: Visit, token: str) -> SignIn:
    try:
        code = forms.read(CodeInput, {"code": visit.typed.get("code", "")}).code
        return auth.sign_in_with_code(token, code, source=visit.call.source, now=visit.call.now)
    except (ValidationFailed, WrongCode, TooManyAttempts) as refusal:
        raise CodeStep(token, refusal) from None


def code_page(
    step: CodeStep, *, organisation: Organisation | None = None, onward: str = "", unsaved: UnsavedForm | None = None
) -> PageResponse:
    """Return the page that asks for the code, an organisation's for its customers. `onward` is where the sign-in leads to."""
    path = f"/p/{organisation.org}/sign-in" if organisation else "/"
    data = {"form": step.form, "sign_in": step.token, "sign_in_path": path, "next": onward, "unsaved": unsaved}
    status, wait = (status_of(step.refusal), retry_after(step.refusal)) if step.refusal else (200, None)
    return Html("auth/code.html", {**data, "organisation": organisation}, status, wait=wait)
