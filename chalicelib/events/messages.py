"""The Messages stream: sends queued and overdue messages, and records portal invitations that were sent."""

from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.events.records import Clock, Image, RecordChange, changes, each, real_time
from chalicelib.operations.messages.mailer import Mailer, MessageRef
from chalicelib.operations.portal_invitations import note_sent
from chalicelib.rules.messages import Message
from chalicelib.rules.portal_invitations import KINDS
from chalicelib.tables.messages import gathers, is_call, message_from, named_by

WAITS = {"queued", "sending"}
LEFT = {"sent", "delivered", "bounced", "complained"}


def handle(event: dict[str, Any], *, clock: Clock = real_time) -> dict[str, Any]:
    """Send every queued message, then those overdue, as long as there is time. What SES does not accept now stays queued for the clock.

    Only records whose message cannot be sent for a fault of its own are reported as failed, so that the stream retries them.
    """
    mailer = Mailer(clock)
    new, called = _new(event), [*_called(event)]
    faults = mailer.send_new(new)
    mailer.send_overdue(dict.fromkeys(called))
    return each(event, lambda change: _react(change, faults))


def _react(change: RecordChange, faults: Mapping[MessageRef, Exception]) -> None:
    """Raise the fault of a queued message; record that a portal invitation was sent."""
    if not change.new or is_call(change.new):
        return
    if _queued_anew(change):
        if fault := faults.get(_ref(change.new)):
            raise fault
    elif change.new["kind"]["S"] in KINDS and _sent_now(change):
        note_sent(_without_content(change.new))


def _new(event: dict[str, Any]) -> list[list[MessageRef]]:
    """Return the queued messages of each recipient: nobody reads of an offer before the news that they are on the waitlist."""
    lines: dict[str, dict[MessageRef, None]] = {}
    for change, image in _readable(event):
        if not is_call(image) and _queued_anew(change):
            to = image["recipient" if "recipient" in image else "pk"]["S"]
            lines.setdefault(to, {})[_ref(image)] = None
    return [list(line) for line in lines.values()]


def _called(event: dict[str, Any]) -> Iterator[str]:
    return (_ref(image)[0] for _, image in _readable(event) if is_call(image))


def _readable(event: dict[str, Any]) -> Iterator[tuple[RecordChange, Image]]:
    """Yield the changes that have a state. `each` reports the others as failed."""
    return ((change, change.new) for change in changes(event) if change.new and "state" in change.new)


def _ref(image: Image) -> MessageRef:
    org, id, _ = named_by(image)
    return org, id


def _queued_anew(change: RecordChange) -> bool:
    """Return whether the message is new, or is queued again after an attempt that had ended.

    A message that an attempt put back into the queue does not count: the clock calls for it, and every attempt would add another. One that
    gathers changes counts once it is dispatched.
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
