"""Registrations, for staff."""

from datetime import datetime

from chalicelib.api import lists
from chalicelib.api.discounts import DISCOUNTED
from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.query import yes_or_no
from chalicelib.api.registration_shapes import BookedOut, RegistrationOut, facts
from chalicelib.api.responses import ApiResponse, Out
from chalicelib.api.sessions import SESSION
from chalicelib.operations import corrections, messages, refunds, registrations
from chalicelib.rules.addresses import Suppression, compared
from chalicelib.rules.ages import AgeToConfirm
from chalicelib.rules.inputs.roster import (
    AddInput,
    BillingStatusInput,
    ContactChanges,
    PaymentInput,
    RefundInput,
    RegistrationChanges,
    TransferInput,
)
from chalicelib.rules.ledger import SessionFull, TooManyExtras
from chalicelib.rules.refunds import MoreThanPaid, RefundRefused
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.rules.registration_refusals import (
    AddressUnreachable,
    AlreadyPaid,
    AlreadyRegistered,
    AlreadyRemoved,
    AnswersDoNotFit,
    ConfirmedTooOften,
    OtherCurrency,
    SameSession,
    TierNeeded,
    TooManyParticipants,
    UnknownMeeting,
    UnknownTier,
)
from chalicelib.rules.session_refusals import SessionCancelled, SessionPast
from chalicelib.web.audience import Staff

REGISTRATION = "/v1/orgs/{org}/registrations/{registration}"


class RegistrationDetailOut(RegistrationOut):
    """A registration, and the meetings that a change would affect."""

    remaining_meetings: list[str]
    """The ids of the covered meetings that are still to come."""
    suppressed: Suppression | None
    """Why e-mails no longer reach the address."""


@endpoint("GET", REGISTRATION, id="registrations.read_registration", who=Staff("read"), gives={200: RegistrationDetailOut})
def read_registration(request: Request[None]) -> ApiResponse:
    """Read a registration and the meetings that a change would affect."""
    registration, meetings = registrations.read_with_meetings(request.org, request["registration"], now=request.call.now)
    suppressed = messages.suppressions(request.org, [registration.email]).get(compared(registration.email))
    coming = [meeting.id for meeting in meetings]
    return ApiResponse(200, RegistrationDetailOut(**facts(registration), remaining_meetings=coming, suppressed=suppressed))


@endpoint(
    "PATCH",
    REGISTRATION,
    id="registrations.change_registration",
    who=Staff("manage_roster"),
    takes=RegistrationChanges,
    gives={200: RegistrationOut},
    refuses=(
        AlreadyPaid,
        AlreadyRegistered,
        AlreadyRemoved,
        AnswersDoNotFit,
        AgeToConfirm,
        SessionFull,
        TooManyExtras,
        TooManyParticipants,
        ChangedMeanwhile,
    ),
)
def change_registration(request: Request[RegistrationChanges]) -> ApiResponse:
    """Change party size, participants or answers; past meetings of a course keep theirs."""
    changed = registrations.change_registration(request.org, request["registration"], request.body, now=request.call.now)
    return ApiResponse(200, RegistrationOut.of(changed))


@endpoint(
    "DELETE",
    REGISTRATION,
    id="registrations.remove_registration",
    who=Staff("manage_roster"),
    gives={204: None},
    query={"tell": yes_or_no("Whether the person gets an e-mail about it.", usual=True)},
)
def remove_registration(request: Request[None]) -> ApiResponse:
    """Remove a registration and free its spots for the remaining meetings; its history stays."""
    tell = lists.choice(request.call, "tell", ("true", "false")) != "false"
    registrations.remove_registration(request.org, request["registration"], by=request.by, now=request.call.now, tell=tell)
    return ApiResponse(204)


@endpoint(
    "PATCH",
    REGISTRATION + "/contact",
    id="registrations.correct_contact",
    who=Staff("manage_roster"),
    takes=ContactChanges,
    gives={200: RegistrationOut},
    refuses=(AlreadyRegistered, AlreadyRemoved, ChangedMeanwhile),
)
def correct_contact(request: Request[ContactChanges]) -> ApiResponse:
    """Correct the contact: name, address, phone."""
    corrected = corrections.correct_contact(request.org, request["registration"], request.body, by=request.by, now=request.call.now)
    return ApiResponse(200, RegistrationOut.of(corrected))


