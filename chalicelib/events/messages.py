"""The Messages stream: sends queued and overdue messages, and records portal invitations that were sent."""

from typing import Any

from chalicelib.events.records import Clock, Image, RecordChange, each, real_time
from chalicelib.operations.messages import redrive, send
from chalicelib.operations.portal_invitations import note_sent
from chalicelib.rules.messages import MailDelayed, Message
from chalicelib.rules.portal_invitations import KINDS
from chalicelib.tables.messages import gathers, is_call, message_from, named_by

WAITS = {"queued", "sending"}
LEFT = {"sent", "delivered", "bounced", "complained"}


def handle(event: dict[str, Any], *, clock: Clock = real_time) -> dict[str, Any]:
    """Send every queued message. Those that SES did not accept are reported as failed, so that the stream retries them."""
    return each(event, Sender(clock))


class Sender:
    """Sends the messages of one batch. Once SES throttles, the rest of the batch is delayed with the message that was throttled."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._throttled: MailDelayed | None = None

    def __call__(self, change: RecordChange) -> None:
        if not change.new:
            return
        if is_call(change.new):
            redrive(named_by(change.new)[0], now=self._clock())
        elif _queued_anew(change):
            self._send(change.new)
        elif change.new["kind"]["S"] in KINDS and _sent_now(change):
            note_sent(_without_content(change.new))

    def _send(self, image: Image) -> None:
        if self._throttled:
            raise self._throttled
        org, id, _ = named_by(image)
        try:
            send(org, id, now=self._clock())
        except MailDelayed as delayed:
            if delayed.throttled:
                self._throttled = delayed
            raise


def _queued_anew(change: RecordChange) -> bool:
    """Return whether the message is new, or is queued again after an attempt that had ended.

    A message that an attempt put back into the queue does not count: its first record was reported as failed and is retried, and every
    attempt would add another. One that gathers changes counts once it is dispatched.
    """
    assert change.new
    if gathers(change.new):
        return False
    waited = change.old and named_by(change.old)[2] in WAITS and not gathers(change.old)
    return named_by(change.new)[2] == "queued" and not waited


def _sent_now(change: RecordChange) -> bool:
    """Return whether this change is the one from unsent to sent, whatever the delivery state is by now."""
    assert change.new
    before = named_by(change.old)[2] if change.old else None
    return named_by(change.new)[2] in LEFT and before not in LEFT


def _without_content(image: Image) -> Message:
    """Return the message of an image without its content, which stream records encode differently and this module does not read."""
    return message_from({name: value for name, value in image.items() if name != "content"})
