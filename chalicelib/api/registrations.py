"""Registrations, for staff."""

from chalicelib.api.answers import Answer
from chalicelib.api.booked import RegistrationOut, facts
from chalicelib.api.endpoints import Request, Staff, endpoint
from chalicelib.api.sessions import SESSION
from chalicelib.operations import registrations
from chalicelib.rules.drafts.rosters import Addition, BillingStep, ContactChanges, PaymentDraft, RegistrationChanges, Transferring
from chalicelib.rules.ledger import SessionFull, TooManyExtras
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.rules.registrations import (
    AlreadyPaid,
    AlreadyRegistered,
    AlreadyRemoved,
    AnswersDoNotFit,
    OtherCurrency,
    SameSession,
    TierNeeded,
    TooManyParticipants,
    UnknownMeeting,
    UnknownTier,
)
from chalicelib.rules.sessions import SessionCancelled, SessionPast

REGISTRATION = "/v1/orgs/{org}/registrations/{registration}"


class RegistrationDetailOut(RegistrationOut):
    """A registration, and which meetings a change would touch."""

    remaining_meetings: list[str]
    """The ids of the meetings that are covered and still to come."""


@endpoint("GET", REGISTRATION, who=Staff("viewer"), gives={200: RegistrationDetailOut})
def read_registration(request: Request[None]) -> Answer:
    """Read one registration, with the meetings that a change would touch."""
    registration, meetings = registrations.read_with_meetings(request.org, request["registration"], now=request.call.now)
    return Answer(200, RegistrationDetailOut(**facts(registration), remaining_meetings=[meeting.id for meeting in meetings]))


@endpoint(
    "PATCH",
    REGISTRATION,
    who=Staff("manager"),
    takes=RegistrationChanges,
    gives={200: RegistrationOut},
    refuses=(
        AlreadyPaid,
        AlreadyRegistered,
        AlreadyRemoved,
        AnswersDoNotFit,
        SessionFull,
        TooManyExtras,
        TooManyParticipants,
        ChangedMeanwhile,
    ),
)
def change_registration(request: Request[RegistrationChanges]) -> Answer:
    """Change party, participants or answers; past meetings of a course keep what they had."""
    changed = registrations.change_registration(request.org, request["registration"], request.body, now=request.call.now)
    return Answer(200, RegistrationOut.of(changed))


@endpoint("DELETE", REGISTRATION, who=Staff("manager"), gives={204: None})
def remove_registration(request: Request[None]) -> Answer:
    """Take a registration off the roster and free its spots for the remaining meetings; its history stays."""
    registrations.remove_registration(request.org, request["registration"], by=request.by, now=request.call.now)
    return Answer(204)


@endpoint(
    "PATCH",
    REGISTRATION + "/contact",
    who=Staff("manager"),
    takes=ContactChanges,
    gives={200: RegistrationOut},
    refuses=(AlreadyRegistered, AlreadyRemoved, ChangedMeanwhile),
)
def correct_contact(request: Request[ContactChanges]) -> Answer:
    """Correct who booked: name, address, phone."""
    corrected = registrations.correct_contact(request.org, request["registration"], request.body, now=request.call.now)
    return Answer(200, RegistrationOut.of(corrected))


@endpoint(
    "POST",
    REGISTRATION + "/billing",
    who=Staff("manager"),
    takes=BillingStep,
    gives={200: RegistrationOut},
    refuses=(AlreadyRemoved,),
)
def set_billing(request: Request[BillingStep]) -> Answer:
    """Set the billing status; the history keeps who did it and when."""
    billed = registrations.set_billing(request.org, request["registration"], request.body, by=request.by, now=request.call.now)
    return Answer(200, RegistrationOut.of(billed))


@endpoint(
    "POST",
    REGISTRATION + "/payments",
    who=Staff("manager"),
    takes=PaymentDraft,
    gives={201: RegistrationOut},
    refuses=(AlreadyRemoved, OtherCurrency, UnknownMeeting),
)
def add_payment(request: Request[PaymentDraft]) -> Answer:
    """Note a payment, for one meeting or for all; the status follows from the sum."""
    paid = registrations.add_payment(request.org, request["registration"], request.body, by=request.by, now=request.call.now)
    return Answer(201, RegistrationOut.of(paid))


@endpoint(
    "POST",
    REGISTRATION + "/transfer",
    who=Staff("manager"),
    takes=Transferring,
    gives={200: RegistrationOut},
    refuses=(SessionFull, AlreadyRemoved, AlreadyRegistered, SameSession, SessionPast, SessionCancelled),
)
def transfer(request: Request[Transferring]) -> Answer:
    """Move a registration to another session, or change nothing."""
    call = request.call
    moved = registrations.transfer(
        request.org, request["registration"], request.body.to_session, by=request.by, key=request.key, now=call.now
    )
    return Answer(200, RegistrationOut.of(moved.registration))


@endpoint(
    "POST",
    SESSION + "/registrations",
    who=Staff("manager"),
    takes=Addition,
    gives={201: RegistrationOut},
    refuses=(
        SessionFull,
        TooManyExtras,
        AlreadyRegistered,
        AlreadyRemoved,
        AnswersDoNotFit,
        TierNeeded,
        UnknownTier,
        SessionPast,
        SessionCancelled,
    ),
)
def add(request: Request[Addition]) -> Answer:
    """Put a customer on the roster by hand, whatever the registration window."""
    added = registrations.add(request.org, request["session"], request.body, by=request.by, key=request.key, now=request.call.now)
    return Answer(201, RegistrationOut.of(added.registration))
