"""What the public sees: open sessions, one of them with its form, and what happens next."""

from typing import Any

from chalicelib.operations import links, mine, portal, registrations, sessions
from chalicelib.operations.registrations import Registered
from chalicelib.operations.sessions import SessionView
from chalicelib.pages import booking, forms, with_code
from chalicelib.pages.answers import Answer, Html, Redirect
from chalicelib.pages.declaring import Known, Visit, page
from chalicelib.rules.drafts.registrations import RegistrationDraft
from chalicelib.rules.refusals import NotFound, Refusal
from chalicelib.web.refusals import status_of

SHOWN = 50
SESSION = "/p/{org}/sessions/{session}"


@page("GET", "/p/{org}", who=Known())
def open_sessions(visit: Visit) -> Answer:
    tag, now = visit.call.query.get("tag", "").strip(), visit.call.now
    if tag:
        views = portal.list_tagged_sessions(visit.org, tag, now=now, most=SHOWN)
    else:
        views = portal.list_open_sessions(visit.org, now=now, limit=SHOWN).items
    return Html("public/sessions.html", {"organisation": visit.home, "views": views, "tag": tag})


@page("GET", SESSION, who=Known())
def open_session(visit: Visit) -> Answer:
    return Html("public/session.html", _about(visit, forms.blank(_filled_in(visit))))


@page("POST", SESSION, who=Known())
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


@page("GET", "/p/{org}/registered/{token}", who=Known())
def registered(visit: Visit) -> Answer:
    """Say what was booked and what happens next, to whoever has just registered."""
    org, registration_id = links.registered(visit["token"])
    if org != visit.org:
        raise NotFound
    found, _ = registrations.read_registration(org, registration_id)
    view = sessions.read_session(org, found.session, now=visit.call.now)
    data = {"organisation": visit.home, "session": view.session, "registration": found}
    return Html("public/registered.html", data)


def _about(visit: Visit, form: forms.Form) -> dict[str, Any]:
    view = portal.read_open_session(visit.org, visit["session"], now=visit.call.now)
    return {"organisation": visit.home, "view": view, "session": view.session, "form": form}


def _filled_in(visit: Visit) -> dict[str, str]:
    """Return what the form need not ask somebody who has signed in."""
    if visit.customer is None:
        return {}
    names = mine.my_participants(visit.customer, visit["session"])
    participants = forms.renumbered("participants", [{"name": name} for name in names])
    return {"name": visit.customer.name, "email": visit.customer.email, **participants}


def _registered(visit: Visit, view: SessionView) -> Registered:
    code = visit.typed.get(with_code.FIELD, "")
    values, faults = booking.values_of(visit.typed, view.session, priced=bool(code))
    values |= {"party_size": visit.typed.get("party_size", ""), with_code.FIELD: code}
    draft = forms.read(RegistrationDraft, values, faults)
    call = visit.call
    return portal.register(
        visit.org, view.session.id, draft, locale=visit.locale(visit.home), key=visit.key, source=call.source, now=call.now
    )
