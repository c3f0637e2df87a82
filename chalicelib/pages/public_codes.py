"""The public code page: enter an invitation code, see session and price, register.

The code is sent in forms and never in a URL, since URLs are logged and kept in browser histories.
"""

from collections.abc import Mapping
from typing import Any

from chalicelib import i18n
from chalicelib.operations import codes, organisations, public_registration
from chalicelib.operations.codes import CodeLookup
from chalicelib.operations.sessions import SessionView
from chalicelib.pages import booking_form, forms
from chalicelib.pages.responses import Html, PageResponse
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.auth import TooManyAttempts
from chalicelib.rules.codes import CodeForOtherSession, CodeSpent, TooFewUses, UnknownCode, grouped
from chalicelib.rules.inputs.codes import LookupInput
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.questions import Question, problems
from chalicelib.rules.refusals import NotFound, Refusal
from chalicelib.rules.session_filter import SessionFilter
from chalicelib.rules.sessions import Session
from chalicelib.rules.translation import N_, translated
from chalicelib.web import cursors
from chalicelib.web.audience import Public
from chalicelib.web.refusals import retry_after, status_of

CODE = "/p/{org}/code"
FIELD = "invitation_code"
OFFERED = 20
ABOUT_THE_CODE = (UnknownCode, CodeSpent, TooManyAttempts, CodeForOtherSession)
OVER = N_("The session of this code is over or cancelled. Ask the person who gave you the code.")
YES_NO = {"yes": "yes", "oui": "yes", "true": "yes", "no": "no", "non": "no", "false": "no"}


@page("GET", CODE, who=Public())
def code_form(visit: Visit) -> PageResponse:
    return Html("public/code.html", {"organisation": organisations.read_open(visit.org), "form": forms.blank()})


@page("POST", CODE, who=Public())
def look_up(visit: Visit) -> PageResponse:
    """Show the booking form for the code's session, or the sessions to choose from. No use of the code is taken."""
    try:
        typed = forms.read(LookupInput, {"code": visit.typed.get(FIELD, "").strip()})
        found = _looked_up(visit, typed.code)
        session = visit.typed.get("session") or found.code.price.session
        return _at_session(visit, found, session) if session else _to_choose(visit, found)
    except NotFound:
        raise
    except Refusal as refusal:
        return _form_again(visit, refusal)


def refused(visit: Visit, view: SessionView, refusal: Refusal) -> PageResponse:
    """Return the submitted booking form at its code's price, with the refusal's faults.

    If the code itself is refused, return the page that asks for a code.
    """
    try:
        if isinstance(refusal, ABOUT_THE_CODE):
            raise refusal
        found = _looked_up(visit, visit.typed[FIELD])
        form = booking_form.refused(visit.typed, refusal)
        if isinstance(refusal, TooFewUses):
            form = _beside(form, "party_size", _sentence(visit, found.organisation, refusal))
        return _form(found, view, form)
    except ABOUT_THE_CODE as wrong:
        return _form_again(visit, wrong)


def _looked_up(visit: Visit, typed: str) -> CodeLookup:
    return codes.look_up(visit.org, typed, source=visit.call.source, now=visit.call.now)


def _at_session(visit: Visit, found: CodeLookup, session: str) -> PageResponse:
    try:
        view = public_registration.read_open_session(visit.org, session, now=visit.call.now)
    except NotFound:
        return _code_page(found.organisation, _beside(forms.refused(visit.typed, NotFound()), FIELD, OVER), 404)
    if not found.code.price.fits(view.session):
        raise CodeForOtherSession
    return _form(found, view, forms.blank(_filled_in(found.prefill, view.session)))


