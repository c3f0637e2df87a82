"""Sharing a session: its public link to copy, and as a QR code to print."""

from chalicelib.operations import links, sessions
from chalicelib.pages.qr_code import qr_code
from chalicelib.pages.responses import Html, PageResponse
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.web.audience import Staff


@page("GET", "/o/{org}/sessions/{session}/share", who=Staff("read"))
def share(visit: Visit) -> PageResponse:
    found = sessions.read_session(visit.org, visit["session"], now=visit.call.now).session
    link = links.session_page(visit.org, found.id)
    return Html("sessions/share.html", {"session": found, "link": link, "qr_code": qr_code(link)})
