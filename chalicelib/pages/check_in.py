"""The page of a registration's QR code: staff check its participants in, anybody else learns nothing of it."""

from chalicelib.operations import attendance
from chalicelib.pages.redirects import sign_in_path
from chalicelib.pages.responses import Html, PageResponse
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.web.audience import Known, Staff

CHECK_IN = "/o/{org}/check-in/{token}"


@page("GET", CHECK_IN, who=Known())
def code(visit: Visit) -> PageResponse:
    """Show staff the button that checks in, and anybody else where bookings are found. A GET changes nothing."""
    memberships = visit.person.memberships if visit.person else ()
    member = next((one for one in memberships if one.org == visit.org and one.status == "active"), None)
    data = {"organisation": visit.home, "staff": member is not None, "sign_in": sign_in_path(visit.call)}
    return Html("attendance/code.html", data)


@page("POST", CHECK_IN, who=Staff("mark_attendance", led=True))
def check_in(visit: Visit) -> PageResponse:
    found = attendance.check_in(visit.org, visit["token"], by=visit.staff, now=visit.call.now)
    questions = [
        question for question in found.session.questions if question.at_door and (question.id in found.answers or question.per != "party")
    ]
    return Html("attendance/checked_in.html", {"found": found, "session": found.session, "questions": questions})
