"""A family corrects the participants and answers of its booking, and gives spots back."""

from dataclasses import replace
from typing import Any

from chalicelib.operations import bookings
from chalicelib.operations.bookings import BookingView
from chalicelib.pages import booking_form, forms
from chalicelib.pages.bookings.booking import BOOKING, around, back
from chalicelib.pages.responses import Html, PageResponse
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.bookings import BookingEnded, NotByYourself
from chalicelib.rules.inputs.roster import BookingChanges
from chalicelib.rules.money import Money
from chalicelib.rules.refusals import Refusal
from chalicelib.rules.registration_refusals import TooManyParticipants
from chalicelib.web.audience import Public
from chalicelib.web.refusals import retry_after, status_of

EDIT = BOOKING + "/edit"


@page("GET", EDIT, who=Public())
def edit_form(visit: Visit) -> PageResponse:
    """Show the form with the booking. Raises BookingEnded, NotByYourself for a booking without a date to come."""
    view = bookings.read_booking(visit["token"], now=visit.call.now)
    found = view.booking.registration
    if "edit" not in view.may:
        raise BookingEnded if found.removed_at else NotByYourself
    return Html("public/booking_edit.html", _about(view, forms.blank(_fields(view))))


@page("POST", EDIT, who=Public())
def edit(visit: Visit) -> PageResponse:
    view = bookings.read_booking(visit["token"], now=visit.call.now)
    found = view.booking.registration
    try:
        forms.check_unchanged(visit.typed, _fields(view))
        bookings.change(found.org, found.public_id, _changes(visit, view), key=visit.key, now=visit.call.now)
    except forms.REFUSED as refusal:
        if isinstance(refusal, BookingEnded | NotByYourself):
            raise
        data = _about(view, forms.with_conflict(_refused(visit, refusal), _fields(view)))
        return Html("public/booking_edit.html", data, status_of(refusal), wait=retry_after(refusal))
    return back(visit, found, "booking-changed")


def _fields(view: BookingView) -> dict[str, str]:
    found, session, _ = view.booking
    people = booking_form.participant_fields(found, session)
    return forms.version_of({"party_size": str(found.party_size), **people, **booking_form.answered(found.answers, session.questions)})


def _changes(visit: Visit, view: BookingView) -> BookingChanges:
    session = view.booking.session
    values, faults = booking_form.values_of(visit.typed, session, priced=True)
    said = {name: value for name, value in values.items() if name not in {"email", "name"}}
    size = {"party_size": forms.whole_number(visit.typed["party_size"])} if visit.typed.get("party_size") else {}
    return forms.read(BookingChanges, {**said, **size}, faults)


def _refused(visit: Visit, refusal: Refusal) -> forms.Form:
    form = booking_form.refused(visit.typed, refusal)
    if isinstance(refusal, TooManyParticipants):
        return replace(form, faults={**form.faults, "party_size": refusal.filled})
    return form


def _about(view: BookingView, form: forms.Form) -> dict[str, Any]:
    return {**around(view), "form": form, "sizes": _sizes(view)}


def _sizes(view: BookingView) -> list[tuple[int, Money]]:
    """Return the party sizes to choose from, each with its price; none where no spot can be given back."""
    found = view.booking.registration
    paid = found.billing in {"paid", "refunded"} or found.payments
    if "cancel" not in view.may or paid or found.party_size < 2:
        return []
    return [(size, replace(found, party_size=size).total) for size in range(found.party_size, 0, -1)]