class ConfirmationSentOut(Out):
    """The confirmation was queued: what becomes of it is at `/messages/{message}`."""

    message: str


@endpoint(
    "POST",
    REGISTRATION + "/confirmation",
    id="registrations.send_confirmation",
    who=Staff("manage_roster"),
    gives={202: ConfirmationSentOut},
    refuses=(AddressUnreachable, AlreadyRemoved, ConfirmedTooOften, SessionCancelled),
)
def send_confirmation(request: Request[None]) -> ApiResponse:
    """Send the confirmation of a registration again, at most five times an hour."""
    message = registrations.send_confirmation(request.org, request["registration"], key=request.key, now=request.call.now)
    return ApiResponse(202, ConfirmationSentOut(message=message))


@endpoint(
    "POST",
    REGISTRATION + "/billing",
    id="registrations.set_billing",
    who=Staff("bill"),
    takes=BillingStatusInput,
    gives={200: RegistrationOut},
    refuses=(AlreadyRemoved,),
)
def set_billing(request: Request[BillingStatusInput]) -> ApiResponse:
    """Set the billing status; the history records by whom and when."""
    billed = registrations.set_billing(request.org, request["registration"], request.body, by=request.by, now=request.call.now)
    return ApiResponse(200, RegistrationOut.of(billed))


@endpoint(
    "POST",
    REGISTRATION + "/payments",
    id="registrations.add_payment",
    who=Staff("bill"),
    takes=PaymentInput,
    gives={201: RegistrationOut},
    refuses=(AlreadyRemoved, OtherCurrency, UnknownMeeting),
)
def add_payment(request: Request[PaymentInput]) -> ApiResponse:
    """Record a payment, for one meeting or for all; the billing status follows from the sum."""
    paid = registrations.add_payment(request.org, request["registration"], request.body, by=request.by, now=request.call.now)
    return ApiResponse(201, RegistrationOut.of(paid))


@endpoint(
    "POST",
    REGISTRATION + "/refund",
    id="registrations.refund",
    who=Staff("bill"),
    takes=RefundInput,
    gives={200: RegistrationOut, 202: RegistrationOut},
    refuses=(AlreadyRemoved, MoreThanPaid, OtherCurrency, RefundRefused),
)
def refund(request: Request[RefundInput]) -> ApiResponse:
    """Refund an amount of a registration, or all of it: a payment through Stripe goes back there, any other is recorded by hand.

    202: Stripe has not answered yet; it is asked again, and the refund is `made` once it has.
    """
    done = refunds.refund(request.org, request["registration"], request.body, by=request.by, key=request.key, now=request.call.now)
    return ApiResponse(202 if any(one.state == "asked" for one in done.refunds) else 200, RegistrationOut.of(done))


@endpoint(
    "POST",
    REGISTRATION + "/transfer",
    id="registrations.transfer",
    who=Staff("manage_roster"),
    takes=TransferInput,
    gives={200: BookedOut},
    refuses=(SessionFull, AlreadyRemoved, AlreadyRegistered, SameSession, SessionPast, SessionCancelled),
)
def transfer(request: Request[TransferInput]) -> ApiResponse:
    """Transfer a registration to another session, or change nothing."""
    call = request.call
    moved = registrations.transfer(
        request.org,
        request["registration"],
        request.body.to_session,
        by=request.by,
        key=request.key,
        now=call.now,
        tell=request.body.tell,
    )
    return ApiResponse(200, _booked(moved, call.now))


@endpoint(
    "POST",
    SESSION + "/registrations",
    id="registrations.add",
    who=Staff("manage_roster"),
    takes=AddInput,
    gives={201: BookedOut},
    refuses=(
        SessionFull,
        TooManyExtras,
        AlreadyRegistered,
        AlreadyRemoved,
        AnswersDoNotFit,
        AgeToConfirm,
        TierNeeded,
        UnknownTier,
        SessionCancelled,
        *DISCOUNTED,
    ),
)
def add(request: Request[AddInput]) -> ApiResponse:
    """Add a customer to the roster, inside or outside the registration window, also to a session that has begun or is over."""
    added = registrations.add(request.org, request["session"], request.body, by=request.by, key=request.key, now=request.call.now)
    return ApiResponse(201, _booked(added, request.call.now))


def _booked(made: registrations.Registered, now: datetime) -> BookedOut:
    return BookedOut.made(made.registration, registrations.clashes_of(made.registration, made.session, now=now))
