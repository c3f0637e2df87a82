"""SES events about e-mails that it has accepted, received through EventBridge.

Shape: Amazon SES, event publishing to EventBridge. `detail` is the event, with the e-mail and its tags.
"""

from collections.abc import Mapping
from typing import Any

from chalicelib.events.records import Clock, real_time
from chalicelib.operations import messages
from chalicelib.rules.actor import CLOCK
from chalicelib.rules.deliveries import Delivery, Fate
from chalicelib.tables.actor import acting

FATES: dict[str, Fate] = {"Delivery": "delivered", "Bounce": "bounced", "Reject": "bounced", "Complaint": "complained"}
FOR_GOOD = "Permanent"


def handle(event: Mapping[str, Any], *, clock: Clock = real_time) -> None:
    """Record the delivery state of a message. Events about other e-mails, and events without news, change nothing."""
    delivery = read(event.get("detail", {}))
    if delivery:
        with acting(CLOCK):
            messages.note_delivery(delivery, now=clock())


def read(detail: Mapping[str, Any]) -> Delivery | None:
    """Return the delivery event of one of our messages, None if it is of another type or about another e-mail."""
    fate = FATES.get(str(detail.get("eventType", "")))
    tags = detail.get("mail", {}).get("tags", {})
    org, message = (next(iter(tags.get(name, [])), "") for name in ("org", "message"))
    if fate is None or not (org and message):
        return None
    bounce = detail.get("bounce", {})
    final = fate == "complained" or bounce.get("bounceType") == FOR_GOOD
    return Delivery(org, message, fate, reason=_reason(fate, detail), final=final)


def _reason(fate: Fate, detail: Mapping[str, Any]) -> str:
    """Return the reason in one line, for staff: the receiving server's reply, or the type of bounce or complaint."""
    if fate == "complained":
        return str(detail.get("complaint", {}).get("complaintFeedbackType") or "")
    if fate == "delivered":
        return ""
    bounce = detail.get("bounce", {})
    diagnostics = (recipient.get("diagnosticCode", "") for recipient in bounce.get("bouncedRecipients", []))
    return next((line for line in diagnostics if line), "") or str(
        bounce.get("bounceSubType") or detail.get("reject", {}).get("reason") or ""
    )
