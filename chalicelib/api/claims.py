"""What the holder of an invitation's link sees and does."""

from typing import Literal

from chalicelib.api.answers import Answer, Out
from chalicelib.api.booked import PriceLineOut, RegistrationOut
from chalicelib.api.endpoints import Public, Request, endpoint
from chalicelib.api.sessions import MeetingOut, QuestionOut, TierOut
from chalicelib.api.shapes import Moment, MoneyOut
from chalicelib.operations import invitations
from chalicelib.operations.invitations import Offer, Waiting
from chalicelib.rules.addresses import masked
from chalicelib.rules.discounts import total_of
from chalicelib.rules.drafts.invitations import Acceptance
from chalicelib.rules.invitations import AlreadyUsed, Forwarding, InvitationOver, OtherAddress, SomebodyWaits
from chalicelib.rules.money import Money
from chalicelib.rules.registrations import AlreadyRegistered, AnswersDoNotFit, TierNeeded, TooManyParticipants, UnknownTier
from chalicelib.web.locale import locale_of

INVITATION = "/v1/invitations/{token}"


class OfferedSessionOut(Out):
    id: str
    title: str
    description: str
    location: str
    meetings: list[MeetingOut]
    time_zone: str
    tiers: list[TierOut]
    questions: list[QuestionOut]


class TermsOut(Out):
    """What the invitation fixes while it lives."""

    tier: str | None
    price: MoneyOut | None
    """Of one spot."""
    total: MoneyOut | None
    lines: list[PriceLineOut]
    discount_code: str | None


class OfferOut(Out):
    organisation: str
    session: OfferedSessionOut
    party_size: int
    terms: TermsOut
    expires_at: Moment
    email: str
    """The invited address, masked."""
    forwarding: Forwarding
    status: Literal["pending", "waiting_for_approval"]

    @classmethod
    def of(cls, offer: Offer) -> "OfferOut":
        session, invitation, lines = offer.session, offer.invitation, offer.lines(offer.invitation.tier)
        return cls(
            organisation=offer.organisation.name,
            session=OfferedSessionOut(
                id=session.id,
                title=session.title,
                description=session.description,
                location=session.location,
                meetings=[MeetingOut.of(meeting) for meeting in session.meetings],
                time_zone=session.time_zone,
                tiers=[TierOut.of(tier) for tier in session.tiers],
                questions=[QuestionOut.of(question) for question in session.questions],
            ),
            party_size=invitation.party_size,
            terms=TermsOut(
                tier=invitation.tier or None,
                price=MoneyOut.of(invitation.price) if invitation.price else None,
                total=MoneyOut.of(Money(total_of(lines), invitation.price.currency)) if invitation.price else None,
                lines=PriceLineOut.all_of(lines),
                discount_code=invitation.discount_code or None,
            ),
            expires_at=invitation.expires_at,
            email=masked(invitation.email),
            forwarding=invitation.forwarding,
            status="waiting_for_approval" if offer.status == "waiting_for_approval" else "pending",
        )


class WaitingOut(Out):
    status: Literal["waiting_for_approval"] = "waiting_for_approval"
    code: Literal["waiting_for_approval"] = "waiting_for_approval"
    detail: str = "The organiser was asked whether you may use this invitation. Its spots stay held meanwhile."


@endpoint("GET", INVITATION, who=Public(), gives={200: OfferOut}, refuses=(InvitationOver,))
def look(request: Request[None]) -> Answer:
    """Look at an invitation; looking changes nothing."""
    return Answer(200, OfferOut.of(invitations.look(request["token"], now=request.call.now)))


@endpoint(
    "POST",
    INVITATION + "/accept",
    who=Public(),
    takes=Acceptance,
    gives={201: RegistrationOut, 200: RegistrationOut, 202: WaitingOut},
    refuses=(
        InvitationOver,
        AlreadyUsed,
        OtherAddress,
        SomebodyWaits,
        AlreadyRegistered,
        AnswersDoNotFit,
        TierNeeded,
        UnknownTier,
        TooManyParticipants,
    ),
)
def accept(request: Request[Acceptance]) -> Answer:
    """Use an invitation: its held spots become a registration."""
    call = request.call
    outcome = invitations.accept(request["token"], request.body, locale=locale_of(call), now=call.now)
    if isinstance(outcome, Waiting):
        return Answer(202, WaitingOut())
    return Answer(201 if outcome.new else 200, RegistrationOut.shown(outcome.registration))


@endpoint("POST", INVITATION + "/decline", who=Public(), gives={204: None}, refuses=(InvitationOver,))
def decline(request: Request[None]) -> Answer:
    """Decline an invitation; its spots become free."""
    invitations.decline(request["token"], now=request.call.now)
    return Answer(204)
