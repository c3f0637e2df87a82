"""SES's mailbox simulator: addresses at simulator.amazonses.com with a fixed delivery result.

Source: Amazon SES developer guide, "Using the Amazon SES mailbox simulator", and the examples of its events.
"""

from datetime import UTC, datetime
from threading import Timer
from typing import Any, Protocol

from infra.local.mailbox.emails import Letter

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
"""The fate of an e-mail by the part of the address before the @; a label may follow after a plus."""
ENVELOPE = {"version": "0", "source": "aws.ses", "account": "000000000000", "region": "local", "resources": list[str]()}


class Listener(Protocol):
    def __call__(self, event: dict[str, Any], /) -> object: ...


def event_of(letter: Letter) -> dict[str, Any] | None:
    """Return the events that EventBridge would deliver about this e-mail; None for addresses outside the simulator."""
    name, _, domain = letter.to[0].rpartition("@") if letter.to else ("", "", "")
    detail = DETAILS.get(name.partition("+")[0].lower())
    if domain.lower() != DOMAIN or detail is None:
        return None
    mail = {"messageId": letter.id, "destination": letter.to, "tags": {key: [value] for key, value in letter.tags.items()}}
    about = {"detail-type": f"Email {detail['eventType']}", "detail": {**detail, "mail": mail}}
    return {**ENVELOPE, "id": letter.id, "time": datetime.now(UTC).isoformat(timespec="seconds"), **about}


def send_event(letter: Letter, listener: Listener) -> None:
    """Call the listener a moment after the e-mail was accepted."""
    event = event_of(letter)
    if event:
        timer = Timer(AFTER_SECONDS, listener, (event,))
        timer.daemon = True
        timer.start()
