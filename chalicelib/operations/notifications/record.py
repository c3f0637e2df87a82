"""Records notifications: each is written once, however often its trigger is noticed."""

from collections.abc import Iterable
from datetime import UTC, datetime

from chalicelib.rules import notification_triggers
from chalicelib.rules.jobs import Job
from chalicelib.rules.ledger import Chunk
from chalicelib.rules.messages import Message
from chalicelib.rules.notification_triggers import Trigger
from chalicelib.rules.notifications import Notification, notification_id
from chalicelib.rules.receipts import refundable
from chalicelib.rules.sessions import Session
from chalicelib.rules.transitions import HoldChange
from chalicelib.tables import booking_context, invitations, ledger, notifications


def record(org: str, triggers: Iterable[Trigger], *, now: datetime) -> None:
    """Record a notification for each trigger. `now` is the time of recording, so that "read up to" marks never cover it."""
    for one in triggers:
        notifications.add(Notification(org, notification_id(one.kind, org, one.key), one.kind, now, one.about))


def record_sold_out(org: str, session: str, old: Chunk | None, new: Chunk, *, now: datetime) -> None:
    """Record that the session is sold out if this change of a chunk took its last spots.

    Spots taken through the waitlist do not count, since the session was sold out before.
    """
    took = notification_triggers.took_last_spots(old, new, now)
    if all(_from_waitlist(org, session, one) for one in took):
        return
    others = (one for one in ledger.read(org, session) if one.number != new.number)
    record(org, notification_triggers.of_ledger(session, [new, *others], now), now=now)


def _from_waitlist(org: str, session: str, came: HoldChange) -> bool:
    invitation = invitations.find(org, session, came.id) if came.hold.registration else None
    return invitation is not None and invitation.entry != ""


def record_bounced(message: Message, *, now: datetime) -> None:
    record(message.org, [Trigger("bounced", message.id, {"message": message.id})], now=now)


def record_mail_pause(org: str, *, now: datetime) -> None:
    """Record, once a day, that bulk e-mails are paused until the next day."""
    record(org, [Trigger("mail_rests", now.astimezone(UTC).date().isoformat(), {})], now=now)


def record_decision(session: Session, *, now: datetime) -> None:
    """Record the decision about the minimum of a session, and whether there are payments to refund."""
    refunds = bool(session.cancelled_at and refundable(booking_context.roster(session.org, session.id).registrations))
    record(session.org, notification_triggers.of_decision(session, refunds=refunds), now=now)


def record_job(job: Job, *, now: datetime) -> None:
    """Record the end of a job, if it has ended and its kind is notified."""
    record(job.org, notification_triggers.of_job(job), now=now)
