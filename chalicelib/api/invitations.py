"""Invitations, for staff."""

from typing import Any, Literal

from chalicelib.api import lists
from chalicelib.api.answers import Answer, Out
from chalicelib.api.booked import RegistrationOut
from chalicelib.api.discounts import DISCOUNTED
from chalicelib.api.endpoints import Request, Staff, endpoint
from chalicelib.api.sessions import SESSION
from chalicelib.api.shapes import Moment, MoneyOut
from chalicelib.operations import invitations, links
from chalicelib.operations import sessions as session_operations
from chalicelib.operations.sessions import InvitationView
from chalicelib.rules.drafts.invitations import InvitationDraft, Resending, Reviving
from chalicelib.rules.invitations import (
    AlreadyAccepted,
    AlreadyInvited,
    AlreadyUsed,
    ExpiresInThePast,
    Forwarding,
    InvitationOver,
    NobodyWaits,
    NotOver,
    NotPending,
    ResentTooOften,
    Status,
)
from chalicelib.rules.ledger import SessionFull, TooManyExtras
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.rules.registrations import AlreadyRegistered, AnswersDoNotFit, TierNeeded, UnknownTier
from chalicelib.rules.sessions import SessionCancelled, SessionPast
from chalicelib.tables.keys import joined

INVITATION = "/v1/orgs/{org}/invitations/{invitation}"
FULL = (SessionFull, TooManyExtras, AlreadyInvited, SessionPast, SessionCancelled, ExpiresInThePast)


class ClaimantOut(Out):
    """Who waits for staff's yes."""

    name: str
    email: str
    participants: list[str]
    asked_at: Moment


class InvitationOut(Out):
    id: str
    session: str
    email: str
    party_size: int
    status: Status
    link: str | None
    """None once it is over."""
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
    """The entry of the waitlist that it is an offer to."""
    registration: str | None
    used_by: str | None
    """The address that used it, which may be another than the invited one."""

    @classmethod
    def of(cls, view: InvitationView) -> "InvitationOut":
        invitation, waits = view.invitation, view.invitation.claimant
        return cls(
            id=joined(invitation.session, invitation.id),
            session=invitation.session,
            email=invitation.email,
            party_size=invitation.party_size,
            status=view.status,
            link=links.invitation_link(invitation) if view.status in {"pending", "waiting_for_approval"} else None,
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
            entry=joined(invitation.session, invitation.entry) if invitation.entry else None,
            registration=joined(invitation.session, invitation.registration) if invitation.registration else None,
            used_by=invitation.accepted_by or None,
        )


class InvitationsOut(Out):
    items: list[InvitationOut]
    next: str | None


@endpoint("GET", SESSION + "/invitations", who=Staff("viewer"), gives={200: InvitationsOut}, query=lists.QUERY)
def list_invitations(request: Request[None]) -> Answer:
    """List the session's invitations, latest first."""
    asked = lists.wanted(request.call)
    roster = session_operations.read_roster(request.org, request["session"], now=request.call.now)
    items, following = lists.cut(roster.invitations, asked, lambda view: view.invitation.id)
    body = InvitationsOut(items=[InvitationOut.of(view) for view in items], next=lists.cursor(request.call, following))
    return Answer(200, body)


@endpoint(
    "POST",
    SESSION + "/invitations",
    who=Staff("manager"),
    takes=InvitationDraft,
    gives={201: InvitationOut},
    refuses=(*FULL, UnknownTier, *DISCOUNTED),
)
def invite(request: Request[InvitationDraft]) -> Answer:
    """Hold spots for an address and send it the link that claims them."""
    invited = invitations.invite(
        request.org, request["session"], request.body, by=request.by, key=request.key, now=request.call.now
    ).invitation
    return Answer(201, InvitationOut.of(InvitationView(invited, "pending", invited.party_size, invited.extra)))


@endpoint("GET", INVITATION, who=Staff("viewer"), gives={200: InvitationOut})
def read_invitation(request: Request[None]) -> Answer:
    """Read one invitation."""
    return _read(request)


@endpoint(
    "POST",
    INVITATION + "/resend",
    who=Staff("manager"),
    takes=Resending,
    gives={200: InvitationOut},
    refuses=(ResentTooOften, NotPending, AlreadyAccepted),
)
def resend(request: Request[Resending]) -> Answer:
    """Send the invitation again: the same hold and, unless rotated, the same link."""
    invitations.resend(request.org, request["invitation"], rotate=request.body.rotate, now=request.call.now)
    return _read(request)


@endpoint("POST", INVITATION + "/cancel", who=Staff("manager"), gives={200: InvitationOut}, refuses=(AlreadyAccepted, NotPending))
def cancel(request: Request[None]) -> Answer:
    """End a pending invitation and free its spots; its link answers 410."""
    ended = invitations.cancel_invitation(request.org, request["invitation"], by=request.by, now=request.call.now)
    return Answer(200, InvitationOut.of(InvitationView(ended, ended.ended or "cancelled", 0, 0)))


@endpoint(
    "POST",
    INVITATION + "/revive",
    who=Staff("manager"),
    takes=Reviving,
    gives={200: InvitationOut},
    refuses=(*FULL, *DISCOUNTED, NotOver, AlreadyAccepted, ChangedMeanwhile),
)
def revive(request: Request[Reviving]) -> Answer:
    """Let an invitation that ended live again, if there are spots."""
    revived = invitations.revive(request.org, request["invitation"], request.body, by=request.by, key=request.key, now=request.call.now)
    return Answer(
        200, InvitationOut.of(InvitationView(revived.invitation, "pending", revived.invitation.party_size, revived.invitation.extra))
    )


@endpoint(
    "POST",
    INVITATION + "/approve",
    who=Staff("manager"),
    gives={200: RegistrationOut},
    refuses=(NobodyWaits, InvitationOver, AlreadyUsed, AlreadyRegistered, TierNeeded, UnknownTier, AnswersDoNotFit),
)
def approve(request: Request[None]) -> Answer:
    """Say yes to somebody with another address: they are registered."""
    accepted = invitations.approve(request.org, request["invitation"], now=request.call.now)
    return Answer(200, RegistrationOut.of(accepted.registration))


@endpoint("POST", INVITATION + "/reject", who=Staff("manager"), gives={200: InvitationOut}, refuses=(NobodyWaits, InvitationOver))
def reject(request: Request[None]) -> Answer:
    """Say no to somebody with another address; the invitation stays live."""
    invitations.reject(request.org, request["invitation"], now=request.call.now)
    return _read(request)


def _read(request: Request[Any]) -> Answer:
    return Answer(200, InvitationOut.of(invitations.read_invitation(request.org, request["invitation"], now=request.call.now)))
