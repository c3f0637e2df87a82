"""Inviting somebody: the row first, then the hold. Three requests when nothing stands in the way.

What follows a hold (the e-mail) follows from the ledger's stream, so an invitation whose hold was refused leaves nothing.
"""

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from chalicelib.operations.identity import derived, nonce
from chalicelib.operations.invitations.discounting import written
from chalicelib.rules.drafts.invitations import InvitationDraft, Reviving
from chalicelib.rules.invitations import AlreadyAccepted, AlreadyInvited, ExpiresInThePast, Invitation, NotOver, expiry, status
from chalicelib.rules.ledger import IN_FLIGHT, Chunk, SessionFull, TooManyExtras, count
from chalicelib.rules.refusals import Busy, ChangedMeanwhile
from chalicelib.rules.registrations import UnknownTier
from chalicelib.rules.reminders import first_look
from chalicelib.rules.sessions import Session, Tier, check_not_over
from chalicelib.tables import invitations, keys, ledger, rosters, sessions


class Invited(NamedTuple):
    """An invitation that holds its spots."""

    invitation: Invitation
    session: Session


def invite(org: str, session_id: str, draft: InvitationDraft, *, by: str, key: str, now: datetime) -> Invited:
    """Hold spots for an address and let its e-mail go out. A retry under the same key is the same invitation.

    A use of its discount code is kept with them.

    Raises SessionFull when too few spots are free and `confirm_over_capacity` is not given, AlreadyInvited, UnknownTier, SessionPast,
    SessionCancelled, TooManyExtras, DiscountRefused.
    """
    desk = rosters.desk(org, session_id, email=draft.email)
    check_not_over(desk.session, now)
    own = derived("invitation", org, session_id, key)
    invitation = _invitation(desk, draft, own, by=by, key=key, now=now)
    over = desk.invited_before if desk.invited_before != own else ""
    if over:
        _check_over(invitation, over, now)
    if desk.session.chunks == 1 and not draft.confirm_over_capacity:
        _check_room(desk.first_chunk, own, draft.party_size, now)
    invitation, earlier = written(invitation, draft.discount_code, partial(_write, now=now, over=over), desk.session, now=now)
    if earlier and status(earlier, None, now):
        return Invited(earlier, desk.session)
    if earlier:
        invitation = _renewed(earlier, now)
    held = _held(invitation, desk.session, over=draft.confirm_over_capacity, again=earlier is not None, now=now)
    return Invited(held, desk.session)


def revive(org: str, invitation_id: str, wanted: Reviving, *, by: str, key: str, now: datetime) -> Invited:
    """Let an invitation that ended live again: same address, same link, a new hold. Capacity is checked again.

    Raises NotOver while it is live, AlreadyAccepted, AlreadyInvited, SessionFull; DiscountRefused when its discount code was given back
    and cannot be used any more.
    """
    session_id, own = keys.parted(invitation_id)
    was = invitations.get(org, session_id, own)
    if was.revived_at and was.nonce == nonce(key):
        return _revived_before(was, wanted, now)
    desk = rosters.desk(org, session_id, email=was.email)
    check_not_over(desk.session, now)
    standing = ledger.locate(org, session_id, own, chunk=was.chunk)
    match status(was, standing[1] if standing else None, now):
        case "accepted":
            raise AlreadyAccepted
        case "pending" | "waiting_for_approval":
            raise NotOver
    invitation = _living(was, desk, _expiry(wanted.expires_at, desk, now), key=key, now=now)
    again = was.discount_code if was.discount_returned else None
    invitation, _ = written(invitation, again, partial(_write, now=now, was=was), desk.session, now=now)
    return Invited(_held(invitation, desk.session, over=wanted.confirm_over_capacity, again=True, now=now, was=was), desk.session)


def _invitation(desk: rosters.Desk, draft: InvitationDraft, own: str, *, by: str, key: str, now: datetime) -> Invitation:
    """Return what is to be written. Raises ExpiresInThePast, UnknownTier."""
    expires_at = _expiry(draft.expires_at, desk, now)
    tier = _fixed_tier(desk.session, draft.tier)
    return Invitation(
        org=desk.session.org,
        session=desk.session.id,
        id=own,
        email=draft.email,
        party_size=draft.party_size,
        expires_at=expires_at,
        forwarding=draft.forwarding or desk.organisation.forwarding,
        nonce=nonce(key),
        created_at=now,
        invited_by=by,
        tier=tier.id if tier else "",
        price=tier.price if tier else None,
        sibling=desk.organisation.sibling_discount,
        note=draft.note,
        chunk=ledger.preferred(own, desk.session.chunks),
        **_mail(desk, expires_at, now),
    )


def _living(was: Invitation, desk: rosters.Desk, expires_at: datetime, *, key: str, now: datetime) -> Invitation:
    """Return an invitation that ended as it is when it lives again. An offer answers an own request: it is not reminded of."""
    mail = {"mail": "suppressed" if desk.wishes.suppressed else "queued"} if was.entry else _mail(desk, expires_at, now)
    return replace(
        was,
        nonce=nonce(key),
        expires_at=expires_at,
        ended=None,
        ended_at=None,
        ended_by="",
        extra=0,
        claimant=None,
        revived_at=now,
        discount_returned=False,
        **mail,
    )


