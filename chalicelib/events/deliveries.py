"""What SES tells, through EventBridge, of the e-mails that it has taken.

Source of the shape: Amazon SES, event publishing to EventBridge; `detail` is the event with its e-mail and that e-mail's tags.
"""

from collections.abc import Mapping
from typing import Any

from chalicelib.events.records import Clock, real_time
from chalicelib.operations import messages
from chalicelib.rules.deliveries import Delivery, Fate

FATES: dict[str, Fate] = {"Delivery": "delivered", "Bounce": "bounced", "Reject": "bounced", "Complaint": "complained"}
FOR_GOOD = "Permanent"


def handle(event: Mapping[str, Any], *, clock: Clock = real_time) -> None:
    """Note what became of one of our e-mails. What is about no message of ours, or tells nothing new, changes nothing."""
    delivery = read(event.get("detail", {}))
    if delivery:
        messages.note_delivery(delivery, now=clock())


def read(detail: Mapping[str, Any]) -> Delivery | None:
    """Return what the event tells of a message of ours; None when it is of another kind or of no message of ours."""
    fate = FATES.get(str(detail.get("eventType", "")))
    tags = detail.get("mail", {}).get("tags", {})
    org, message = (next(iter(tags.get(name, [])), "") for name in ("org", "message"))
    if fate is None or not (org and message):
        return None
    bounce = detail.get("bounce", {})
    final = fate == "complained" or bounce.get("bounceType") == FOR_GOOD
    return Delivery(org, message, fate, reason=_reason(fate, detail), final=final)


def _reason(fate: Fate, detail: Mapping[str, Any]) -> str:
    """Return one line on why, for staff: what the receiving server said, or the kind of bounce or complaint."""
    if fate == "complained":
        return str(detail.get("complaint", {}).get("complaintFeedbackType") or "")
    if fate == "delivered":
        return ""
    bounce = detail.get("bounce", {})
    said = (recipient.get("diagnosticCode", "") for recipient in bounce.get("bouncedRecipients", []))
    return next((line for line in said if line), "") or str(bounce.get("bounceSubType") or detail.get("reject", {}).get("reason") or "")
