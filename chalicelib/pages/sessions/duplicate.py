"""Copying a session to another start."""

from chalicelib.operations import sessions
from chalicelib.pages import dates, forms
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.inputs.new_sessions import DuplicateInput
from chalicelib.rules.sessions import Session
from chalicelib.web.audience import Staff
from chalicelib.web.refusals import status_of

DUPLICATE = "/o/{org}/sessions/{session}/duplicate"


@page("GET", DUPLICATE, who=Staff("edit_sessions"))
def ask_duplicate(visit: Visit) -> PageResponse:
    session = _read(visit)
    return _form(visit, session, forms.blank({"title": session.title}))


@page("POST", DUPLICATE, who=Staff("edit_sessions"))
def duplicate(visit: Visit) -> PageResponse:
    session = _read(visit)
    try:
        draft = _draft(visit, session)
        copy = sessions.duplicate_session(visit.org, session.id, draft, key=visit.key, now=visit.call.now)
    except forms.REFUSED as refusal:
        return _form(visit, session, forms.refused(visit.typed, refusal), status_of(refusal))
    return Redirect(f"/o/{visit.org}/sessions/{copy.session.id}", {"done": "duplicated"})


def _read(visit: Visit) -> Session:
    return sessions.read_session(visit.org, visit["session"], now=visit.call.now).session


def _draft(visit: Visit, session: Session) -> DuplicateInput:
    """Return the draft of the copy. Raises ValidationFailed."""
    values: dict[str, object] = {"title": visit.typed.get("title", "").strip()}
    faults: dict[str, str] = {}
    if text := visit.typed.get("starts_at", "").strip():
        try:
            values["starts_at"] = dates.typed(text, session.time_zone)
        except dates.NoSuchTimeError as fault:
            faults["starts_at"] = str(fault)
    return forms.read(DuplicateInput, values, faults)


def _form(visit: Visit, session: Session, form: forms.Form, status: int = 200) -> PageResponse:
    return Html("sessions/duplicate.html", {"form": form, "session": session}, status)
