"""Starts the invitations of many people: their spots are reserved in the transaction that stores the job.

What is promised: with the mode `all`, the spots of all recipients are held from that moment, or none are and nobody is invited, however
many others book at the same time. With `in_order`, the spots are held of as many recipients as have room at that moment, in their order.
The job then hands the spots over, invitation by invitation; until then they are free for nobody else. Somebody who cannot be invited any
more when the turn comes, such as a person invited by hand meanwhile, is left out, and the spots are free again at the end of the job. So
are those of a job that does not end within a day.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.operations import jobs
from chalicelib.operations.bulk_invitations.choose import check_terms, chosen
from chalicelib.operations.identity import derived, nonce
from chalicelib.operations.quotas import check_mails
from chalicelib.rules import times
from chalicelib.rules.bulk_invitations import InvitationList, NotEnoughSpots
from chalicelib.rules.inputs.bulk_invitations import BulkInvitationInput
from chalicelib.rules.jobs import Job
from chalicelib.rules.ledger import Chunk, Hold, TooManyExtras, count
from chalicelib.rules.refusals import Busy
from chalicelib.rules.reservations import LASTS, ReservedChunk, extra_share, spread
from chalicelib.tables import booking_context, ledger

ATTEMPTS = 12
TERMS = ("party_size", "discount_code", "tier", "forwarding")


def invite_many(org: str, session_id: str, draft: BulkInvitationInput, *, by: str, key: str, now: datetime) -> str:
    """Reserve the spots, start the job that invites the recipients, and return its id. A retry with the same key returns the same job.

    Raises NotEnoughSpots, with nobody invited, when the mode is `all` and too little is free for all of them, or when nothing is free at
    all; with `confirm_over_capacity`, extra spots make up for missing ones, and TooManyExtras is raised when they do not suffice.
    Raises what `preview` does, TooManyMails, and Busy.
    """
    id = derived("session invitations", org, session_id, key)
    if jobs.is_started(org, id):
        return id
    choice = _checked_choice(org, session_id, draft, now=now)
    job = _job(org, session_id, id, draft, choice, by=by, now=now)
    check_mails(job, now=now)
    seemed_full = False
    for _ in range(ATTEMPTS):
        chunks = ledger.ready_chunks(org, session_id, now=now)
        if chunks is None:
            continue
        try:
            shares = _shares(chunks, draft, len(choice.recipients), now)
        except (NotEnoughSpots, TooManyExtras):
            # The ledger is read chunk by chunk: one reading may miss a spot that moves meanwhile, two in a row cannot.
            if seemed_full or len(chunks) == 1:
                raise
            seemed_full = True
            continue
        if jobs.start_with(_with_shares(job, shares), choice.recipients, _writes(job, chunks, shares, draft.party_size)):
            return id
    raise Busy


def _checked_choice(org: str, session_id: str, draft: BulkInvitationInput, *, now: datetime) -> InvitationList:
    roster = booking_context.roster(org, session_id)
    check_terms(roster, draft, now=now)
    return chosen(roster, draft, now=now)


def _shares(chunks: Sequence[Chunk], draft: BulkInvitationInput, wanted: int, now: datetime) -> list[ReservedChunk]:
    """Return where the spots are reserved. Raises NotEnoughSpots, TooManyExtras."""
    size = draft.party_size
    shares = spread(chunks, size, wanted)
    fitting = sum(share.parties for share in shares)
    if fitting < wanted and draft.confirm_over_capacity:
        extra = extra_share(chunks, size, wanted - fitting)
        shares, fitting = [*shares, *([extra] if extra.parties else [])], fitting + extra.parties
        if fitting < wanted and draft.mode == "all":
            raise TooManyExtras
    if (fitting < wanted and draft.mode == "all") or (wanted and not fitting):
        raise NotEnoughSpots(free=count(chunks, now).free, wanted=wanted * size)
    return shares


def _writes(job: Job, chunks: Sequence[Chunk], shares: Sequence[ReservedChunk], size: int) -> list[dict[str, Any]]:
    return ledger.reserve_writes(job.org, str(job.data["session"]), chunks, shares, size, reserved_hold(job), job.id)


def reserved_hold(job: Job) -> Hold:
    """Return the form of the holds of a job's reservation."""
    return Hold(spots=0, state="held", nonce=nonce(job.id), expires_at=int((job.created_at + LASTS).timestamp()))


def _job(org: str, session_id: str, id: str, draft: BulkInvitationInput, choice: InvitationList, *, by: str, now: datetime) -> Job:
    expires = {"expires_at": times.written(draft.expires_at)} if draft.expires_at else {}
    terms = {name: getattr(draft, name) for name in TERMS if getattr(draft, name)}
    return Job(
        org=org,
        id=id,
        kind="session_invitations",
        total=len(choice.recipients),
        by=by,
        created_at=now,
        moved_at=now,
        data={"session": session_id, "skipped": dict(choice.reasons), "terms": {**terms, **expires}},
    )


def _with_shares(job: Job, shares: Sequence[ReservedChunk]) -> Job:
    kept = [[share.chunk, share.parties, share.extra] for share in shares if share.parties]
    return replace(job, data={**job.data, "shares": kept})


def shares_of(job: Job) -> list[ReservedChunk]:
    """Return the job's reservation, as it was made."""
    return [ReservedChunk(int(chunk), int(parties), extra=bool(extra)) for chunk, parties, extra in job.data["shares"]]
