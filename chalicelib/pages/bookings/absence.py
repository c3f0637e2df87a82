"""A family says who cannot come on one date of its booking."""

from typing import Any

from chalicelib.operations import bookings
from chalicelib.operations.bookings import BookingView
from chalicelib.pages.bookings.booking import BOOKING, around, back
from chalicelib.pages.responses import Html, PageResponse
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.attendance import names_of
from chalicelib.rules.bookings import BookingEnded, NotByYourself
from chalicelib.rules.sessions import Meeting
from chalicelib.web.audience import Public

ABSENCE = BOOKING + "/absence"


@page("GET", ABSENCE, who=Public())
def ask_absence(visit: Visit) -> PageResponse:
    """Ask who cannot come on the date that the query names, or let the family choose one of several dates."""
    view = bookings.read_booking(visit["token"], now=visit.call.now)
    dates = bookings.dates_to_miss(view, now=visit.call.now)
    if not dates:
        raise BookingEnded if view.booking.registration.removed_at else NotByYourself
    named = visit.call.query.get("meeting", "")
    meeting = next((one for one in dates if one.id == named), dates[0] if len(dates) == 1 else None)
    return Html("public/booking_absence.html", {**around(view), "dates_left": dates, "meeting": meeting, **_party(visit, view, meeting)})


@page("POST", ABSENCE, who=Public())
def save_absence(visit: Visit) -> PageResponse:
    found = bookings.find_booking(visit["token"])
    absent = {number for number in range(found.party_size) if visit.typed.get(f"absent/{number}") == "true"}
    bookings.set_absence(found, visit.typed.get("meeting", ""), absent, now=visit.call.now)
    return back(visit, found, "absence-saved")


def _party(visit: Visit, view: BookingView, meeting: Meeting | None) -> dict[str, Any]:
    """Return the people on the date and who of them cannot come: everybody is ticked until somebody has been."""
    if meeting is None:
        return {"people": []}
    found = view.booking.registration
    known = bookings.read_absence(found, meeting.id, now=visit.call.now)
    names = names_of(found, found.party_size)
    is_marked = any(known.values())
    return {"people": [(number, names[number], known[number] or not is_marked) for number in sorted(known) if number < len(names)]}
