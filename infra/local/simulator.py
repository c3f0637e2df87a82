"""SES's mailbox simulator: addresses at simulator.amazonses.com whose fate is known beforehand, so that it can be looked at here too.

Source: Amazon SES developer guide, "Using the Amazon SES mailbox simulator", and the examples of its events.
"""

from datetime import UTC, datetime
from threading import Timer
from typing import Any, Protocol

from infra.local.mailbox.letters import Letter

DOMAIN = "simulator.amazonses.com"
AFTER_SECONDS = 0.1
UNKNOWN_MAILBOX = "smtp; 550 5.1.1 user unknown"
DETAILS: dict[str, dict[str, Any]] = {
    "success": {"eventType": "Delivery", "delivery": {}},
    "bounce": {
        "eventType": "Bounce",
        "bounce": {"bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": [{"diagnosticCode": UNKNOWN_MAILBOX}]},
    },
    "complaint": {"eventType": "Complaint", "complaint": {"complaintFeedbackType": "abuse"}},
    "suppressionlist": {
        "eventType": "Bounce",
        "bounce": {"bounceType": "Permanent", "bounceSubType": "Suppressed", "bouncedRecipients": [{}]},
    },
}
"""What happens to an e-mail by what stands before the @; a label may follow after a plus."""
ENVELOPE = {"version": "0", "source": "aws.ses", "account": "000000000000", "region": "local", "resources": list[str]()}


class Listener(Protocol):
    def __call__(self, event: dict[str, Any], /) -> object: ...


def event_of(letter: Letter) -> dict[str, Any] | None:
    """Return what EventBridge would bring about this e-mail; None for addresses that are not the simulator's."""
    name, _, domain = letter.to[0].rpartition("@") if letter.to else ("", "", "")
    detail = DETAILS.get(name.partition("+")[0].lower())
    if domain.lower() != DOMAIN or detail is None:
        return None
    mail = {"messageId": letter.id, "destination": letter.to, "tags": {key: [value] for key, value in letter.tags.items()}}
    about = {"detail-type": f"Email {detail['eventType']}", "detail": {**detail, "mail": mail}}
    return {**ENVELOPE, "id": letter.id, "time": datetime.now(UTC).isoformat(timespec="seconds"), **about}


def tell(letter: Letter, listener: Listener) -> None:
    """Let the listener hear of it, a moment after the e-mail was taken."""
    event = event_of(letter)
    if event:
        timer = Timer(AFTER_SECONDS, listener, (event,))
        timer.daemon = True
        timer.start()
