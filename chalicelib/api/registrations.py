"""Registrations, for staff."""

from typing import Any, get_args

from chalicelib.api import lists
from chalicelib.api.answers import Answer, Out, csv_answer
from chalicelib.api.endpoints import Request, Staff, endpoint
from chalicelib.api.sessions import SESSION
from chalicelib.api.shapes import Moment, MoneyOut
from chalicelib.operations import links, registrations
from chalicelib.rules.addresses import masked
from chalicelib.rules.drafts.rosters import Addition, BillingStep, ContactChanges, PaymentDraft, RegistrationChanges, Transferring
from chalicelib.rules.invoices import Status
from chalicelib.rules.invoices import status as status_of
from chalicelib.rules.ledger import SessionFull, TooManyExtras
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.rules.registrations import (
    AlreadyPaid,
    AlreadyRegistered,
    AlreadyRemoved,
    AnswersDoNotFit,
    Billing,
    OtherCurrency,
    Registration,
    SameSession,
    Source,
    TierNeeded,
    TooManyParticipants,
    UnknownMeeting,
    UnknownTier,
)
from chalicelib.rules.sessions import SessionCancelled, SessionPast
from chalicelib.tables.keys import joined

REGISTRATION = "/v1/orgs/{org}/registrations/{registration}"


class ParticipantOut(Out):
    name: str


class BillingChangeOut(Out):
    status: Billing
    at: Moment
    by: str
    note: str


class PaymentOut(Out):
    amount: MoneyOut
    method: str
    at: Moment
    by: str
    meeting: str | None


class BillingOut(Out):
    status: Billing
    paid: MoneyOut
    history: list[BillingChangeOut]
    payments: list[PaymentOut]

    @classmethod
    def of(cls, registration: Registration) -> "BillingOut":
        currency = registration.price.currency
        return cls(
            status=registration.billing,
            paid=MoneyOut.of(registration.paid),
            history=[BillingChangeOut(status=step.status, at=step.at, by=step.by, note=step.note) for step in registration.billing_history],
            payments=[
                PaymentOut(
                    amount=MoneyOut(amount=paid.amount, currency=currency),
                    method=paid.method,
                    at=paid.at,
                    by=paid.by,
                    meeting=paid.meeting or None,
                )
                for paid in registration.payments
            ],
        )


class IssuedOut(Out):
    """The invoice of a registration; its link needs no account."""

    number: str
    link: str
    status: Status


class RegistrationOut(Out):
    id: str
    session: str
    email: str
    name: str
    phone: str
    participants: list[ParticipantOut]
    party_size: int
    tier: str
    price: MoneyOut
    """Of one spot."""
    total: MoneyOut
    source: Source
    billing: BillingOut
    invoice: IssuedOut | None
    answers: dict[str, Any]
    invitation: str | None
    invited_email: str | None
    """The address that was invited, where the registration came from an invitation: it may be another than `email`."""
    since: Moment
    removed_at: Moment | None
    moved_to: str | None
    moved_from: str | None

    @classmethod
    def of(cls, registration: Registration) -> "RegistrationOut":
        return cls(**_facts(registration))

    @classmethod
    def shown(cls, registration: Registration) -> "RegistrationOut":
        """Return what whoever booked sees: not the invited address, which may be somebody else's, nor what staff noted."""
        whole = cls.of(registration)
        billing = whole.billing.model_copy(update={"history": [], "payments": []})
        invited = masked(whole.invited_email) if whole.invited_email else None
        return whole.model_copy(update={"billing": billing, "invited_email": invited})


class RegistrationDetailOut(RegistrationOut):
    """A registration, and which meetings a change would touch."""

    remaining_meetings: list[str]
    """The ids of the meetings that are covered and still to come."""


class OrdersOut(Out):
    items: list[RegistrationOut]
    next: str | None


@endpoint("GET", REGISTRATION, who=Staff("viewer"), gives={200: RegistrationDetailOut})
def read_registration(request: Request[None]) -> Answer:
    """Read one registration, with the meetings that a change would touch."""
    registration, meetings = registrations.read_with_meetings(request.org, request["registration"], now=request.call.now)
    return Answer(200, RegistrationDetailOut(**_facts(registration), remaining_meetings=[meeting.id for meeting in meetings]))


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
    refuses=(OtherCurrency, UnknownMeeting),
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


@endpoint(
    "GET",
    "/v1/orgs/{org}/orders",
    who=Staff("viewer"),
    gives={200: OrdersOut},
    query={**lists.QUERY, "status": "Only those of this billing status: unpaid, invoiced, partly_paid, paid or refunded."},
)
def list_orders(request: Request[None]) -> Answer:
    """List all registrations of the organisation, latest first, by billing status."""
    asked = lists.wanted(request.call)
    status = lists.choice(request.call, "status", get_args(Billing))
    found, following = registrations.list_orders(request.org, status=status, limit=asked.limit, start=asked.start)
    body = OrdersOut(items=[RegistrationOut.of(entry) for entry in found], next=lists.cursor(request.call, following))
    return Answer(200, body)


@endpoint(
    "GET",
    "/v1/orgs/{org}/orders.csv",
    who=Staff("viewer"),
    gives={200: None},
    kind="text/csv",
    query={"status": "Only those of this billing status."},
)
def export_orders(request: Request[None]) -> Answer:
    """Export all registrations of the organisation as CSV, latest first."""
    status = lists.choice(request.call, "status", get_args(Billing))
    return csv_answer(registrations.export_orders(request.org, status=status), "orders.csv")


def _issued(registration: Registration) -> IssuedOut:
    link = links.invoice_link(registration.org, registration.invoice)
    return IssuedOut(number=registration.invoice, link=link, status=status_of(registration))


def _facts(registration: Registration) -> dict[str, Any]:
    return {
        "id": joined(registration.session, registration.id),
        "session": registration.session,
        "email": registration.email,
        "name": registration.name,
        "phone": registration.phone,
        "participants": [ParticipantOut(name=name) for name in registration.participants],
        "party_size": registration.party_size,
        "tier": registration.tier,
        "price": MoneyOut.of(registration.price),
        "total": MoneyOut.of(registration.total),
        "source": registration.source,
        "billing": BillingOut.of(registration),
        "invoice": _issued(registration) if registration.invoice else None,
        "answers": dict(registration.answers),
        "invitation": joined(registration.session, registration.invitation) if registration.invitation else None,
        "invited_email": registration.invited_email or None,
        "since": registration.created_at,
        "removed_at": registration.removed_at,
        "moved_to": registration.moved_to or None,
        "moved_from": registration.moved_from or None,
    }
