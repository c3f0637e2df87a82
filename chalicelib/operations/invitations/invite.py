"""Invites a person: the row first, then the hold. Three requests when nothing stands in the way.

What follows a hold (the e-mail) follows from the ledger's stream, so an invitation whose hold was refused leaves nothing.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from chalicelib.operations.identity import derived, nonce
from chalicelib.operations.invitations.reserve_discount import write_discounted
from chalicelib.operations.invitations.write import Start, check_ended
from chalicelib.rules.inputs.invitations import InvitationInput, ReviveInput
from chalicelib.rules.invitations import LIVE, ExpiresInThePast, Invitation, InvitationAccepted, InvitationNotEnded, expiry, status
from chalicelib.rules.ledger import Chunk, SessionFull, TooManyExtras, count
from chalicelib.rules.refs import Ref
from chalicelib.rules.refusals import Busy, ChangedMeanwhile
from chalicelib.rules.registration_refusals import UnknownTier
from chalicelib.rules.reminders import first_check
from chalicelib.rules.sessions import Session, Tier, check_not_over
from chalicelib.tables import booking_context, invitations, ledger, sessions


class Invited(NamedTuple):
    """An invitation that holds its spots."""

    invitation: Invitation
    session: Session


def invite(org: str, session_id: str, draft: InvitationInput, *, by: str, key: str, now: datetime) -> Invited:
    """Hold spots for an address; the stream sends the invitation. A retry with the same key returns the same invitation.

    A use of the discount code is reserved with the spots. `by` is the user who invites.
    Raises NotFound, SessionFull unless `confirm_over_capacity` allows extra spots, AlreadyInvited, UnknownTier, ExpiresInThePast,
    SessionPast, SessionCancelled, TooManyExtras, DiscountRefused, Busy.
    """
    context = booking_context.read(org, session_id, email=draft.email)
    check_not_over(context.session, now)
    id = derived("invitation", org, session_id, key)
    invitation = new_invitation(context, draft, id, by=by, key=key, now=now)
    earlier_id = context.invited_before if context.invited_before != id else ""
    if earlier_id:
        check_ended(invitation, earlier_id, now)
    if context.session.chunks == 1 and not draft.confirm_over_capacity:
        _check_room(context.first_chunk, id, draft.party_size, now)
    guarded = invitations.InvitationGuards(context.other_addresses, {earlier_id} if earlier_id else ())
    start = Start(invitation, guarded=guarded)
    written = write_discounted(start, draft.discount_code, context.session, now=now)
    if written.again and status(written.invitation, None, now):
        return Invited(written.invitation, context.session)
    invitation = _renewed(written.invitation, now) if written.again else written.invitation
    held = _claim_or_undo(invitation, context.session, allow_extra=draft.confirm_over_capacity, again=written.again, now=now)
    return Invited(held, context.session)


def revive(org: str, public_id: str, wanted: ReviveInput, *, by: str, key: str, now: datetime) -> Invited:
    """Revive an ended invitation: same address, same link, a new hold. A retry with the same key revives it once.

    Raises NotFound, InvitationNotEnded while it is live, InvitationAccepted, AlreadyInvited, SessionFull unless `confirm_over_capacity`
    allows extra spots, TooManyExtras, ExpiresInThePast, SessionPast, SessionCancelled, DiscountRefused if its use was returned and the
    code no longer applies.
    """
    _, session_id, id = Ref.parse(org, public_id)
    was = invitations.get(org, session_id, id)
    if was.revived_at and was.nonce == nonce(key):
        return _revived_before(was, wanted, now)
    context = booking_context.read(org, session_id, email=was.email)
    check_not_over(context.session, now)
    found = status(was, ledger.hold_of(was), now)
    if found == "accepted":
        raise InvitationAccepted
    if found in LIVE:
        raise InvitationNotEnded
    invitation = _living(was, context, _expiry(wanted.expires_at, context, now), key=key, now=now)
    discount_code = was.discount_code if was.discount_returned else None
    start = Start(invitation, was, invitations.InvitationGuards(context.other_addresses))
    written = write_discounted(start, discount_code, context.session, now=now)
    held = _claim_or_undo(written.invitation, context.session, allow_extra=wanted.confirm_over_capacity, again=True, now=now, was=was)
    return Invited(held, context.session)


def new_invitation(
    context: booking_context.BookingContext, draft: InvitationInput, id: str, *, by: str, key: str, now: datetime
) -> Invitation:
    """Return the invitation to write. Raises ExpiresInThePast, UnknownTier."""
    expires_at = _expiry(draft.expires_at, context, now)
    tier = _fixed_tier(context.session, draft.tier)
    return Invitation(
        org=context.session.org,
        session=context.session.id,
        id=id,
        email=draft.email,
        party_size=draft.party_size,
        expires_at=expires_at,
        forwarding=draft.forwarding or context.organisation.forwarding,
        nonce=nonce(key),
        created_at=now,
        invited_by=by,
        tier=tier.id if tier else "",
        price=tier.price if tier else None,
        sibling=context.organisation.sibling_discount,
        note=draft.note,
        chunk=ledger.preferred(id, context.session.chunks),
        **_mail(context, expires_at, now),
    )


def _living(was: Invitation, context: booking_context.BookingContext, expires_at: datetime, *, key: str, now: datetime) -> Invitation:
    """Return the row of a revived invitation. A waitlist offer was asked for: it needs no reminder and ignores an unsubscription."""
    mail = {"mail": "suppressed" if context.email_preferences.suppressed else "queued"} if was.entry else _mail(context, expires_at, now)
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


def _revived_before(invitation: Invitation, wanted: ReviveInput, now: datetime) -> Invited:
    """Answer a retry of `revive`: hold the spots if the first attempt did not, unless the invitation has ended since."""
    session = sessions.get(invitation.org, invitation.session)
    if status(invitation, None, now):
        return Invited(invitation, session)
    refused = replace(invitation, nonce=nonce(invitation.nonce, "refused"), ended="expired", ended_at=now, ended_by="clock")
    return Invited(_claim_or_undo(invitation, session, allow_extra=wanted.confirm_over_capacity, again=True, now=now, was=refused), session)


def _expiry(wanted: datetime | None, context: booking_context.BookingContext, now: datetime) -> datetime:
    if wanted and wanted <= now:
        raise ExpiresInThePast
    return expiry(wanted, days=context.organisation.invitation_days, last_starts_at=context.session.last_starts_at, now=now)


def _mail(context: booking_context.BookingContext, expires_at: datetime, now: datetime) -> dict[str, Any]:
    """Return the row's fields for the e-mail: queued or suppressed, and the time of the first reminder."""
    if context.email_preferences.suppressed or context.email_preferences.unsubscribed:
        return {"mail": "suppressed", "remind_at": None}
    return {"mail": "queued", "remind_at": first_check(now, context.organisation.reminder_days, until=expires_at)}


