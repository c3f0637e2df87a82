"""What the public sees: open sessions, one of them with its form, and what happens next."""

from typing import Any

from chalicelib.operations import links, organisations, portal, registrations, sessions
from chalicelib.operations.registrations import Registered
from chalicelib.operations.sessions import SessionView
from chalicelib.pages import booking, forms, with_code
from chalicelib.pages.answers import Answer, Html, Redirect
from chalicelib.pages.declaring import Public, Visit, page
from chalicelib.rules.drafts.registrations import RegistrationDraft
from chalicelib.rules.refusals import NotFound, Refusal
from chalicelib.web.refusals import status_of

SHOWN = 50
SESSION = "/p/{org}/sessions/{session}"


@page("GET", "/p/{org}", who=Public())
def open_sessions(visit: Visit) -> Answer:
    tag, now = visit.call.query.get("tag", "").strip(), visit.call.now
    if tag:
        views = portal.list_tagged_sessions(visit.org, tag, now=now, most=SHOWN)
    else:
        views = portal.list_open_sessions(visit.org, now=now, limit=SHOWN).items
    return Html("public/sessions.html", {"organisation": organisations.read(visit.org), "views": views, "tag": tag})


@page("GET", SESSION, who=Public())
def open_session(visit: Visit) -> Answer:
    return Html("public/session.html", _about(visit, forms.blank()))


@page("POST", SESSION, who=Public())
def register(visit: Visit) -> Answer:
    view = portal.read_open_session(visit.org, visit["session"], now=visit.call.now)
    try:
        registered = _registered(visit, view)
    except NotFound:
        raise
    except Refusal as refusal:
        if visit.typed.get(with_code.FIELD):
            return with_code.refused(visit, view, refusal)
        return Html("public/session.html", _about(visit, booking.refused(visit.typed, refusal)), status_of(refusal))
    made = registered.registration
    token = links.registered_token(made.org, f"{made.session}-{made.id}")
    return Redirect(f"/p/{visit.org}/registered/{token}", {"lang": visit.call.query.get("lang", "")})


@page("GET", "/p/{org}/registered/{token}", who=Public())
def registered(visit: Visit) -> Answer:
    """Say what was booked and what happens next, to whoever has just registered."""
    org, registration_id = links.registered(visit["token"])
    if org != visit.org:
        raise NotFound
    found, _ = registrations.read_registration(org, registration_id)
    view = sessions.read_session(org, found.session, now=visit.call.now)
    data = {"organisation": organisations.read(org), "session": view.session, "registration": found}
    return Html("public/registered.html", data)


def _about(visit: Visit, form: forms.Form) -> dict[str, Any]:
    view = portal.read_open_session(visit.org, visit["session"], now=visit.call.now)
    return {"organisation": organisations.read(visit.org), "view": view, "session": view.session, "form": form}


def _registered(visit: Visit, view: SessionView) -> Registered:
    code = visit.typed.get(with_code.FIELD, "")
    values, faults = booking.values_of(visit.typed, view.session, priced=bool(code))
    organisation = organisations.read(visit.org)
    values |= {"party_size": visit.typed.get("party_size", ""), with_code.FIELD: code}
    draft = forms.read(RegistrationDraft, values, faults)
    call = visit.call
    return portal.register(
        visit.org, view.session.id, draft, locale=visit.locale(organisation), key=visit.key, source=call.source, now=call.now
    )
