"""Invitations, for staff."""

from typing import Any, Literal

from chalicelib.api import lists
from chalicelib.api.discounts import DISCOUNTED
from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.registration_shapes import RegistrationOut
from chalicelib.api.responses import ApiResponse, Out
from chalicelib.api.sessions import SESSION
from chalicelib.api.shapes import Moment, MoneyOut
from chalicelib.api.unreachable import UnreachableOut
from chalicelib.operations import invitations, links
from chalicelib.operations import sessions as session_operations
from chalicelib.operations.sessions import InvitationView
from chalicelib.rules.inputs.invitations import InvitationInput, ResendInput, ReviveInput
from chalicelib.rules.invitations import (
    AlreadyInvited,
    ExpiresInThePast,
    Forwarding,
    InvitationAccepted,
    InvitationAwaitsPayment,
    InvitationEnded,
    InvitationNotEnded,
    InvitationNotPending,
    InvitationStatus,
    InvitationUsed,
    NothingToApprove,
    ResentTooOften,
)
from chalicelib.rules.ledger import SessionFull, TooManyExtras
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.refs import public_id
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.rules.registration_refusals import AlreadyRegistered, AnswersDoNotFit, TierNeeded, UnknownTier
from chalicelib.rules.session_refusals import SessionCancelled, SessionPast
from chalicelib.web.audience import Staff

INVITATION = "/v1/orgs/{org}/invitations/{invitation}"
FULL = (SessionFull, TooManyExtras, AlreadyInvited, SessionPast, SessionCancelled, ExpiresInThePast)


class ClaimantOut(Out):
    """The claimant who waits for the approval of staff."""

    name: str
    email: str
    participants: list[str]
    asked_at: Moment


class InvitationOut(Out):
    id: str
    session: str
    email: str
    party_size: int
    status: InvitationStatus
    link: str | None
    """None once it has ended, and for staff who may not change rosters: it accepts and declines for everybody who has it."""
    spots_held: int
    expires_at: Moment
    extra: int
    mail: Literal["queued", "suppressed"]
    forwarding: Forwarding
    tier: str | None
    price: MoneyOut | None
    discount_code: str | None
    note: str
    invited_by: str
    created_at: Moment
    sends: int
    waiting: ClaimantOut | None
    entry: str | None
    """The waitlist entry that it is an offer to."""
    registration: str | None
    used_by: str | None
    """The address that accepted it, which may differ from the invited one."""

    @classmethod
    def of(cls, view: InvitationView, *, by: StaffMember) -> "InvitationOut":
        invitation, waits = view.invitation, view.invitation.claimant
        return cls(
            id=invitation.public_id,
            session=invitation.session,
            email=invitation.email,
            party_size=invitation.party_size,
            status=view.status,
            link=links.invitation_link(invitation) if view.is_live and by.may("manage_roster") else None,
            spots_held=view.held,
            expires_at=invitation.expires_at,
            extra=view.extra,
            mail=invitation.mail,
            forwarding=invitation.forwarding,
            tier=invitation.tier or None,
            price=MoneyOut.of(invitation.price) if invitation.price else None,
            discount_code=invitation.discount_code or None,
            note=invitation.note,
            invited_by=invitation.invited_by,
            created_at=invitation.created_at,
            sends=invitation.sends,
            waiting=ClaimantOut(name=waits.name, email=waits.email, participants=list(waits.participants), asked_at=waits.asked_at)
            if waits
            else None,
            entry=public_id(invitation.session, invitation.entry) if invitation.entry else None,
            registration=public_id(invitation.session, invitation.registration) if invitation.registration else None,
            used_by=invitation.accepted_by or None,
        )


class InvitationsOut(Out):
    items: list[InvitationOut]
    next: str | None
    unreachable: list[UnreachableOut]
    """Who of them cannot be reached by e-mail."""


@endpoint(
    "GET", SESSION + "/invitations", id="invitations.list_invitations", who=Staff("read"), gives={200: InvitationsOut}, query=lists.QUERY
)
def list_invitations(request: Request[None]) -> ApiResponse:
    """List the invitations of a session, latest first."""
    paging = lists.list_query(request.call)
    roster = session_operations.read_roster(request.org, request["session"], now=request.call.now)
    items, next_start = lists.page_of(roster.invitations, paging, lambda view: view.invitation.id)
    body = InvitationsOut(
        items=[InvitationOut.of(view, by=request.staff) for view in items],
        next=lists.cursor(request.call, next_start),
        unreachable=UnreachableOut.among(request.org, (view.invitation.email for view in items)),
    )
    return ApiResponse(200, body)


