"""Whoever has an invitation code types it here, sees what it books at what price, and registers with it.

The code never stands in an address, which is logged and kept in histories: it travels in forms.
"""

from collections.abc import Mapping
from typing import Any

from chalicelib import languages
from chalicelib.operations import codes, organisations, portal
from chalicelib.operations.codes import LookedUp
from chalicelib.operations.sessions import SessionView
from chalicelib.pages import booking, forms
from chalicelib.pages.answers import Answer, Html
from chalicelib.pages.declaring import Public, Visit, page
from chalicelib.rules.accounts import TooManyAttempts
from chalicelib.rules.codes import CodeSpent, OtherProduct, TooFewUses, UnknownCode, grouped
from chalicelib.rules.drafts.codes import LookupDraft
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.questions import Question, problems
from chalicelib.rules.refusals import NotFound, Refusal, marked
from chalicelib.rules.sessions import Session
from chalicelib.web.refusals import retry_after, status_of

CODE = "/p/{org}/code"
FIELD = "invitation_code"
OFFERED = 50
ABOUT_THE_CODE = (UnknownCode, CodeSpent, TooManyAttempts, OtherProduct)
OVER = marked("What this code books is over or does not take place. Ask whoever gave you the code.")
YES_NO = {"yes": "yes", "oui": "yes", "true": "yes", "no": "no", "non": "no", "false": "no"}


@page("GET", CODE, who=Public())
def code_form(visit: Visit) -> Answer:
    return Html("public/code.html", {"organisation": organisations.read(visit.org), "form": forms.blank()})


@page("POST", CODE, who=Public())
def look_up(visit: Visit) -> Answer:
    """Show what the code books: the form for its session, or the sessions to choose from. Nothing is taken by it."""
    try:
        typed = forms.read(LookupDraft, {"code": visit.typed.get(FIELD, "").strip()})
        found = _looked_up(visit, typed.code)
        session = visit.typed.get("session") or found.code.price.session
        return _at_session(visit, found, session) if session else _to_choose(visit, found)
    except NotFound:
        raise
    except Refusal as refusal:
        return _asked_again(visit, refusal)


def refused(visit: Visit, view: SessionView, refusal: Refusal) -> Answer:
    """Return the form of a session as it was sent, at the price of its code; or the page of codes, if it is the code that is wrong."""
    try:
        if isinstance(refusal, ABOUT_THE_CODE):
            raise refusal
        found = _looked_up(visit, visit.typed[FIELD])
        form = booking.refused(visit.typed, refusal)
        if isinstance(refusal, TooFewUses):
            form = _beside(form, "party_size", _said(visit, found.organisation, refusal))
        return _form(found, view, form)
    except ABOUT_THE_CODE as wrong:
        return _asked_again(visit, wrong)


def _looked_up(visit: Visit, typed: str) -> LookedUp:
    return codes.look_up(visit.org, typed, source=visit.call.source, now=visit.call.now)


def _at_session(visit: Visit, found: LookedUp, session: str) -> Answer:
    try:
        view = portal.read_open_session(visit.org, session, now=visit.call.now)
    except NotFound:
        return _code_page(found.organisation, _beside(forms.refused(visit.typed, NotFound()), FIELD, OVER), 404)
    if not found.code.price.fits(view.session):
        raise OtherProduct
    return _form(found, view, forms.blank(_filled_in(found.prefill, view.session)))


def _to_choose(visit: Visit, found: LookedUp) -> Answer:
    views = portal.list_tagged_sessions(visit.org, found.code.price.tag, now=visit.call.now, most=OFFERED)
    return Html("public/code_sessions.html", {**_about(found), "views": [view for view in views if view.state == "open"]})


def _form(found: LookedUp, view: SessionView, form: forms.Form) -> Answer:
    price = found.code.price.money
    seats = min(view.spots.free, found.code.left)
    data = {
        **_about(found),
        "view": view,
        "session": view.session,
        "form": form,
        "seats": max(seats, 1),
        "totals": [(number, price.times(number)) for number in range(1, max(seats, 1) + 1)],
        "details": [(name, value) for name, value in found.prefill.items() if name not in {"name", "email"}],
    }
    return Html("public/with_code.html", data, status_of(form.refusal) if form.refusal else 200)


def _about(found: LookedUp) -> dict[str, Any]:
    return {"organisation": found.organisation, "code": found.code, "readable": grouped(found.code.code, found.prefix)}


def _filled_in(prefill: Mapping[str, str], session: Session) -> dict[str, str]:
    """Return the fields that follow from the participant whose code it is: a question of the same name as a detail is answered with it."""
    shared = {name.strip().casefold(): value for name, value in prefill.items()}
    answers = {question.id: _answer(question, shared.get(question.label.strip().casefold(), "")) for question in session.questions}
    name = prefill.get("name", "")
    known = {"name": name, "email": prefill.get("email", ""), "participants/0/name": name}
    return {**known, **{f"answers/{own}": answer for own, answer in answers.items() if answer}}


def _answer(question: Question, detail: str) -> str:
    """Return the detail as the question's field takes it, or nothing when it does not answer the question."""
    match question.kind:
        case "yes_no":
            return YES_NO.get(detail.strip().casefold(), "")
        case "choice":
            return next((option for option in question.options if option.casefold() == detail.strip().casefold()), "")
        case "date":
            return "" if problems((question,), {question.id: detail}) else detail
        case _:
            return detail


def _asked_again(visit: Visit, refusal: Refusal) -> Answer:
    organisation = organisations.read(visit.org)
    form = forms.refused(visit.typed, refusal)
    sentence = form.fault("code") or _said(visit, organisation, refusal)
    return _code_page(organisation, _beside(form, FIELD, sentence), status_of(refusal), retry_after(refusal))


def _code_page(organisation: Organisation, form: forms.Form, status: int, wait: int | None = None) -> Answer:
    return Html("public/code.html", {"organisation": organisation, "form": form}, status, wait=wait)


def _beside(form: forms.Form, field: str, sentence: str) -> forms.Form:
    """Return the form with this fault alone, beside its field."""
    return forms.Form(form.values, {field: sentence}, form.refusal, form.key)


def _said(visit: Visit, organisation: Organisation, refusal: Refusal) -> str:
    """Return the sentence of a refusal in the language of the page, with how long to wait."""
    texts = languages.translation(visit.locale(organisation))
    if isinstance(refusal, TooManyAttempts):
        minutes = -(-refusal.retry_after // 60)
        waiting = texts.ngettext(
            "Too many wrong codes came from here. Try again in %(num)d minute.",
            "Too many wrong codes came from here. Try again in %(num)d minutes.",
            minutes,
        )
        return waiting % {"num": minutes}
    return texts.gettext(refusal.sentence) % refusal.data()
