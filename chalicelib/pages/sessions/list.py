"""The list of sessions."""

from typing import get_args

from chalicelib.operations import sessions
from chalicelib.pages.pager import ListPage
from chalicelib.pages.responses import Html, PageResponse
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.sessions import SessionState
from chalicelib.web.audience import Staff
from chalicelib.web.session_filter import staff_filter

SHOWN = 50
FILTERS = ("state", "tag", "q", "series")


@page("GET", "/o/{org}/sessions", who=Staff("read"))
def listing(visit: Visit) -> PageResponse:
    """Show a page of the coming sessions by their next meeting, or with `?past=1` those that have ended, latest first."""
    past = visit.call.query.get("past") == "1"
    list_page = ListPage.of(visit, *FILTERS, "past")
    state = "past" if past else list_page.filter["state"] if list_page.filter["state"] in get_args(SessionState) else ""
    found = sessions.list_sessions(
        visit.org,
        state=state,
        coming=not past,
        wanted=staff_filter(list_page.filter),
        now=visit.call.now,
        limit=SHOWN,
        start=list_page.start,
    )
    data = {"past": past, "views": found.items, "pager": list_page.links(found.next), "filters": {**list_page.filter, "state": state}}
    return Html("sessions/list.html", data)
