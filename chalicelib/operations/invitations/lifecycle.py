"""Changes to an invitation after it was sent: resend, cancel, expire."""

from datetime import datetime
from typing import Literal

from chalicelib.operations.discounts.apply import return_use
from chalicelib.rules.invitations import LIVE, Invitation, InvitationAccepted, InvitationNotPending, resends_left, status
from chalicelib.rules.refs import Ref
from chalicelib.rules.refusals import Busy, NotFound
from chalicelib.tables import invitations, ledger, organisations

SWEPT_BY = "clock"
ATTEMPTS = 3


def resend(org: str, public_id: str, *, rotate: bool, now: datetime) -> Invitation:
    """Send the invitation again with the same hold, at most five times an hour. `rotate` replaces the link.

    Raises NotFound, ResentTooOften, InvitationNotPending if it has ended, InvitationAccepted.
    """
    _, session_id, id = Ref.parse(org, public_id)
    for _ in range(ATTEMPTS):
        invitation = invitations.get(org, session_id, id)
        found = status(invitation, ledger.hold_of(invitation), now)
        if found == "accepted":
            raise InvitationAccepted
        if found not in LIVE:
            raise InvitationNotPending
        recent = resends_left(invitation, now)
        try:
            return invitations.note_resend(invitation, recent=recent, rotate=rotate, mail=_mail(invitation), now=now)
        except invitations.NotMovable:
            continue
    raise Busy


def _mail(invitation: Invitation) -> Literal["queued", "suppressed"]:
    """Return whether the e-mail will be sent. An offer from the waitlist was asked for, so it passes an unsubscription."""
    preferences = organisations.email_preferences(invitation.org, invitation.email)
    withheld = preferences.suppressed or (preferences.unsubscribed and not invitation.entry)
    return "suppressed" if withheld else "queued"


def cancel_invitation(org: str, public_id: str, *, by: str, now: datetime) -> Invitation:
    """Cancel a pending invitation and free its spots; its link answers 410. Two requests. Does nothing if it was cancelled already.

    Raises NotFound, InvitationAccepted if it became a registration, InvitationNotPending if it was declined.
    """
    _, session_id, id = Ref.parse(org, public_id)
    try:
        ended = invitations.end(org, session_id, id, "cancelled", by=by, now=now)
    except invitations.NotMovable as refused:
        ended = refused.invitation
        if ended.registration:
            raise InvitationAccepted from None
        if ended.ended == "declined":
            raise InvitationNotPending from None
    free(ended)
    return ended


def free(ended: Invitation) -> None:
    """Free the spots of an ended invitation, then return its discount use.

    Raises InvitationAccepted if its spots were confirmed first, and marks the row accepted."""
    try:
        ledger.release(ended.org, ended.session, ended.id, ended.hold, chunk=ended.chunk)
    except ledger.HoldConfirmed as confirmed:
        registration = confirmed.hold.registration or ended.id
        invitations.mark_accepted(ended.org, ended.session, ended.id, nonce=ended.nonce, registration=registration, by="")
        raise InvitationAccepted from None
    return_use(ended)


def sweep(org: str, *, now: datetime) -> int:
    """End expired invitations, release their holds and return how many. Expired holds never block anybody; this updates the rows."""
    ended = 0
    for session_id, id in invitations.due(org, now):
        ended += _expire(org, session_id, id, now)
    return ended


def _expire(org: str, session_id: str, id: str, now: datetime) -> bool:
    invitation = invitations.find(org, session_id, id)
    return invitation is not None and expire(invitation, now=now)


def expire(invitation: Invitation, *, now: datetime) -> bool:
    """End the invitation if it has expired, and release its hold. False when there is nothing to end."""
    if invitation.expires_at > now:
        return False
    try:
        free(_ended(invitation, now))
    except (NotFound, invitations.NotMovable, InvitationAccepted):
        return False
    return True


def _ended(invitation: Invitation, now: datetime) -> Invitation:
    """End the expired invitation. If it has ended already, an earlier sweep may have failed before it freed the spots."""
    try:
        return invitations.end(invitation.org, invitation.session, invitation.id, "expired", by=SWEPT_BY, now=now, nonce=invitation.nonce)
    except invitations.NotMovable as refused:
        if refused.invitation.ended != "expired":
            raise
        return refused.invitation
