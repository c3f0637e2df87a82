"""Public invitations: reading, accepting and declining one by its link."""

from typing import Literal

from chalicelib.api.billing_shapes import PriceLineOut
from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.registration_shapes import OwnRegistrationOut
from chalicelib.api.responses import ApiResponse, Out
from chalicelib.api.session_shapes import BookableFacts
from chalicelib.api.shapes import Moment, MoneyOut
from chalicelib.operations import invitations
from chalicelib.operations.invitations import ClaimView, WaitsForApproval
from chalicelib.rules.addresses import masked
from chalicelib.rules.ages import AgeNotAllowed
from chalicelib.rules.inputs.invitations import AcceptInput
from chalicelib.rules.invitations import (
    ApprovalPending,
    Forwarding,
    InvitationAwaitsPayment,
    InvitationEnded,
    InvitationForOtherAddress,
    InvitationUsed,
)
from chalicelib.rules.limits import TooManyRequests
from chalicelib.rules.money import Money
from chalicelib.rules.organisation_refusals import BookingsPaused
from chalicelib.rules.pricing import total_of
from chalicelib.rules.registration_refusals import AlreadyRegistered, AnswersDoNotFit, TierNeeded, TooManyParticipants, UnknownTier
from chalicelib.web.audience import Public
from chalicelib.web.locale import locale_of

INVITATION = "/v1/invitations/{token}"


class OfferedSessionOut(BookableFacts):
    pass


class InvitationTermsOut(Out):
    """The terms that are fixed while the invitation is live."""

    tier: str | None
    price: MoneyOut | None
    """Per spot."""
    total: MoneyOut | None
    lines: list[PriceLineOut]
    discount_code: str | None


class OfferOut(Out):
    organisation: str
    session: OfferedSessionOut
    party_size: int
    terms: InvitationTermsOut
    expires_at: Moment
    email: str
    """The invited address, masked."""
    forwarding: Forwarding
    status: Literal["pending", "waiting_for_approval"]

    @classmethod
    def of(cls, view: ClaimView) -> "OfferOut":
        invitation, lines = view.invitation, view.lines(view.invitation.tier)
        return cls(
            organisation=view.organisation.name,
            session=OfferedSessionOut.about(view.session),
            party_size=invitation.party_size,
            terms=InvitationTermsOut(
                tier=invitation.tier or None,
                price=MoneyOut.of(invitation.price) if invitation.price else None,
                total=MoneyOut.of(Money(total_of(lines), invitation.price.currency)) if invitation.price else None,
                lines=PriceLineOut.all_of(lines),
                discount_code=invitation.discount_code or None,
            ),
            expires_at=invitation.expires_at,
            email=masked(invitation.email),
            forwarding=invitation.forwarding,
            status="waiting_for_approval" if view.status == "waiting_for_approval" else "pending",
        )


class WaitsForApprovalOut(Out):
    status: Literal["waiting_for_approval"] = "waiting_for_approval"
    code: Literal["waiting_for_approval"] = "waiting_for_approval"
    detail: str = "The organiser was asked whether you may use this invitation. Its spots stay held meanwhile."


@endpoint("GET", INVITATION, id="claims.look", who=Public(), gives={200: OfferOut}, refuses=(InvitationEnded,))
def read_invitation(request: Request[None]) -> ApiResponse:
    """Read an invitation by its link; reading changes nothing."""
    return ApiResponse(200, OfferOut.of(invitations.live_claim_view(request["token"], now=request.call.now)))


@endpoint(
    "POST",
    INVITATION + "/accept",
    id="claims.accept",
    who=Public(),
    takes=AcceptInput,
    gives={201: OwnRegistrationOut, 200: OwnRegistrationOut, 202: WaitsForApprovalOut},
    refuses=(
        InvitationEnded,
        InvitationUsed,
        BookingsPaused,
        InvitationForOtherAddress,
        ApprovalPending,
        InvitationAwaitsPayment,
        AlreadyRegistered,
        AnswersDoNotFit,
        AgeNotAllowed,
        TierNeeded,
        UnknownTier,
        TooManyParticipants,
        TooManyRequests,
    ),
)
def accept(request: Request[AcceptInput]) -> ApiResponse:
    """Accept an invitation: its held spots become a registration."""
    call = request.call
    outcome = invitations.accept(request["token"], request.body, locale=locale_of(call), source=call.source, now=call.now)
    if isinstance(outcome, WaitsForApproval):
        return ApiResponse(202, WaitsForApprovalOut())
    return ApiResponse(201 if outcome.new else 200, OwnRegistrationOut.of(outcome.registration))


@endpoint("POST", INVITATION + "/decline", id="claims.decline", who=Public(), gives={204: None}, refuses=(InvitationEnded,))
def decline(request: Request[None]) -> ApiResponse:
    """Decline an invitation; its spots become free."""
    invitations.decline(request["token"], now=request.call.now)
    return ApiResponse(204)