@endpoint(
    "POST",
    SESSION + "/invitations",
    id="invitations.invite",
    who=Staff("manage_roster"),
    takes=InvitationInput,
    gives={201: InvitationOut},
    refuses=(*FULL, UnknownTier, *DISCOUNTED),
)
def invite(request: Request[InvitationInput]) -> ApiResponse:
    """Hold spots for an address and send it the link that claims them."""
    draft = request.body
    invited, _ = invitations.invite(request.org, request["session"], draft, by=request.by, key=request.key, now=request.call.now)
    return ApiResponse(201, InvitationOut.of(InvitationView(invited, "pending", invited.party_size, invited.extra), by=request.staff))


@endpoint("GET", INVITATION, id="invitations.read_invitation", who=Staff("read"), gives={200: InvitationOut})
def read_invitation(request: Request[None]) -> ApiResponse:
    """Read one invitation."""
    return _read(request)


@endpoint(
    "POST",
    INVITATION + "/resend",
    id="invitations.resend",
    who=Staff("manage_roster"),
    takes=ResendInput,
    gives={200: InvitationOut},
    refuses=(ResentTooOften, InvitationNotPending, InvitationAccepted),
)
def resend(request: Request[ResendInput]) -> ApiResponse:
    """Resend an invitation: the same hold and, unless rotated, the same link."""
    invitations.resend(request.org, request["invitation"], rotate=request.body.rotate, now=request.call.now)
    return _read(request)


@endpoint(
    "POST",
    INVITATION + "/cancel",
    id="invitations.cancel",
    who=Staff("manage_roster"),
    gives={200: InvitationOut},
    refuses=(InvitationAccepted, InvitationNotPending),
)
def cancel(request: Request[None]) -> ApiResponse:
    """Cancel a pending invitation and free its spots; its link answers 410."""
    ended = invitations.cancel_invitation(request.org, request["invitation"], by=request.by, now=request.call.now)
    return ApiResponse(200, InvitationOut.of(InvitationView(ended, ended.ended or "cancelled", 0, 0), by=request.staff))


@endpoint(
    "POST",
    INVITATION + "/revive",
    id="invitations.revive",
    who=Staff("manage_roster"),
    takes=ReviveInput,
    gives={200: InvitationOut},
    refuses=(*FULL, *DISCOUNTED, InvitationNotEnded, InvitationAccepted, ChangedMeanwhile),
)
def revive(request: Request[ReviveInput]) -> ApiResponse:
    """Revive an ended invitation, if there are enough free spots."""
    made = invitations.revive(request.org, request["invitation"], request.body, by=request.by, key=request.key, now=request.call.now)
    revived = made.invitation
    return ApiResponse(200, InvitationOut.of(InvitationView(revived, "pending", revived.party_size, revived.extra), by=request.staff))


@endpoint(
    "POST",
    INVITATION + "/approve",
    id="invitations.approve",
    who=Staff("manage_roster"),
    gives={200: RegistrationOut},
    refuses=(
        NothingToApprove,
        InvitationEnded,
        InvitationUsed,
        InvitationAwaitsPayment,
        AlreadyRegistered,
        TierNeeded,
        UnknownTier,
        AnswersDoNotFit,
    ),
)
def approve(request: Request[None]) -> ApiResponse:
    """Approve a claimant with another address: they are registered."""
    accepted = invitations.approve(request.org, request["invitation"], now=request.call.now)
    return ApiResponse(200, RegistrationOut.of(accepted.registration))


@endpoint(
    "POST",
    INVITATION + "/reject",
    id="invitations.reject",
    who=Staff("manage_roster"),
    gives={200: InvitationOut},
    refuses=(NothingToApprove, InvitationEnded),
)
def reject(request: Request[None]) -> ApiResponse:
    """Reject a claimant with another address; the invitation stays live."""
    invitations.reject(request.org, request["invitation"], now=request.call.now)
    return _read(request)


def _read(request: Request[Any]) -> ApiResponse:
    view = invitations.read_invitation(request.org, request["invitation"], now=request.call.now)
    return ApiResponse(200, InvitationOut.of(view, by=request.staff))
