"""Registrations, for staff."""

from typing import Any

from chalicelib.api.answers import Answer, Out
from chalicelib.api.endpoints import Request, Staff, endpoint
from chalicelib.api.shapes import Moment, MoneyOut
from chalicelib.operations import registrations
from chalicelib.rules.registrations import Billing, Registration, Source
from chalicelib.tables.keys import joined

REGISTRATION = "/v1/orgs/{org}/registrations/{registration}"


class ParticipantOut(Out):
    name: str


class BillingOut(Out):
    status: Billing


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
    answers: dict[str, Any]
    invitation: str | None
    invited_email: str | None
    """The address that was invited, where the registration came from an invitation: it may be another than `email`."""
    since: Moment
    removed_at: Moment | None

    @classmethod
    def of(cls, registration: Registration) -> "RegistrationOut":
        return cls(
            id=joined(registration.session, registration.id),
            session=registration.session,
            email=registration.email,
            name=registration.name,
            phone=registration.phone,
            participants=[ParticipantOut(name=name) for name in registration.participants],
            party_size=registration.party_size,
            tier=registration.tier,
            price=MoneyOut.of(registration.price),
            total=MoneyOut.of(registration.total),
            source=registration.source,
            billing=BillingOut(status=registration.billing),
            answers=dict(registration.answers),
            invitation=joined(registration.session, registration.invitation) if registration.invitation else None,
            invited_email=registration.invited_email or None,
            since=registration.created_at,
            removed_at=registration.removed_at,
        )


@endpoint("GET", REGISTRATION, who=Staff("viewer"), gives={200: RegistrationOut})
def read_registration(request: Request[None]) -> Answer:
    """Read one registration."""
    registration, _hold = registrations.read_registration(request.org, request["registration"])
    return Answer(200, RegistrationOut.of(registration))


@endpoint("DELETE", REGISTRATION, who=Staff("manager"), gives={204: None})
def remove_registration(request: Request[None]) -> Answer:
    """Take a registration off the roster and free its spots; its history stays."""
    registrations.remove_registration(request.org, request["registration"], by=request.by, now=request.call.now)
    return Answer(204)
