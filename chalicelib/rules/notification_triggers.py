"""The changes of a row that notify staff, for each kind of row. Changes by staff do not."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from chalicelib.rules import times, transitions
from chalicelib.rules.addresses import compared
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.jobs import Job, JobKind
from chalicelib.rules.ledger import IN_FLIGHT, Chunk, count
from chalicelib.rules.minimum import MinimumOutcome
from chalicelib.rules.notifications import NotificationKind
from chalicelib.rules.online_payment import LATE
from chalicelib.rules.refs import public_id
from chalicelib.rules.refunds import failed
from chalicelib.rules.registration_history import BillingChange, FamilyChangeKind
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.rules.transitions import HoldChange, own_changes
from chalicelib.rules.waitlist import WaitlistEntry


class Trigger(NamedTuple):
    """A reason to notify staff. `key` is unique within its kind, and the same each time the change is seen."""

    kind: NotificationKind
    key: str
    about: Mapping[str, str]


def registered(old: Registration | None, new: Registration) -> bool:
    """Whether a public registration was confirmed on the roster."""
    came = new.confirmed_at is not None and (old is None or old.confirmed_at is None)
    return came and new.source in {"public", "code"} and not (new.moved_from or new.removed_at)


def accepted(old: Invitation | None, new: Invitation) -> bool:
    """Whether the invitation was accepted without staff's approval."""
    came = new.registration != "" and (old is None or not old.registration)
    approved = old is not None and old.claimant is not None and compared(old.claimant.email) == compared(new.accepted_by)
    return came and not approved


def declined(old: Invitation | None, new: Invitation) -> bool:
    return transitions.ended(old, new) and new.ended == "declined"


def awaits_approval(old: Invitation | None, new: Invitation) -> bool:
    """Whether another address asked for approval. A repeated request of the same address does not count."""
    if new.claimant is None:
        return False
    before = old.claimant if old else None
    return before is None or compared(before.email) != compared(new.claimant.email)


def joined(old: WaitlistEntry | None, new: WaitlistEntry) -> bool:
    """Whether an entry was added to the waitlist by the person, rather than by staff."""
    return old is None and not new.by_staff


BY_FAMILIES: Mapping[FamilyChangeKind, NotificationKind] = {
    "cancelled": "booking_cancelled",
    "changed": "booking_changed",
    "moved": "booking_moved",
    "returned": "spots_returned",
}
REGISTRATIONS: Mapping[NotificationKind, Callable[[Registration | None, Registration], bool]] = {"registered": registered}
INVITATIONS: Mapping[NotificationKind, Callable[[Invitation | None, Invitation], bool]] = {
    "accepted": accepted,
    "declined": declined,
    "waiting_for_approval": awaits_approval,
}
WAITLIST: Mapping[NotificationKind, Callable[[WaitlistEntry | None, WaitlistEntry], bool]] = {"waitlist_joined": joined}
DECIDED: Mapping[MinimumOutcome, NotificationKind] = {
    "goes_ahead": "goes_ahead",
    "asked": "below_minimum",
    "cancelled": "cancelled_below_minimum",
}
"""By the decision about the minimum of a session."""
JOBS: frozenset[JobKind] = frozenset({"import", "codes", "mailing", "portal_invitations", "session_invitations"})
"""The jobs whose end staff want to know."""
BULK: frozenset[JobKind] = frozenset({"mailing", "portal_invitations", "session_invitations"})
"""Of these, the jobs that notify only when they are for more than one person."""
SOON = IN_FLIGHT + timedelta(minutes=1)
"""A hold that ends within this time belongs to a booking in flight, not to an invitation. The minute allows for clock skew."""


