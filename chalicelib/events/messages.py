"""The Messages stream: a message that was queued is sent, as is what is overdue; what follows from one that was sent is noted."""

from typing import Any

from chalicelib.events.records import Change, Clock, Image, each, real_time
from chalicelib.operations.messages import redrive, send
from chalicelib.operations.portal_invitations import note_sent
from chalicelib.rules.messages import MailDelayed, Message
from chalicelib.rules.portal_invitations import KINDS
from chalicelib.tables.messages import is_call, message_from, named_by

WAITS = {"queued", "sending"}
LEFT = {"sent", "delivered", "bounced", "complained"}


def handle(event: dict[str, Any], *, clock: Clock = real_time) -> dict[str, Any]:
    """Send every message that was queued. What could not be handed over is reported, so that the stream comes back to it."""
    return each(event, Sender(clock))


class Sender:
    """Sends the messages of one batch. Once SES throttles, the rest of the batch waits with the first that it refused."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._throttled: MailDelayed | None = None

    def __call__(self, change: Change) -> None:
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
        org, own, _ = named_by(image)
        try:
            send(org, own, now=self._clock())
        except MailDelayed as delayed:
            if delayed.throttled:
                self._throttled = delayed
            raise


def _queued_anew(change: Change) -> bool:
    """Whether the message is new, or was done with and is to be sent again.

    One that an attempt put back does not count: its first record was reported as failed and comes again; each attempt would add another.
    """
    assert change.new
    before = named_by(change.old)[2] if change.old else None
    return named_by(change.new)[2] == "queued" and before not in WAITS


def _sent_now(change: Change) -> bool:
    """Whether this very change says that the message went out, whatever became of it at once."""
    assert change.new
    before = named_by(change.old)[2] if change.old else None
    return named_by(change.new)[2] in LEFT and before not in LEFT


def _without_content(image: Image) -> Message:
    """Return the message of an image: Lambda hands bytes over in a way of its own, and nobody here reads them."""
    return message_from({name: value for name, value in image.items() if name != "content"})