def _fixed_tier(session: Session, wanted: str | None) -> Tier | None:
    """Return the tier that the invitation fixes: the chosen one or the session's only one; None if the invitee chooses."""
    if not wanted:
        return session.tiers[0] if len(session.tiers) == 1 else None
    tier = session.tier(wanted)
    if tier is None:
        raise UnknownTier
    return tier


def _check_room(chunk: Chunk, id: str, wanted: int, now: datetime) -> None:
    """Raise SessionFull before anything is written, unless an earlier attempt holds the spots. The session has one chunk."""
    if id not in chunk.holds and chunk.available(now) < wanted:
        raise SessionFull(free=count([chunk], now).free, wanted=wanted)


def _renewed(earlier: Invitation, now: datetime) -> Invitation:
    """Renew the row that an earlier attempt wrote. Raises Busy if the row was just taken back."""
    renewed = invitations.renew(earlier, now=now)
    if renewed is None:
        raise Busy
    return renewed


def _claim_or_undo(
    invitation: Invitation, session: Session, *, allow_extra: bool, again: bool, now: datetime, was: Invitation | None = None
) -> Invitation:
    """Claim the spots for a written row. On a refusal, delete the row, or restore it to `was`."""
    try:
        return _claim(invitation, session, allow_extra=allow_extra, again=again, now=now)
    except (SessionFull, TooManyExtras):
        if was is None:
            invitations.delete_attempt(invitation)
        else:
            _put_back(was, invitation)
        raise


def _put_back(was: Invitation, revived: Invitation) -> None:
    try:
        invitations.put_back(was, was=revived)
    except (invitations.AddressTaken, ChangedMeanwhile):
        return


def _claim(invitation: Invitation, session: Session, *, allow_extra: bool, again: bool, now: datetime) -> Invitation:
    org, session_id, id = invitation.org, invitation.session, invitation.id
    try:
        if again:
            chunk, held = ledger.claim_with_full_ledger(org, session_id, id, invitation.hold, now=now)
            return replace(invitation, chunk=chunk, extra=held.extra)
        return replace(invitation, chunk=ledger.claim(org, session_id, id, invitation.hold, chunks=session.chunks, now=now))
    except SessionFull:
        if not allow_extra:
            raise
    extra = replace(invitation, extra=invitation.party_size)
    return replace(extra, chunk=ledger.claim_extra(org, session_id, id, extra.hold, now=now))
