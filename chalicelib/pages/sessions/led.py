"""The page of a session for its leaders: the people, without prices and settings."""

from chalicelib.operations import sessions
from chalicelib.pages.responses import Html, PageResponse
from chalicelib.pages.visit import Visit


def led_session(visit: Visit) -> PageResponse:
    roster = sessions.read_roster(visit.org, visit["session"], now=visit.call.now)
    data = {
        "view": roster.session,
        "session": roster.session.session,
        "registrations": roster.registrations,
        "invited": [view for view in roster.invitations if view.is_live],
        "waiting": roster.waitlist,
    }
    return Html("sessions/led.html", data)
