"""The Messages stream: a message that was queued is sent."""

from typing import Any

from chalicelib.events.records import Change, Clock, each, real_time
from chalicelib.operations.messages import send
from chalicelib.rules.messages import MailDelayed
from chalicelib.tables.messages import named_by


def handle(event: dict[str, Any], *, clock: Clock = real_time) -> dict[str, Any]:
    """Send every message that was queued. What could not be handed over is reported, so that the stream comes back to it."""
    return each(event, Sender(clock))


class Sender:
    """Sends the messages of one batch. Once SES throttles, the rest of the batch waits with the first that it refused."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._throttled: MailDelayed | None = None

    def __call__(self, change: Change) -> None:
        if not change.new or not _queued_anew(change):
            return
        if self._throttled:
            raise self._throttled
        org, own, _ = named_by(change.new)
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
    return named_by(change.new)[2] == "queued" and before not in {"queued", "sending"}
