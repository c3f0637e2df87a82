"""Uploading a picture of a session, or the organisation's logo. With JavaScript, a large one is made small before it is sent."""

from collections.abc import Callable
from typing import Any

from chalicelib.operations import pictures, sessions
from chalicelib.pages import forms
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.inputs.pictures import PictureInput
from chalicelib.rules.pictures import NoPicture, Picture
from chalicelib.rules.sessions import Session
from chalicelib.web.audience import Staff
from chalicelib.web.refusals import NoFile, status_of

PICTURE = "/o/{org}/sessions/{session}/picture"
LOGO = "/o/{org}/settings/logo"


@page("GET", PICTURE, who=Staff("edit_sessions"))
def ask_picture(visit: Visit) -> PageResponse:
    session = _session(visit)
    return _of_session(visit, session, _blank(session.picture))


@page("POST", PICTURE, who=Staff("edit_sessions"), files=True)
def save_picture(visit: Visit) -> PageResponse:
    session = _session(visit)

    def change(content: bytes | None, draft: PictureInput) -> None:
        pictures.change_session_picture(
            visit.org, session.id, content, alt=draft.alt, following=draft.following and bool(session.series), now=visit.call.now
        )

    try:
        _change(visit, change)
    except forms.REFUSED as refusal:
        return _of_session(visit, session, forms.refused(visit.typed, refusal), status_of(refusal))
    return Redirect(f"/o/{visit.org}/sessions/{session.id}", {"done": "saved"})


@page("GET", LOGO, who=Staff("manage_settings"))
def ask_logo(visit: Visit) -> PageResponse:
    return _of_organisation(visit, _blank(visit.home.logo))


@page("POST", LOGO, who=Staff("manage_settings"), files=True)
def save_logo(visit: Visit) -> PageResponse:
    try:
        _change(visit, lambda content, draft: pictures.change_logo(visit.org, content, alt=draft.alt))
    except forms.REFUSED as refusal:
        return _of_organisation(visit, forms.refused(visit.typed, refusal), status_of(refusal))
    return Redirect(f"/o/{visit.org}/settings", {"done": "saved"})


def _change(visit: Visit, change: Callable[[bytes | None, PictureInput], Any]) -> None:
    """Change a picture as the form says: take it away, replace it by the file, or without one describe it anew."""
    values = {"alt": visit.typed.get("alt", "").strip(), "following": visit.typed.get("following") == "true"}
    draft = forms.read(PictureInput, values)
    try:
        change(b"" if "remove" in visit.typed else visit.file or None, draft)
    except NoPicture:
        raise NoFile from None


def _session(visit: Visit) -> Session:
    return sessions.read_session(visit.org, visit["session"], now=visit.call.now).session


def _blank(picture: Picture | None) -> forms.Form:
    return forms.blank({"alt": picture.alt if picture else ""})


def _of_session(visit: Visit, session: Session, form: forms.Form, status: int = 200) -> PageResponse:
    data = {"session": session, "picture": session.picture, "title": visit.gettext("Picture of %(session)s") % {"session": session.title}}
    later = len(sessions.following_sessions(session, now=visit.call.now)) if session.series else 0
    return Html("picture.html", {**data, "form": form, "later": later, "back": f"/o/{visit.org}/sessions/{session.id}"}, status)


def _of_organisation(visit: Visit, form: forms.Form, status: int = 200) -> PageResponse:
    data = {"session": None, "picture": visit.home.logo, "title": visit.gettext("Logo"), "later": 0, "back": f"/o/{visit.org}/settings"}
    return Html("picture.html", {**data, "form": form}, status)
