"""What the public sees of an organisation."""

from datetime import datetime

from chalicelib.operations.sessions import SessionPage, SessionView, list_sessions, read_session
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import organisations
from chalicelib.tables.items import Item

SHOWN = {"open", "full", "upcoming"}


def list_open_sessions(org: str, *, now: datetime, limit: int, start: Item | None = None) -> SessionPage:
    """Return a page of the sessions that may be registered for, now or soon, soonest first. Raises NotFound."""
    organisations.get(org)
    page = list_sessions(org, state="", now=now, limit=limit, start=start, coming=True)
    return SessionPage([view for view in page.items if view.state in SHOWN], page.next)


def read_open_session(org: str, session_id: str, *, now: datetime) -> SessionView:
    """Return a session for the public; one that is over or cancelled looks like one that never was."""
    view = read_session(org, session_id, now=now)
    if view.state in {"past", "cancelled"}:
        raise NotFound
    return view
