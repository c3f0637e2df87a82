"""A family moves its booking to another session of the same series, or with a tag in common."""

from typing import Any

from chalicelib.operations import bookings
from chalicelib.operations.bookings import BookingView
from chalicelib.pages import forms
from chalicelib.pages.bookings.booking import BOOKING, around, back, mailed
from chalicelib.pages.responses import Html, PageResponse
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.bookings import BookingEnded, NotByYourself
from chalicelib.rules.inputs.roster import OwnMoveInput
from chalicelib.rules.translation import N_
from chalicelib.web.audience import Public
from chalicelib.web.refusals import retry_after, status_of

MOVE = BOOKING + "/move"
CHOOSE = N_("Choose one of the sessions.")


@page("GET", MOVE, who=Public())
def choose(visit: Visit) -> PageResponse:
    """List the sessions to move to. Raises BookingEnded, and NotByYourself where moving is not offered."""
    view = bookings.read_booking(visit["token"], now=visit.call.now)
    if "move" not in view.may:
        raise BookingEnded if view.booking.registration.removed_at else NotByYourself
    return Html("public/booking_move.html", _about(visit, view, forms.blank()))


@page("POST", MOVE, who=Public())
def move(visit: Visit) -> PageResponse:
    view = bookings.read_booking(visit["token"], now=visit.call.now)
    found, typed = view.booking.registration, {"to_session": visit.typed.get("to_session", "").strip()}
    try:
        chosen = forms.read(OwnMoveInput, typed, {} if typed["to_session"] else {"to_session": CHOOSE})
        moved = bookings.move(found.org, found.public_id, chosen.to_session, key=visit.key, now=visit.call.now).registration
    except forms.REFUSED as refusal:
        if isinstance(refusal, BookingEnded):
            raise
        data = _about(visit, view, forms.refused(visit.typed, refusal))
        return Html("public/booking_move.html", data, status_of(refusal), wait=retry_after(refusal))
    return back(visit, moved, "booking-moved")


def _about(visit: Visit, view: BookingView, form: forms.Form) -> dict[str, Any]:
    found = view.booking.registration
    return {**around(view), "form": form, "choices": bookings.choices(found, now=visit.call.now), "mailed": mailed(found)}
