"""Own bookings: read, corrected, given back, cancelled and moved by the family, by the booking's link or signed in."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.query import QueryParameter
from chalicelib.api.registration_shapes import OwnRegistrationOut
from chalicelib.api.responses import ApiResponse, Out
from chalicelib.api.session_shapes import UnpricedFacts
from chalicelib.api.shapes import Moment, MoneyOut
from chalicelib.operations import bookings
from chalicelib.operations.bookings import BookingView
from chalicelib.rules.ages import AgeNotAllowed
from chalicelib.rules.bookings import BookingAction, BookingStatus, NotByYourself, TooLateToCancel
from chalicelib.rules.inputs.roster import BookingChanges, OwnMoveInput
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.organisation_refusals import BookingsPaused
from chalicelib.rules.refunds import comes_back
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.rules.registration_refusals import (
    AlreadyPaid,
    AlreadyRegistered,
    AlreadyRemoved,
    AnswersDoNotFit,
    SameSession,
    TooManyParticipants,
)
from chalicelib.rules.registrations import Registration
from chalicelib.rules.session_refusals import RegistrationClosed, RegistrationNotOpen, SessionCancelled, SessionPast
from chalicelib.web.audience import Public, SignedInCustomer

BOOKING = "/v1/bookings/{token}"
MINE = "/v1/me/registrations/{registration}"
OF = {"org": QueryParameter("The organisation, where several know you.")}
Find = Callable[[Request[Any]], Registration]
STAYS = (AlreadyRemoved, NotByYourself, TooLateToCancel)
EDITED = (*STAYS, BookingsPaused, AlreadyPaid, AlreadyRegistered, AnswersDoNotFit, AgeNotAllowed, TooManyParticipants, ChangedMeanwhile)
MOVED = (
    *STAYS,
    BookingsPaused,
    SessionFull,
    AlreadyRegistered,
    SameSession,
    SessionPast,
    SessionCancelled,
    RegistrationNotOpen,
    RegistrationClosed,
)


class BookedSessionOut(UnpricedFacts):
    """The session of a booking, with the questions that can be answered anew."""

    cancelled: bool


class BookingOut(OwnRegistrationOut):
    """A booking as of today."""

    org: str
    organisation: str
    about: BookedSessionOut
    status: BookingStatus
    """`cancelled` by the family, `removed` by the organisation."""
    owed: MoneyOut
    """The amount that remains to be paid."""
    comes_back: MoneyOut
    """The refund when the family cancels now: the rest of its online payment."""
    may: list[BookingAction]
    """What the family may do by itself now."""
    cancel_until: Moment | None
    """Until when it may cancel by itself; null where that is not offered."""

    @classmethod
    def seen(cls, view: BookingView) -> "BookingOut":
        registration, session, organisation = view.booking
        return cls(
            **vars(OwnRegistrationOut.of(registration)),
            org=organisation.org,
            organisation=organisation.name,
            about=BookedSessionOut.about(session, cancelled=session.cancelled_at is not None),
            status=view.status,
            owed=MoneyOut.of(view.owed),
            comes_back=MoneyOut.of(comes_back(registration)),
            may=view.may,
            cancel_until=view.cancel_until,
        )


class CancelledBookingOut(Out):
    freed: int
    """How many spots became free."""


def _by_link(request: Request[Any]) -> Registration:
    return bookings.find_booking(request["token"])


def _mine(request: Request[Any]) -> Registration:
    org = request.call.query.get("org", "")
    return bookings.find_own([customer for customer in request.me.customers if org in {"", customer.org}], request["registration"])


@endpoint("GET", BOOKING, id="bookings.read_booking", who=Public(), gives={200: BookingOut})
def read_booking(request: Request[None]) -> ApiResponse:
    """Read a booking by its link: its state of today, and what the family may do by itself."""
    return _read(_by_link(request), request.call.now)


@endpoint("PATCH", BOOKING, id="bookings.change_booking", who=Public(), takes=BookingChanges, gives={200: BookingOut}, refuses=EDITED)
def change_booking(request: Request[BookingChanges]) -> ApiResponse:
    """Correct participants and answers, or give spots back with a smaller `party_size`, which ends when cancelling does."""
    return _changed(request, _by_link)


@endpoint("POST", BOOKING + "/cancel", id="bookings.cancel_booking", who=Public(), gives={200: CancelledBookingOut}, refuses=STAYS)
def cancel_booking(request: Request[None]) -> ApiResponse:
    """Cancel a booking: its spots become free, and an open invoice is cancelled by a credit note."""
    return _cancelled(request, _by_link)


@endpoint("POST", BOOKING + "/move", id="bookings.move_booking", who=Public(), takes=OwnMoveInput, gives={200: BookingOut}, refuses=MOVED)
def move_booking(request: Request[OwnMoveInput]) -> ApiResponse:
    """Move a booking to another session of its series, or with one of its tags, at its price; the answer is the new booking."""
    return _moved(request, _by_link)


@endpoint("GET", MINE, id="mine.read_my_registration", who=SignedInCustomer(), gives={200: BookingOut}, query=OF)
def read_mine(request: Request[None]) -> ApiResponse:
    """Read one of your registrations as its booking of today."""
    return _read(_mine(request), request.call.now)


@endpoint(
    "PATCH",
    MINE,
    id="mine.change_my_registration",
    who=SignedInCustomer(),
    takes=BookingChanges,
    gives={200: BookingOut},
    refuses=EDITED,
    query=OF,
)
def change_mine(request: Request[BookingChanges]) -> ApiResponse:
    """Correct participants and answers of your registration, or give spots back."""
    return _changed(request, _mine)


@endpoint(
    "POST",
    MINE + "/cancel",
    id="mine.cancel_my_registration",
    who=SignedInCustomer(),
    gives={200: CancelledBookingOut},
    refuses=STAYS,
    query=OF,
)
def cancel_mine(request: Request[None]) -> ApiResponse:
    """Cancel your registration."""
    return _cancelled(request, _mine)


@endpoint(
    "POST",
    MINE + "/move",
    id="mine.move_my_registration",
    who=SignedInCustomer(),
    takes=OwnMoveInput,
    gives={200: BookingOut},
    refuses=MOVED,
    query=OF,
)
def move_mine(request: Request[OwnMoveInput]) -> ApiResponse:
    """Move your registration to another session of its series, or with one of its tags."""
    return _moved(request, _mine)


def _read(registration: Registration, now: datetime) -> ApiResponse:
    return ApiResponse(200, BookingOut.seen(bookings.view_of(registration, now=now)))


def _changed(request: Request[BookingChanges], find: Find) -> ApiResponse:
    found, now = find(request), request.call.now
    return _read(bookings.change(found.org, found.public_id, request.body, key=request.key, now=now), now)


def _cancelled(request: Request[None], find: Find) -> ApiResponse:
    found = find(request)
    return ApiResponse(200, CancelledBookingOut(freed=bookings.cancel(found.org, found.public_id, key=request.key, now=request.call.now)))


def _moved(request: Request[OwnMoveInput], find: Find) -> ApiResponse:
    found, now = find(request), request.call.now
    moved = bookings.move(found.org, found.public_id, request.body.to_session, key=request.key, now=now)
    return _read(moved.registration, now)
