"""Today's overview, and the list of sessions."""

from chalicelib.operations import sessions, today
from chalicelib.pages.answers import Answer, Html
from chalicelib.pages.declaring import Staff, Visit, page

NEXT = 6
SHOWN = 60


@page("GET", "/o/{org}", who=Staff("viewer"))
def dashboard(visit: Visit) -> Answer:
    """Show what needs attention."""
    return Html("sessions/today.html", {"today": today.read_today(visit.org, now=visit.call.now), "most": NEXT})


@page("GET", "/o/{org}/sessions", who=Staff("viewer"))
def listing(visit: Visit) -> Answer:
    """Show the sessions to come, or those that have ended, latest first."""
    past = visit.call.query.get("past") == "1"
    found = sessions.list_sessions(visit.org, state="past" if past else "", coming=not past, now=visit.call.now, limit=SHOWN)
    return Html("sessions/list.html", {"past": past, "views": found.items, "more": found.next is not None})
