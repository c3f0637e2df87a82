"""Invites the recipients of a job one by one: the row, and then the spots, out of the job's reservation. Two requests for each.

Nobody is invited twice: the invitation's id follows from the job and the address, and so does the chunk where its spots are reserved. A
repeated step finds the row and the hold that the first one wrote.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from chalicelib.operations.bulk_invitations.start import reserved_hold, shares_of
from chalicelib.operations.identity import derived
from chalicelib.operations.invitations.invite import new_invitation
from chalicelib.operations.invitations.reserve_discount import write_discounted
from chalicelib.operations.invitations.write import Start, check_ended
from chalicelib.rules import times
from chalicelib.rules.addresses import compared
from chalicelib.rules.bulk_invitations import NO_ROOM
from chalicelib.rules.inputs.invitations import InvitationInput
from chalicelib.rules.invitations import Invitation, status
from chalicelib.rules.jobs import Failure, Job
from chalicelib.rules.refusals import Busy, NotFound, Refusal
from chalicelib.rules.reservations import ReservedChunk, share_of
from chalicelib.rules.sessions import check_not_over
from chalicelib.tables import booking_context, invitations, ledger
from chalicelib.tables.booking_context import BookingContext


class InviteContext(NamedTuple):
    """What a step needs to invite one address."""

    job: Job
    context: BookingContext
    share: ReservedChunk
    now: datetime

    @property
    def session(self) -> str:
        return self.context.session.id


def invite_next(job: Job, items: Sequence[str], now: datetime) -> list[Failure]:
    """Invite these addresses, and return those who cannot be invited. Safe to repeat. The last step frees the rest of the reservation."""
    failures = _all_failed(job, items, now) or _invited(job, items, now)
    if job.done + len(items) >= job.total:
        ledger.release_reservation(job.org, str(job.data["session"]), job.id)
    return failures


def _all_failed(job: Job, items: Sequence[str], now: datetime) -> list[Failure]:
    """Return a failure for every address when the session takes no invitations any more; else nothing."""
    try:
        check_not_over(booking_context.read(job.org, str(job.data["session"])).session, now)
    except Refusal as refusal:
        return [Failure(item, "gone" if isinstance(refusal, NotFound) else refusal.code) for item in items]
    return []


def _invited(job: Job, items: Sequence[str], now: datetime) -> list[Failure]:
    shares = shares_of(job)
    of_item = {item: share_of(shares, job.done + index) for index, item in enumerate(items)}
    contexts = booking_context.read_many(job.org, str(job.data["session"]), [item for item, share in of_item.items() if share])
    reasons = {item: _invite(InviteContext(job, contexts[item], share, now), item) if share else NO_ROOM for item, share in of_item.items()}
    return [Failure(item, reason) for item, reason in reasons.items() if reason]


def _invite(about: InviteContext, email: str) -> str:
    """Invite one address. Return why it failed, empty on success."""
    try:
        return _write_and_claim(about, _invitation(about, email))
    except Busy:
        raise
    except Refusal as refusal:
        return refusal.code


def _invitation(about: InviteContext, email: str) -> Invitation:
    key = derived("session invitation", about.job.id, compared(email))
    terms = dict(about.job.data["terms"])
    expires_at = times.read(terms.pop("expires_at")) if "expires_at" in terms else None
    draft = InvitationInput.model_construct(email=email, **terms, expires_at=expires_at)
    made = new_invitation(
        about.context, draft, derived("invitation", about.job.org, about.session, key), by=about.job.by, key=key, now=about.now
    )
    return replace(made, chunk=about.share.chunk, extra=made.party_size if about.share.extra else 0)


def _write_and_claim(about: InviteContext, invitation: Invitation) -> str:
    """Write the row and claim its spots from the reservation, unless an earlier step did. Return why it failed, empty on success."""
    before = about.context.invited_before if about.context.invited_before != invitation.id else ""
    if before:
        check_ended(invitation, before, about.now)
    start = Start(invitation, guarded=invitations.InvitationGuards(about.context.other_addresses, {before} if before else ()))
    written = write_discounted(start, about.job.data["terms"].get("discount_code"), about.context.session, now=about.now)
    found = written.invitation
    if written.again and status(found, None, about.now):
        return ""  # It was invited, and has been answered or has run out since.
    job, session = about.job, about.session
    if ledger.claim_reserved(job.org, session, about.share, job.id, to=found.id, hold=found.hold, reserved=reserved_hold(job)):
        return ""
    invitations.delete_attempt(found)
    return NO_ROOM
