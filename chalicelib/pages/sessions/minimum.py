"""The decision about a session with too few participants, and the payments to refund after its cancellation."""

from chalicelib.operations import sessions
from chalicelib.pages import forms
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.receipts import refundable
from chalicelib.web.audience import Staff

MINIMUM = "/o/{org}/sessions/{session}/minimum"


@page("GET", MINIMUM, who=Staff("read"))
def minimum(visit: Visit) -> PageResponse:
    roster = sessions.read_roster(visit.org, visit["session"], now=visit.call.now)
    view = roster.session
    refunds = refundable(roster.registrations) if view.session.cancelled_at else []
    return Html("sessions/minimum.html", {"view": view, "session": view.session, "refunds": refunds, "form": forms.blank()})


@page("POST", MINIMUM, who=Staff("edit_sessions"))
def go_ahead(visit: Visit) -> PageResponse:
    sessions.go_ahead(visit.org, visit["session"], now=visit.call.now)
    return Redirect(f"/o/{visit.org}/sessions/{visit['session']}", {"done": "goes-ahead"})