def _revived_before(invitation: Invitation, wanted: Reviving, now: datetime) -> Invited:
    """Answer a retry: hold the spots if the first try did not come to it, but not for an invitation that is over again."""
    session = sessions.get(invitation.org, invitation.session)
    if status(invitation, None, now):
        return Invited(invitation, session)
    refused = replace(invitation, nonce=nonce(invitation.nonce, "refused"), ended="expired", ended_at=now, ended_by="clock")
    return Invited(_held(invitation, session, over=wanted.confirm_over_capacity, again=True, now=now, was=refused), session)


def _expiry(asked: datetime | None, desk: rosters.Desk, now: datetime) -> datetime:
    if asked and asked <= now:
        raise ExpiresInThePast
    return expiry(asked, days=desk.organisation.invitation_days, last_starts_at=desk.session.last_starts_at, now=now)


def _mail(desk: rosters.Desk, expires_at: datetime, now: datetime) -> dict[str, Any]:
    """Return whether the invitation's e-mail is to leave, and when its first reminder."""
    if desk.wishes.suppressed or desk.wishes.unsubscribed:
        return {"mail": "suppressed", "remind_at": None}
    return {"mail": "queued", "remind_at": first_look(now, desk.organisation.reminder_days, until=expires_at)}


def _fixed_tier(session: Session, wanted: str | None) -> Tier | None:
    """Return the tier that the invitation fixes: the one asked for, or the only one there is."""
    if not wanted:
        return session.tiers[0] if len(session.tiers) == 1 else None
    tier = session.tier(wanted)
    if tier is None:
        raise UnknownTier
    return tier


def _check_room(chunk: Chunk, own: str, wanted: int, now: datetime) -> None:
    """Refuse before anything is written when the only chunk has too little room; unless the hold of an earlier try is there."""
    if own not in chunk.holds and chunk.within_reach(now) < wanted:
        raise SessionFull(free=count([chunk], now).free, wanted=wanted)


def _write(
    invitation: Invitation, also: invitations.Writes, *, now: datetime, was: Invitation | None = None, over: str = ""
) -> Invitation | None:
    """Write the row and its address, or return the row that this attempt wrote before. An address is taken from what is over."""
    try:
        return _write_over(invitation, over, was, also)
    except invitations.AddressTaken as taken:
        _check_over(invitation, taken.own, now)
        over = taken.own
    try:
        return _write_over(invitation, over, was, also)
    except invitations.AddressTaken:
        raise Busy from None


def _write_over(invitation: Invitation, over: str, was: Invitation | None, also: invitations.Writes) -> Invitation | None:
    if was is None:
        return invitations.write(invitation, over=over, also=also)
    invitations.write_revived(invitation, was=was, over=over, also=also)
    return None


def _check_over(invitation: Invitation, other_own: str, now: datetime) -> None:
    other = invitations.find(invitation.org, invitation.session, other_own)
    if other is None:
        return
    standing = ledger.locate(other.org, other.session, other.id, chunk=other.chunk)
    found = status(other, standing[1] if standing else None, now)
    if found in {"pending", "waiting_for_approval"}:
        raise AlreadyInvited(keys.joined(other.session, other.id))
    if found is None and now - other.begun_at < IN_FLIGHT:
        raise Busy


def _renewed(earlier: Invitation, now: datetime) -> Invitation:
    """Return the row that this attempt wrote before, renewed; Busy when it was taken back at this moment."""
    renewed = invitations.renew(earlier, now=now)
    if renewed is None:
        raise Busy
    return renewed


def _held(invitation: Invitation, session: Session, *, over: bool, again: bool, now: datetime, was: Invitation | None = None) -> Invitation:
    """Claim the spots for a written row; refused, the row is taken back or is again what it was."""
    try:
        return _claim(invitation, session, over=over, again=again, now=now)
    except (SessionFull, TooManyExtras):
        if was is None:
            invitations.take_back(invitation)
        else:
            _put_back(was, invitation)
        raise


def _put_back(was: Invitation, revived: Invitation) -> None:
    try:
        invitations.put_back(was, was=revived)
    except (invitations.AddressTaken, ChangedMeanwhile):
        return


def _claim(invitation: Invitation, session: Session, *, over: bool, again: bool, now: datetime) -> Invitation:
    org, session_id, own = invitation.org, invitation.session, invitation.id
    try:
        if again:
            chunk, held = ledger.claim_patiently(org, session_id, own, invitation.hold, now=now)
            return replace(invitation, chunk=chunk, extra=held.x)
        return replace(invitation, chunk=ledger.claim(org, session_id, own, invitation.hold, chunks=session.chunks, now=now))
    except SessionFull:
        if not over:
            raise
    extra = replace(invitation, extra=invitation.party_size)
    return replace(extra, chunk=ledger.claim_extra(org, session_id, own, extra.hold, now=now))
