"""Making a session and changing it: one form."""

import re
from collections.abc import Mapping
from typing import Any

from chalicelib.operations import sessions
from chalicelib.operations.sessions import SessionView
from chalicelib.pages import forms
from chalicelib.pages.answers import Answer, Html, Redirect
from chalicelib.pages.declaring import Staff, Visit, page
from chalicelib.pages.sessions import sheets
from chalicelib.rules.drafts.sessions import SessionChanges, SessionDraft
from chalicelib.rules.refusals import NotFound, Refusal
from chalicelib.rules.sessions import BelowUse, ClosesBeforeItOpens, Session
from chalicelib.web.refusals import status_of

NEW = "/o/{org}/sessions/new"
EDIT = "/o/{org}/sessions/{session}/edit"
BELONGS = [
    (r"meetings", "meetings/0/starts_at"),
    (r"meetings/(\d+)", r"meetings/\1/ends_at"),
    (r"tiers", "tiers/0/name"),
    (r"tiers/(\d+)/price", r"tiers/\1/price/amount"),
    (r"questions/(\d+)(?:/options.*)?", r"questions/\1/options"),
    (r"tags.*", "tags"),
    (r"", "registration_closes_at"),
]
"""Beside which field a fault stands that is about more than one."""


@page("GET", NEW, who=Staff("manager"))
def new(visit: Visit) -> Answer:
    return _form(visit, forms.blank(sheets.blank(visit.home)))


@page("POST", NEW, who=Staff("manager"))
def create(visit: Visit) -> Answer:
    sheet = sheets.read(visit.typed, visit.home.currency, visit.home.time_zone)
    if visit.typed.get("more"):
        return _form(visit, forms.Form(sheet.shown, key=visit.typed.get("key", "")), more=visit.typed["more"])
    try:
        made = _created(visit, sheet)
    except NotFound:
        raise
    except Refusal as refusal:
        return _form(visit, _refused(visit, sheet, refusal), status=status_of(refusal))
    return Redirect(f"/o/{visit.org}/sessions/{made.session.id}", {"done": "created"})


@page("GET", EDIT, who=Staff("manager"))
def edit_form(visit: Visit) -> Answer:
    view = sessions.read_session(visit.org, visit["session"], now=visit.call.now)
    return _form(visit, forms.blank(sheets.fields_of(view.session)), view.session)


@page("POST", EDIT, who=Staff("manager"))
def edit(visit: Visit) -> Answer:
    session = sessions.read_session(visit.org, visit["session"], now=visit.call.now).session
    sheet = sheets.read(visit.typed, session.tiers[0].price.currency, session.time_zone)
    sheet.shown["version"] = visit.typed.get("version", "")
    if visit.typed.get("more"):
        return _form(visit, forms.Form(sheet.shown, key=visit.typed.get("key", "")), session, more=visit.typed["more"])
    try:
        _edited(visit, sheet)
    except NotFound:
        raise
    except Refusal as refusal:
        return _form(visit, _refused(visit, sheet, refusal), session, status=status_of(refusal))
    return Redirect(f"/o/{visit.org}/sessions/{session.id}", {"done": "saved"})


def _created(visit: Visit, sheet: sheets.Sheet) -> SessionView:
    draft = forms.read(SessionDraft, sheet.values, sheet.faults)
    return sessions.create_session(visit.org, draft, key=visit.key, now=visit.call.now)


def _edited(visit: Visit, sheet: sheets.Sheet) -> SessionView:
    changes = _changes(sheet, confirmed=visit.typed.get("confirm_below_use") == "true")
    version = sheet.shown["version"]
    expected = int(version) if version.isdigit() else None
    return sessions.edit_session(visit.org, visit["session"], changes, expected=expected, now=visit.call.now)


def _changes(sheet: sheets.Sheet, *, confirmed: bool) -> SessionChanges:
    """Return everything that the form describes: read as a whole session first, so that what is missing is noticed."""
    draft = forms.read(SessionDraft, sheet.values, sheet.faults)
    said = {name: getattr(draft, name) for name in SessionDraft.model_fields}
    closes = draft.registration_closes_at or max(one.starts_at for one in draft.meetings)
    opens = {} if draft.registration_opens_at else {"registration_opens_at"}
    kept = {name: value for name, value in said.items() if name not in opens}
    return SessionChanges.model_construct(
        _fields_set={*kept, "confirm_below_use"}, **{**kept, "registration_closes_at": closes, "confirm_below_use": confirmed}
    )


def _refused(visit: Visit, sheet: sheets.Sheet, refusal: Refusal) -> forms.Form:
    form = forms.refused({**sheet.shown, "key": visit.typed.get("key", "")}, refusal)
    faults = {_beside(name): sentence for name, sentence in form.faults.items()}
    if isinstance(refusal, ClosesBeforeItOpens):
        faults = {"registration_closes_at": refusal.sentence}
    return forms.Form(form.values, faults, refusal, form.key)


def _beside(name: str) -> str:
    for pattern, field in BELONGS:
        found = re.fullmatch(pattern, name)
        if found:
            return found.expand(field)
    return name


def _form(visit: Visit, form: forms.Form, session: Session | None = None, *, status: int = 200, more: str = "") -> Answer:
    data: dict[str, Any] = {
        "form": form,
        "session": session,
        "currency": session.tiers[0].price.currency if session else visit.home.currency,
        "below_use": isinstance(form.refusal, BelowUse),
        "meetings": _count(form.values, "meetings", most=200, least=1, more=3 if more == "meetings" else 0),
        "tiers": _count(form.values, "tiers", most=6, least=1, more=1 if more == "tiers" else 0),
        "questions": _count(form.values, "questions", most=30, least=0, more=1 if more == "questions" else 0),
    }
    return Html("sessions/form.html", data, status)


def _count(values: Mapping[str, str], group: str, *, most: int, least: int, more: int) -> int:
    """Return how many rows of a group are shown: those that are filled, and some blank ones."""
    filled = len({name.split("/")[1] for name in values if name.startswith(f"{group}/")})
    return min(most, max(least, filled + more))
