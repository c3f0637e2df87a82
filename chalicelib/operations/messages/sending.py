"""Sending: lease, ask whether it is wanted and still makes sense, write, hand over, mark. A crash anywhere loses nothing.

Only a crash between SES's yes and our mark sends twice, and then with the same link.
"""

import time
from datetime import datetime, timedelta

from chalicelib import telemetry
from chalicelib.operations.messages.letters import letter
from chalicelib.rules.messages import Letter, MailDelayed, MailRefused, Message, State, Withheld, unwanted
from chalicelib.tables import messages, organisations

LEASE = timedelta(seconds=60)
"""Longer than one sending takes with all its patience."""
OVERDUE = timedelta(minutes=1)
REDRIVE_SECONDS = 30
"""What has waited keeps what is new waiting for no longer; the rest comes with the next minute."""


def send(org: str, own: str, *, now: datetime) -> State | None:
    """Send a message that waits and return what became of it; None when there is nothing to do or somebody else is at it.

    Raises MailDelayed when it could not be handed over; it waits on, as it does after any fault. `now` is the real time: leases run by it.
    """
    message = messages.take(org, own, now=now, until=now + LEASE)
    if message is None:
        return None
    try:
        state = _send(message, now)
    except Exception:
        messages.put_back(message)
        raise
    telemetry.counted(f"Mail.{state}")
    return state


def call_for_overdue(org: str, *, now: datetime) -> bool:
    """Call whoever may send if something has waited for more than a minute, and tell whether it has."""
    oldest = messages.oldest_unsent(org)
    if oldest is None or oldest > now - OVERDUE:
        return False
    messages.call_for_overdue(org, now)
    return True


def redrive(org: str, *, now: datetime) -> int:
    """Send what has waited for more than a minute and return how many left. Stops when SES throttles; a fault holds up no other message.

    `now` is the real time, even where schedules have another clock: leases run by it.
    """
    began = time.monotonic()
    left = 0
    for own in messages.unsent(org, now - OVERDUE):
        if time.monotonic() - began > REDRIVE_SECONDS:
            break
        try:
            left += send(org, own, now=now + timedelta(seconds=time.monotonic() - began)) == "sent"
        except MailDelayed as delayed:
            if delayed.throttled:
                break
        except Exception:
            telemetry.failed(org=org, mail=own)
    return left


def _send(message: Message, now: datetime) -> State:
    found = unwanted(message.kind, organisations.wishes(message.org, message.to)) or letter(message, now=now)
    withheld = _handed_over(message, found, now) if isinstance(found, Letter) else found
    if withheld:
        messages.withhold(message, withheld)
        return withheld.state
    return "sent"


def _handed_over(message: Message, written_from: Letter, now: datetime) -> Withheld | None:
    # Jinja, Babel and the check of addresses are needed here alone; nobody else's cold start pays for them.
    from chalicelib import emails
    from chalicelib.operations.messages.posting import post

    try:
        mail = emails.write(written_from, now=now)
        ses_id = post(mail)
    except MailRefused as refused:
        return Withheld("failed", refused.reason)
    messages.mark_sent(message, ses_id=ses_id, content=mail.content.blanked(written_from.secrets), now=now)
    return None
