"""The shapes of a registration, shared by all answers that contain one."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Self

from pydantic import Field

from chalicelib.api.answers import Out
from chalicelib.api.shapes import Moment, MoneyOut
from chalicelib.operations import links
from chalicelib.rules.addresses import masked
from chalicelib.rules.clashes import Clash
from chalicelib.rules.consents import Consent
from chalicelib.rules.invoices import InvoiceStatus
from chalicelib.rules.invoices import status as status_of
from chalicelib.rules.participants import ParticipantDetails
from chalicelib.rules.pricing import PriceLine
from chalicelib.rules.refs import public_id
from chalicelib.rules.registration_history import Billing, BillingStatus, RefundState
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
        return [cls._of(name, registration.details_at(place)) for place, name in enumerate(registration.participants)]

    @classmethod
    def _of(cls, name: str, details: ParticipantDetails) -> "ParticipantOut":
        born = date.fromisoformat(details.date_of_birth) if details.date_of_birth else None
        return cls(name=name, answers=dict(details.answers), consents=ConsentOut.all_of(details.consents), date_of_birth=born)


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
    reference: str | None
    """The payment's id at its origin: a Stripe Checkout Session."""


class RefundOut(Out):
    amount: MoneyOut
    method: str
    """`stripe`, or how it was noted by hand."""
    state: RefundState
    at: Moment
    by: str
    note: str
    reference: str | None
    """The refund's id at Stripe."""


class BillingOut(Out):
    status: BillingStatus
    """`free`: unpaid, with a total of 0."""
    paid: MoneyOut
    """What came in, without the refunds."""
    history: list[BillingChangeOut]
    payments: list[PaymentOut]
    refunds: list[RefundOut]

    @classmethod
    def of(cls, registration: Registration) -> "BillingOut":
        currency = registration.price.currency
        return cls(
            status=registration.billing_status,
            paid=MoneyOut.of(registration.paid),
            history=[BillingChangeOut(status=step.status, at=step.at, by=step.by, note=step.note) for step in registration.billing_history],
            payments=[
                PaymentOut(
                    amount=MoneyOut.of(paid.money(currency)),
                    method=paid.method,
                    at=paid.at,
                    by=paid.by,
                    meeting=paid.meeting or None,
                    reference=paid.reference or None,
                )
                for paid in registration.payments
            ],
            refunds=[
                RefundOut(
                    amount=MoneyOut(amount=back.amount, currency=currency),
                    method=back.method,
                    state=back.state,
                    at=back.at,
                    by=back.by,
                    note=back.note,
                    reference=back.reference or None,
                )
                for back in registration.refunds
            ],
        )


class IssuedOut(Out):
    """The invoice of a registration; its link needs no account."""

    number: str
    link: str
    status: InvoiceStatus


class PriceLineOut(Out):
    """A line of a price: the spots, or a reduction as a negative amount."""

    label: str
    amount: int

    @classmethod
    def all_of(cls, lines: Sequence[PriceLine]) -> "list[PriceLineOut]":
        return [cls(label=line.untranslated, amount=line.amount) for line in lines]


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
    invoice: IssuedOut | None
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


def issued(registration: Registration) -> IssuedOut:
    link = links.invoice_link(registration, registration.invoice)
    return IssuedOut(number=registration.invoice, link=link, status=status_of(registration))


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
