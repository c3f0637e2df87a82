"""Delivery events of SES, recorded on each message. An address that bounces permanently or complains is suppressed for the organisation."""

from datetime import datetime

from chalicelib import telemetry
from chalicelib.operations import notifications
from chalicelib.rules.deliveries import Delivery
from chalicelib.tables import invitations, messages, organisations, usage

LONGEST_REASON = 300


def note_delivery(delivery: Delivery, *, now: datetime) -> None:
    """Record a delivery event of a message. Events may be repeated and reordered. Ignores an unknown message."""
    message = messages.get(delivery.org, delivery.message)
    if message is None:
        return
    reason = delivery.reason[:LONGEST_REASON]
    if messages.note_fate(message, delivery.fate, reason=reason, now=now):
        _count(delivery, now)
    telemetry.count(f"Mail.{delivery.fate}")
    if delivery.fate == "delivered" and message.kind == "session_invitation":
        invitations.note_delivered(delivery.org, message.session, str(message.data["invitation"]), now=now)
    if delivery.fate == "complained":
        organisations.note_complaint(delivery.org, message.to, kind=message.kind, now=now)
    if delivery.fate == "bounced" and delivery.final:
        organisations.note_bounce(delivery.org, message.to, sent_at=message.sent_at or now, reason=reason, now=now)
    if delivery.fate == "bounced":
        notifications.record_bounced(message, now=now)


def _count(delivery: Delivery, now: datetime) -> None:
    """Count e-mails that bounce for good or are marked as spam; tell staff when so many pause bulk e-mails until midnight.

    An event that comes again changes no fate, and is not counted again.
    """
    if delivery.fate == "delivered" or not delivery.final:
        return
    if usage.count_mails(delivery.org, now=now, **{delivery.fate: 1}).does_harm:
        notifications.record_mail_pause(delivery.org, now=now)
