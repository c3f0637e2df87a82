"""Creating and editing a session, with one form."""

import re
from collections.abc import Mapping
from typing import Any

from chalicelib.operations import sessions, staff
from chalicelib.pages import forms
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.sessions import form as session_form
from chalicelib.pages.sessions import repeat
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.inputs.new_sessions import NewSessionInput
from chalicelib.rules.inputs.sessions import SessionChanges, SessionInput
from chalicelib.rules.refusals import Refusal
from chalicelib.rules.session_refusals import CapacityBelowUse, ClosesBeforeItOpens
from chalicelib.rules.sessions import Session
from chalicelib.web.audience import Staff
from chalicelib.web.refusals import status_of

NEW = "/o/{org}/sessions/new"
EDIT = "/o/{org}/sessions/{session}/edit"
BELONGS = [
    (r"meetings", "meetings/0/starts_at"),
    (r"meetings/(\d+)", r"meetings/\1/ends_at"),
    (r"repeat(?:/until)?", "repeat/until"),
    (r"repeat/except.*", "except/0/day"),
    (r"tiers", "tiers/0/name"),
    (r"tiers/(\d+)/price", r"tiers/\1/price/amount"),
    (r"questions/(\d+)(?:/options.*)?", r"questions/\1/options"),
    (r"minimum", "minimum/hours_before"),
    (r"tags.*", "tags"),
    (r"leaders.*", "leaders"),
    (r"", "registration_closes_at"),
]
"""The field at which each fault of a group of fields is shown, by a pattern of the fault's name."""


@page("GET", NEW, who=Staff("edit_sessions"))
def new(visit: Visit) -> PageResponse:
    return _form(visit, forms.blank({**session_form.blank(visit.home), "meetings/0/starts_at": visit.call.query.get("starts_at", "")}))


@page("POST", NEW, who=Staff("edit_sessions"))
def create(visit: Visit) -> PageResponse:
    sheet = session_form.read(visit.typed, visit.home.currency, visit.home.time_zone)
    sheet.values |= repeat.values(visit.typed)
    sheet.shown |= repeat.shown(visit.typed)
    if visit.typed.get("more"):
        return _form(visit, forms.Form(sheet.shown, key=visit.typed.get("key", "")), more=visit.typed["more"])
    try:
        draft = forms.read(NewSessionInput, sheet.values, sheet.faults)
        if draft.repeat:
            return repeat.plan(visit, draft, sheet.shown)
        made = sessions.create_session(visit.org, draft, key=visit.key, now=visit.call.now)
    except forms.REFUSED as refusal:
        return _form(visit, _refused(visit, sheet, refusal), status=status_of(refusal))
    return Redirect(f"/o/{visit.org}/sessions/{made.session.id}", {"done": "created"})


@page("GET", EDIT, who=Staff("edit_sessions"))
def edit_form(visit: Visit) -> PageResponse:
    view = sessions.read_session(visit.org, visit["session"], now=visit.call.now)
    return _form(visit, forms.blank({**session_form.fields_of(view.session), "scope": "this"}), view.session)


@page("POST", EDIT, who=Staff("edit_sessions"))
def edit(visit: Visit) -> PageResponse:
    session = sessions.read_session(visit.org, visit["session"], now=visit.call.now).session
    sheet = session_form.read(visit.typed, session.tiers[0].price.currency, session.time_zone, session)
    sheet.shown |= {name: visit.typed.get(name, "") for name in ("version", "scope")}
    if visit.typed.get("more"):
        return _form(visit, forms.Form(sheet.shown, key=visit.typed.get("key", "")), session, more=visit.typed["more"])
    try:
        changes = _changes(visit, sheet)
        if session.series and visit.typed.get("scope") == "following":
            changes = sessions.only_changed(session, changes)
        people = _people(visit, session, changes)
        if people and not _answered(visit, people):
            return _form(visit, _asking(visit, sheet), session, people=people)
        recipients = _save(visit, session, changes)
    except forms.REFUSED as refusal:
        form = forms.with_conflict(_refused(visit, sheet, refusal), session_form.fields_of(session))
        return _form(visit, form, session, status=status_of(refusal))
    return Redirect(f"/o/{visit.org}/sessions/{session.id}", {"done": "saved-and-told" if recipients else "saved"})


