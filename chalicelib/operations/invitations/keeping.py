"""What happens to an invitation after it went out: sent again, cancelled, run out."""

from datetime import datetime

from chalicelib.operations.discounts.using import give_back
from chalicelib.rules.invitations import AlreadyAccepted, Invitation, NotPending, resends_left, status
from chalicelib.rules.refusals import Busy, NotFound
from chalicelib.tables import invitations, keys, ledger

SWEPT_BY = "clock"
ATTEMPTS = 3


def resend(org: str, invitation_id: str, *, rotate: bool, now: datetime) -> Invitation:
    """Send the invitation again: same hold and, unless rotated, same link. At most five times an hour.

    Raises ResentTooOften, NotPending when it is over, AlreadyAccepted.
    """
    session_id, own = keys.parted(invitation_id)
    for _ in range(ATTEMPTS):
        invitation = invitations.get(org, session_id, own)
        standing = ledger.locate(org, session_id, own, chunk=invitation.chunk)
        found = status(invitation, standing[1] if standing else None, now)
        if found == "accepted":
            raise AlreadyAccepted
        if found not in {"pending", "waiting_for_approval"}:
            raise NotPending
        recent = resends_left(invitation, now)
        try:
            return invitations.note_resend(invitation, recent=recent, rotate=rotate, now=now)
        except invitations.NotMovable:
            continue
    raise Busy


def cancel_invitation(org: str, invitation_id: str, *, by: str, now: datetime) -> Invitation:
    """End a pending invitation and free its spots; its link answers 410. Two requests. Cancelled already: nothing changes.

    Raises AlreadyAccepted when it became a registration, NotPending when it was declined.
    """
    session_id, own = keys.parted(invitation_id)
    try:
        ended = invitations.end(org, session_id, own, "cancelled", by=by, now=now)
    except invitations.NotMovable as refused:
        ended = refused.invitation
        if ended.registration:
            raise AlreadyAccepted from None
        if ended.ended == "declined":
            raise NotPending from None
    free(ended)
    return ended


def free(ended: Invitation) -> None:
    """Free an ended invitation's spots, then its discount code. Raises AlreadyAccepted when it was used first; the row then says so."""
    try:
        ledger.release(ended.org, ended.session, ended.id, ended.hold, chunk=ended.chunk)
    except ledger.HoldConfirmed as confirmed:
        registration = confirmed.hold.r or ended.id
        invitations.mark_accepted(ended.org, ended.session, ended.id, nonce=ended.nonce, registration=registration, by="")
        raise AlreadyAccepted from None
    give_back(ended)


def sweep(org: str, *, now: datetime) -> int:
    """End what has run out and free its spots. They were free for everybody already; this tidies up and tells the roster."""
    swept = 0
    for session_id, own in invitations.due(org, now):
        swept += _expire(org, session_id, own, now)
    return swept


def _expire(org: str, session_id: str, own: str, now: datetime) -> bool:
    invitation = invitations.find(org, session_id, own)
    if invitation is None or invitation.expires_at > now:
        return False
    try:
        free(_ended(invitation, now))
    except (NotFound, invitations.NotMovable, AlreadyAccepted):
        return False
    return True


def _ended(invitation: Invitation, now: datetime) -> Invitation:
    """Note that it ran out. Noted already: a reply was lost, or another sweep died here; the spots are to be freed all the same."""
    try:
        return invitations.end(invitation.org, invitation.session, invitation.id, "expired", by=SWEPT_BY, now=now, nonce=invitation.nonce)
    except invitations.NotMovable as refused:
        if refused.invitation.ended != "expired":
            raise
        return refused.invitation
