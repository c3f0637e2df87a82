"""Noticing what staff are told of. It may be noticed any number of times: it is written once, one row for all of the staff."""

from collections.abc import Iterable
from datetime import datetime

from chalicelib.rules import ringing
from chalicelib.rules.changes import HoldChange
from chalicelib.rules.jobs import Job
from chalicelib.rules.ledger import Chunk
from chalicelib.rules.messages import Message
from chalicelib.rules.notifications import Notification, notification_id
from chalicelib.rules.ringing import Ring
from chalicelib.tables import invitations, ledger, notifications


def ring(org: str, rings: Iterable[Ring], *, now: datetime) -> None:
    """Tell the staff of each. `now` is when it is noticed: what was read up to a moment does not hide what is noticed later."""
    for one in rings:
        notifications.add(Notification(org, notification_id(one.kind, org, one.key), one.kind, now, one.about))


def ring_sold_out(org: str, session: str, old: Chunk | None, new: Chunk, *, now: datetime) -> None:
    """Tell them if this change of a chunk took the last spots of the session: of a large one, other chunks may have some.

    What the waitlist takes was sold out before.
    """
    took = ringing.took_the_last(old, new, now)
    if all(_from_waitlist(org, session, one) for one in took):
        return
    others = (one for one in ledger.read(org, session) if one.number != new.number)
    ring(org, ringing.of_ledger(session, [new, *others], now), now=now)


def _from_waitlist(org: str, session: str, came: HoldChange) -> bool:
    invitation = invitations.find(org, session, came.id) if came.hold.r else None
    return invitation is not None and invitation.entry != ""


def ring_bounced(message: Message, *, now: datetime) -> None:
    ring(message.org, [Ring("bounced", message.id, {"message": message.id})], now=now)


def ring_job(job: Job, *, now: datetime) -> None:
    """Tell them that a job has ended, if it has and is of a kind that they wait for."""
    ring(job.org, ringing.of_job(job), now=now)
