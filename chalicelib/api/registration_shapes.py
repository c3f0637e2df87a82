"""The shapes of a registration, shared by all answers that contain one."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Self

from pydantic import Field

from chalicelib.api.billing_shapes import BillingOut, IssuedInvoiceOut, PriceLineOut, issued
from chalicelib.api.responses import Out
from chalicelib.api.shapes import Moment, MoneyOut
from chalicelib.operations import links
from chalicelib.rules.addresses import masked
from chalicelib.rules.clashes import Clash
from chalicelib.rules.consents import Consent
from chalicelib.rules.participants import ParticipantDetails
from chalicelib.rules.refs import public_id
from chalicelib.rules.registrations import Registration, Source


class ConsentOut(Out):
    """A consent that was given, in the wording that was agreed to."""

    question: str
    wording: str
    agreed_at: Moment

    @classmethod
    def all_of(cls, consents: Sequence[Consent]) -> "list[ConsentOut]":
        return [cls.model_validate(consent) for consent in consents]


LEFT_OUT = Field(exclude_if=lambda value: not value)
"""Of a field that answers leave out where there is nothing to say."""


class ParticipantOut(Out):
    name: str
    answers: Annotated[dict[str, Any], LEFT_OUT] = {}
    """The answers to questions that are asked for each participant, if there are any."""
    consents: Annotated[list[ConsentOut], LEFT_OUT] = []
    date_of_birth: Annotated[date | None, LEFT_OUT] = None
    """Known where the session is for certain ages."""

    @classmethod
    def all_of(cls, registration: Registration) -> "list[ParticipantOut]":
        return [cls._of(name, registration.details_at(index)) for index, name in enumerate(registration.participants)]

    @classmethod
    def _of(cls, name: str, details: ParticipantDetails) -> "ParticipantOut":
        born = date.fromisoformat(details.date_of_birth) if details.date_of_birth else None
        return cls(name=name, answers=dict(details.answers), consents=ConsentOut.all_of(details.consents), date_of_birth=born)


class ClashOut(Out):
    """A participant who is on another session at the same time: a warning, not a refusal."""

    participant: str
    session: str
    title: str
    meeting: str
    """Its first date that overlaps."""
    starts_at: Moment
    ends_at: Moment
    dates: int
    """How many of its dates overlap."""

    @classmethod
    def all_of(cls, clashes: Sequence[Clash]) -> "list[ClashOut]":
        return [
            cls(
                participant=one.participant,
                session=one.session.id,
                title=one.session.title,
                meeting=one.meeting.id,
                starts_at=one.meeting.starts_at,
                ends_at=one.meeting.ends_at,
                dates=one.dates,
            )
            for one in clashes
        ]


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
    """Per spot."""
    total: MoneyOut
    lowered: list[PriceLineOut]
    """The reductions of the whole registration, line by line: discount code, sibling discount."""
    discount_code: str | None
    source: Source
    billing: BillingOut
    invoice: IssuedInvoiceOut | None
    invoices_before: list[str]
    """The numbers of cancelled invoices, each followed by that of its credit note."""
    answers: dict[str, Any]
    consents: list[ConsentOut]
    invitation: str | None
    invited_email: str | None
    """The invited address if the registration came from an invitation; it may differ from `email`."""
    invitation_code: str | None
    contract: str | None
    """The contract at whose price it was booked."""
    since: Moment
    removed_at: Moment | None
    moved_to: str | None
    moved_from: str | None
    check_in: str
    """The token in the QR code, with which staff check the participants in."""

    @classmethod
    def of(cls, registration: Registration) -> "RegistrationOut":
        return cls(**facts(registration))


class OwnRegistrationOut(RegistrationOut):
    """A registration for the person who booked."""

    booking: str
    """The link to its booking, where it is read, changed, paid and cancelled without an account."""

    @classmethod
    def of(cls, registration: Registration) -> Self:
        """Return the registration without the invited address, possibly another person's, and without staff notes."""
        whole = RegistrationOut.of(registration)
        billing = whole.billing.model_copy(update={"history": [], "payments": [], "refunds": []})
        invited = masked(whole.invited_email) if whole.invited_email else None
        shown = whole.model_copy(update={"billing": billing, "invited_email": invited})
        return cls(**vars(shown), booking=links.booking_link(registration))


class BookedOut(RegistrationOut):
    """A registration that staff have just made."""

    clashes: list[ClashOut]
    """Other bookings of its participants at the same time; the registration stands all the same."""
    booking: str
    """The link to its booking, for the person who booked."""

    @classmethod
    def made(cls, registration: Registration, clashes: Sequence[Clash]) -> "BookedOut":
        return cls(**facts(registration), clashes=ClashOut.all_of(clashes), booking=links.booking_link(registration))


def facts(registration: Registration) -> dict[str, Any]:
    return {
        "id": registration.public_id,
        "session": registration.session,
        "email": registration.email,
        "name": registration.name,
        "phone": registration.phone,
        "participants": ParticipantOut.all_of(registration),
        "party_size": registration.party_size,
        "tier": registration.tier,
        "price": MoneyOut.of(registration.price),
        "total": MoneyOut.of(registration.total),
        "lowered": PriceLineOut.all_of(registration.lowered),
        "discount_code": registration.discount.code if registration.discount else None,
        "source": registration.source,
        "billing": BillingOut.of(registration),
        "invoice": issued(registration) if registration.invoice else None,
        "invoices_before": list(registration.invoices_before),
        "answers": dict(registration.answers),
        "consents": ConsentOut.all_of(registration.consents),
        "invitation": public_id(registration.session, registration.invitation) if registration.invitation else None,
        "invited_email": registration.invited_email or None,
        "invitation_code": registration.code or None,
        "contract": registration.contract or None,
        "since": registration.created_at,
        "removed_at": registration.removed_at,
        "moved_to": registration.moved_to or None,
        "moved_from": registration.moved_from or None,
        "check_in": links.check_in_token(registration),
    }
