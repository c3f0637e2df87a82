"""What rings the bell: for each kind of row, the changes of it that staff are told of. What they did themselves does not ring."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from chalicelib.rules import changes, times
from chalicelib.rules.addresses import compared
from chalicelib.rules.changes import HoldChange
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.jobs import Job
from chalicelib.rules.jobs import Kind as JobKind
from chalicelib.rules.ledger import IN_FLIGHT, Chunk, count
from chalicelib.rules.notifications import Kind
from chalicelib.rules.registrations import Registration
from chalicelib.rules.waitlist import Entry


class Ring(NamedTuple):
    """A reason to tell staff. `key` tells it from every other of its kind, and is the same however often it is noticed."""

    kind: Kind
    key: str
    about: Mapping[str, str]


def registered(old: Registration | None, new: Registration) -> bool:
    """Whether somebody registered by themselves, and stands on the roster."""
    came = new.confirmed_at is not None and (old is None or old.confirmed_at is None)
    return came and new.source in {"public", "code"} and not (new.moved_from or new.removed_at)


def accepted(old: Invitation | None, new: Invitation) -> bool:
    """Whether the invitation became a registration, other than by staff's own yes."""
    came = new.registration != "" and (old is None or not old.registration)
    approved = old is not None and old.claimant is not None and compared(old.claimant.email) == compared(new.accepted_by)
    return came and not approved


def declined(old: Invitation | None, new: Invitation) -> bool:
    return changes.ended(old, new) and new.ended == "declined"


def waits(old: Invitation | None, new: Invitation) -> bool:
    """Whether somebody with another address asked to use it. The same person asking again is no news."""
    if new.claimant is None:
        return False
    before = old.claimant if old else None
    return before is None or compared(before.email) != compared(new.claimant.email)


def joined(old: Entry | None, new: Entry) -> bool:
    """Whether somebody put themselves on a waitlist."""
    return old is None and not new.by_staff


REGISTRATIONS: Mapping[Kind, Callable[[Registration | None, Registration], bool]] = {"registered": registered}
INVITATIONS: Mapping[Kind, Callable[[Invitation | None, Invitation], bool]] = {
    "accepted": accepted,
    "declined": declined,
    "waiting_for_approval": waits,
}
WAITLIST: Mapping[Kind, Callable[[Entry | None, Entry], bool]] = {"waitlist_joined": joined}
JOBS: frozenset[JobKind] = frozenset({"import", "codes", "mailing", "portal_invitations"})
"""What staff wait for."""
BULK: frozenset[JobKind] = frozenset({"mailing", "portal_invitations"})
"""Of these, one to a single person is nothing that anybody waits for."""
SOON = IN_FLIGHT + timedelta(minutes=1)
"""What is held for no longer is held for a booking under way, not for an invitation; two clocks differ by a minute at most."""


def of_registration(old: Registration | None, new: Registration) -> Iterator[Ring]:
    about = {"session": new.session, "registration": new.id}
    for kind, happened in REGISTRATIONS.items():
        if happened(old, new):
            yield Ring(kind, f"{new.session}-{new.id}#{new.nonce}", about)


def of_invitation(old: Invitation | None, new: Invitation) -> Iterator[Ring]:
    about = {"session": new.session, "invitation": new.id, **({"registration": new.registration} if new.registration else {})}
    asked = times.written(new.claimant.asked_at) if new.claimant else ""
    for kind, happened in INVITATIONS.items():
        if happened(old, new):
            yield Ring(kind, f"{new.session}-{new.id}#{new.nonce}#{asked}", about)


def of_entry(old: Entry | None, new: Entry) -> Iterator[Ring]:
    about = {"session": new.session, "entry": new.id}
    for kind, happened in WAITLIST.items():
        if happened(old, new):
            yield Ring(kind, f"{new.session}-{new.id}", about)


def of_job(job: Job) -> Iterator[Ring]:
    """A job that has ended rings; one that failed and was done all the same rings again."""
    if job.open or job.kind not in JOBS or (job.kind in BULK and job.total <= 1):
        return
    named = {name: str(job.data[name]) for name in ("session", "contract") if job.data.get(name)}
    about = {"job": job.id, "what": job.kind, **named, **({"failures": "some"} if job.failures else {})}
    yield Ring("job_done" if job.status == "done" else "job_failed", job.id, about)


def took_the_last(old: Chunk | None, new: Chunk, now: datetime) -> list[HoldChange]:
    """Return who took the last spots of a chunk by this change.

    A registration takes free ones, the last of several that are under way. Those of an accepted invitation were not free before: it
    counts when no other was awaited.
    """
    if new.spots > 0:
        return []
    came = [one for one in changes.hold_changes(old.holds if old else {}, new.holds) if one.what == "confirmed" and one.hold.back > 0]
    awaited = [hold for hold in new.holds.values() if hold.s == "H" and hold.back > 0]
    under_way = any(hold.e is not None and hold.e <= (now + SOON).timestamp() for hold in awaited)
    return [one for one in came if not (under_way if one.hold.r is None else awaited)]


def of_ledger(session: str, chunks: Iterable[Chunk], now: datetime) -> Iterator[Ring]:
    """A session without a free spot rings, the same ring for as long as the same people have its spots."""
    chunks = list(chunks)
    if count(chunks, now).free:
        return
    taken = sorted(f"{own}#{hold.v}" for chunk in chunks for own, hold in chunk.holds.items() if hold.s == "C")
    yield Ring("sold_out", f"{session}#{sha256(' '.join(taken).encode()).hexdigest()}", {"session": session})
