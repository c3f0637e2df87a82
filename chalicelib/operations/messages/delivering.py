"""What SES tells of an e-mail is noted on it; an address that bounces for good, or complains, gets nothing more from the organisation."""

from datetime import datetime

from chalicelib import telemetry
from chalicelib.operations import notifications
from chalicelib.rules.deliveries import Delivery
from chalicelib.tables import messages, organisations

LONGEST_REASON = 300


def note_delivery(delivery: Delivery, *, now: datetime) -> None:
    """Note what became of a message. It may be told again, and in any order."""
    message = messages.get(delivery.org, delivery.message)
    if message is None:
        return
    messages.note_fate(message, delivery.fate, reason=delivery.reason[:LONGEST_REASON], now=now)
    telemetry.counted(f"Mail.{delivery.fate}")
    if delivery.final:
        organisations.suppress(delivery.org, message.to, fate=delivery.fate, now=now)
    if delivery.fate == "bounced":
        notifications.ring_bounced(message, now=now)