def _people(visit: Visit, session: Session, changes: SessionChanges) -> int:
    """Return how many people would get an e-mail."""
    if changes.scope == "following":
        return sessions.count_following_recipients(visit.org, session.id, changes, now=visit.call.now)
    return sessions.count_recipients(visit.org, session.id, changes, now=visit.call.now)


def _save(visit: Visit, session: Session, changes: SessionChanges) -> int:
    """Save the changes, and return how many people get an e-mail."""
    expected, now = forms.version(visit.typed), visit.call.now
    if changes.scope == "following":
        return sessions.edit_following(visit.org, session.id, changes, expected=expected, now=now).people
    return sessions.edit_session(visit.org, session.id, changes, expected=expected, now=now).recipients or 0


def _tells(visit: Visit) -> bool:
    return "people" not in visit.typed or visit.typed.get("tell") == "true"


def _answered(visit: Visit, people: int) -> bool:
    """Whether staff know that so many people get an e-mail, or said that nobody shall."""
    return visit.typed.get("people") == str(people) or not _tells(visit)


def _asking(visit: Visit, sheet: session_form.SessionForm) -> forms.Form:
    kept = {name: visit.typed[name] for name in ("confirm_below_use",) if name in visit.typed}
    return forms.Form({**sheet.shown, **kept, "tell": "true"}, key=visit.typed.get("key", ""))


def _changes(visit: Visit, sheet: session_form.SessionForm) -> SessionChanges:
    """Return the changes in the form. It is read as a whole session first, so that missing fields are reported."""
    draft = forms.read(SessionInput, sheet.values, sheet.faults)
    values = {name: getattr(draft, name) for name in SessionInput.model_fields}
    closes = draft.registration_closes_at or max(one.starts_at for one in draft.meetings)
    left = {name for name in ("registration_opens_at", "leaders") if name not in draft.model_fields_set}
    kept = {name: value for name, value in values.items() if name not in left}
    choices = {"confirm_below_use": visit.typed.get("confirm_below_use") == "true", "tell": _tells(visit)}
    return SessionChanges.model_construct(_fields_set={*kept, *choices}, **{**kept, "registration_closes_at": closes, **choices})


def _refused(visit: Visit, sheet: session_form.SessionForm, refusal: Refusal) -> forms.Form:
    form = forms.refused({**sheet.shown, "key": visit.typed.get("key", "")}, refusal)
    faults = {_beside(name): sentence for name, sentence in form.faults.items()}
    if isinstance(refusal, ClosesBeforeItOpens):
        faults = {"registration_closes_at": refusal.filled}
    return forms.Form(form.values, faults, refusal, form.key)


def _beside(name: str) -> str:
    for pattern, field in BELONGS:
        found = re.fullmatch(pattern, name)
        if found:
            return found.expand(field)
    return name


def _form(
    visit: Visit, form: forms.Form, session: Session | None = None, *, status: int = 200, more: str = "", people: int = 0
) -> PageResponse:
    data: dict[str, Any] = {
        "form": form,
        "staff": staff.every(visit.org),
        "session": session,
        "currency": session.tiers[0].price.currency if session else visit.home.currency,
        "people": people,
        "later": len(sessions.following_sessions(session, now=visit.call.now)) if session and session.series else None,
        "left_out": _count(form.values, repeat.LEFT_OUT, most=400, least=1, more=1 if more == repeat.LEFT_OUT else 0),
        "below_use": isinstance(form.refusal, CapacityBelowUse),
        "meetings": _count(form.values, "meetings", most=200, least=1, more=3 if more == "meetings" else 0),
        "tiers": _count(form.values, "tiers", most=6, least=1, more=1 if more == "tiers" else 0),
        "questions": _count(form.values, "questions", most=30, least=0, more=1 if more == "questions" else 0),
    }
    return Html("sessions/form.html", data, status)


def _count(values: Mapping[str, str], group: str, *, most: int, least: int, more: int) -> int:
    """Return the number of rows of a group: the filled ones and `more` blank ones, from `least` to `most`."""
    filled = len({name.removeprefix(f"{group}/").split("/")[0] for name in values if name.startswith(f"{group}/")})
    return min(most, max(least, filled + more))
