"""A family cancels its booking, after the page has said what that means."""

from typing import Any

from chalicelib.operations import bookings
from chalicelib.operations.bookings import BookingView
from chalicelib.pages import forms
from chalicelib.pages.bookings.booking import BOOKING, around, back, mailed
from chalicelib.pages.responses import Html, PageResponse
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.bookings import SelfServiceTerms, check_active, check_may_cancel
from chalicelib.rules.refusals import Refusal
from chalicelib.web.audience import Public
from chalicelib.web.refusals import retry_after, status_of

CANCEL = BOOKING + "/cancel"


@page("GET", CANCEL, who=Public())
def ask_cancel(visit: Visit) -> PageResponse:
    """Say what a cancellation means, or why the family can no longer cancel."""
    view = bookings.read_booking(visit["token"], now=visit.call.now)
    found, session, organisation = view.booking
    try:
        check_active(found)
        check_may_cancel(found, session, SelfServiceTerms.of(organisation, session), visit.call.now)
    except Refusal as refusal:
        return _not_offered(view, refusal)
    return Html("public/booking_cancel.html", _about(visit, view))


@page("POST", CANCEL, who=Public())
def cancel(visit: Visit) -> PageResponse:
    view = bookings.read_booking(visit["token"], now=visit.call.now)
    found = view.booking.registration
    try:
        bookings.cancel(found.org, found.public_id, key=visit.key, now=visit.call.now)
    except forms.REFUSED as refusal:
        return _not_offered(bookings.read_booking(visit["token"], now=visit.call.now), refusal)
    return back(visit, found)


def _about(visit: Visit, view: BookingView) -> dict[str, Any]:
    found, session, _ = view.booking
    return {
        **around(view),
        "form": forms.blank(),
        "dates_left": found.remaining(session, visit.call.now),
        "refusal": None,
        "mailed": mailed(found),
    }


def _not_offered(view: BookingView, refusal: Refusal) -> PageResponse:
    data = {**around(view), "form": forms.blank(), "dates_left": [], "refusal": refusal}
    return Html("public/booking_cancel.html", data, status_of(refusal), wait=retry_after(refusal))