def _to_choose(visit: Visit, found: CodeLookup) -> PageResponse:
    """Show a page of the open sessions that the code books. The next page is asked for by a form, so that no address holds the code."""
    wanted, list_name = SessionFilter(tag=found.code.price.tag), f"{visit.path}\n{found.code.code}"
    start = cursors.start_key_of(visit.typed.get("cursor") or None, of=list_name)
    page = public_registration.list_open_sessions(visit.org, wanted, now=visit.call.now, limit=OFFERED, start=start)
    views = [view for view in page.items if view.state == "open"]
    return Html("public/code_sessions.html", {**_about(found), "views": views, "next": cursors.cursor_of(page.next, of=list_name)})


def _form(found: CodeLookup, view: SessionView, form: forms.Form) -> PageResponse:
    price = found.code.price.money
    seats = min(view.spots.free, found.code.left)
    data = {
        **_about(found),
        "view": view,
        "session": view.session,
        "form": form,
        **booking_form.people(None, view.session.id, form.values),
        "seats": max(seats, 1),
        "totals": [(number, price.times(number)) for number in range(1, max(seats, 1) + 1)],
        "details": [(name, value) for name, value in found.prefill.items() if name not in {"name", "email"}],
    }
    refusal = form.refusal
    return Html("public/with_code.html", data, status_of(refusal) if refusal else 200, wait=retry_after(refusal) if refusal else None)


def _about(found: CodeLookup) -> dict[str, Any]:
    return {"organisation": found.organisation, "code": found.code, "readable": grouped(found.code.code, found.prefix)}


def _filled_in(prefill: Mapping[str, str], session: Session) -> dict[str, str]:
    """Return the fields prefilled from the code's participant. A detail answers the question whose label is its name."""
    shared = {name.strip().casefold(): value for name, value in prefill.items()}
    answers = {question.id: _answer(question, shared.get(question.label.strip().casefold(), "")) for question in session.questions}
    name = prefill.get("name", "")
    known = {"name": name, "email": prefill.get("email", ""), "participants/0/name": name}
    about = {question.id: "participants/0/" if question.per == "participant" else "" for question in session.questions}
    return {**known, **{f"{about[id]}answers/{id}": answer for id, answer in answers.items() if answer}}


def _answer(question: Question, detail: str) -> str:
    """Return the detail as a value of the question's field, and an empty text when it is not a valid answer."""
    match question.kind:
        case "consent":  # Given by a tick of the person, never by a detail that is known.
            return ""
        case "yes_no":
            return YES_NO.get(detail.strip().casefold(), "")
        case "choice":
            return next((option for option in question.options if option.casefold() == detail.strip().casefold()), "")
        case "date":
            return "" if problems((question,), {question.id: detail}) else detail
        case _:
            return detail


def _form_again(visit: Visit, refusal: Refusal) -> PageResponse:
    organisation = organisations.read_open(visit.org)
    form = forms.refused(visit.typed, refusal)
    sentence = form.fault("code") or _sentence(visit, organisation, refusal)
    return _code_page(organisation, _beside(form, FIELD, sentence), status_of(refusal), retry_after(refusal))


def _code_page(organisation: Organisation, form: forms.Form, status: int, wait: int | None = None) -> PageResponse:
    return Html("public/code.html", {"organisation": organisation, "form": form}, status, wait=wait)


def _beside(form: forms.Form, field: str, sentence: str) -> forms.Form:
    """Return the form with this fault only."""
    return forms.Form(form.values, {field: sentence}, form.refusal, form.key)


def _sentence(visit: Visit, organisation: Organisation, refusal: Refusal) -> str:
    """Return the sentence of a refusal in the language of the page. TooManyAttempts states the wait in minutes."""
    texts = i18n.translation(visit.locale(organisation))
    if isinstance(refusal, TooManyAttempts):
        minutes = -(-refusal.retry_after // 60)
        waiting = texts.ngettext(
            "Too many wrong codes came from here. Try again in %(num)d minute.",
            "Too many wrong codes came from here. Try again in %(num)d minutes.",
            minutes,
        )
        return waiting % {"num": minutes}
    return translated(refusal.filled, texts.gettext)