def of_registration(old: Registration | None, new: Registration) -> Iterator[Trigger]:
    about = {"session": new.session, "registration": new.id}
    for kind, happened in REGISTRATIONS.items():
        if happened(old, new):
            yield Trigger(kind, f"{new.public_id}#{new.nonce}", about)
    for change in own_changes(old, new):
        yield Trigger(BY_FAMILIES[change.kind], f"{new.public_id}#{new.nonce}#{change.number}", about)
    for late in _late_payments(old, new):
        yield Trigger("paid_late", f"{new.public_id}#{times.written(late.at)}", about)
    for refund in failed(old, new):
        yield Trigger("refund_failed", f"{new.public_id}#{refund.id}", about)


def _late_payments(old: Registration | None, new: Registration) -> Iterator[BillingChange]:
    """Yield the new changes of the billing status that record a payment which came in too late."""
    known = len(old.billing_history) if old else 0
    return (change for change in new.billing_history[known:] if change.note in LATE)


def of_invitation(old: Invitation | None, new: Invitation) -> Iterator[Trigger]:
    about = {"session": new.session, "invitation": new.id, **({"registration": new.registration} if new.registration else {})}
    asked_at = times.written(new.claimant.asked_at) if new.claimant else ""
    for kind, happened in INVITATIONS.items():
        if happened(old, new):
            yield Trigger(kind, f"{new.public_id}#{new.nonce}#{asked_at}", about)


def of_entry(old: WaitlistEntry | None, new: WaitlistEntry) -> Iterator[Trigger]:
    """Yield the trigger of an entry; alternatives have one together."""
    about = {"session": new.session, "entry": new.id, **({"others": "some"} if new.others else {})}
    for kind, happened in WAITLIST.items():
        if happened(old, new):
            yield Trigger(kind, public_id((new.any_of or (new.session,))[0], new.id), about)


def of_decision(session: Session, *, refunds: bool) -> Iterator[Trigger]:
    """Yield the trigger of a session whose minimum was decided. `refunds`: whether there are payments to refund."""
    minimum = session.minimum
    if minimum and minimum.decided_at and minimum.outcome in DECIDED:
        about = {"session": session.id, **({"refunds": "some"} if refunds else {})}
        yield Trigger(DECIDED[minimum.outcome], f"{session.id}#{times.written(minimum.decided_at)}", about)


def of_job(job: Job) -> Iterator[Trigger]:
    """Yield the trigger of an ended job. A job that failed and was completed later has one for each."""
    if job.open or job.kind not in JOBS or (job.kind in BULK and job.total <= 1):
        return
    named = {name: str(job.data[name]) for name in ("session", "contract") if job.data.get(name)}
    about = {"job": job.id, "what": job.kind, **named, **({"failures": "some"} if job.failures else {})}
    yield Trigger("job_done" if job.status == "done" else "job_failed", job.id, about)


def took_last_spots(old: Chunk | None, new: Chunk, now: datetime) -> list[HoldChange]:
    """Return the confirmed holds that took the last spots of a chunk by this change.

    A registration counts when no other booking of the chunk is in flight. An accepted invitation, whose spots were held before, counts when
    no other hold of the chunk is pending.
    """
    if new.spots > 0:
        return []
    came = [one for one in transitions.hold_changes(old.holds if old else {}, new.holds) if one.what == "confirmed" and one.hold.freed > 0]
    awaited = [hold for hold in new.holds.values() if hold.state == "held" and hold.freed > 0]
    under_way = any(hold.expires_at is not None and hold.expires_at <= (now + SOON).timestamp() for hold in awaited)
    return [one for one in came if not (under_way if one.hold.registration is None else awaited)]


def of_ledger(session: str, chunks: Iterable[Chunk], now: datetime) -> Iterator[Trigger]:
    """Return the trigger of a session without a free spot: the same one for as long as the same people have its spots."""
    chunks = list(chunks)
    if count(chunks, now).free:
        return
    taken = sorted(f"{id}#{hold.nonce}" for chunk in chunks for id, hold in chunk.holds.items() if hold.is_taken)
    yield Trigger("sold_out", f"{session}#{sha256(' '.join(taken).encode()).hexdigest()}", {"session": session})
