"""Writes of messages. A message is sent only under the lease of its row, and the result is recorded on the row."""

from datetime import datetime
from typing import Any

from chalicelib.config import config
from chalicelib.rules import times
from chalicelib.rules.deliveries import Fate, replaceable
from chalicelib.rules.letters import SessionBefore
from chalicelib.rules.messages import Content, Message, Withheld
from chalicelib.rules.sessions import Meeting
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.codec import Codec
from chalicelib.tables.conditions import NEW, THERE, Condition, Update, absent, at_most, below, equals, one_of
from chalicelib.tables.items import item
from chalicelib.tables.messages.rows import OVERDUE, message_from, message_item, packed
from chalicelib.tables.sessions.rows import MEETINGS

QUEUED, SENDING = "queued", "sending"
NOT_MARKED_YET = one_of("state", (QUEUED, SENDING))
NOT_NOTED_YET = THERE & absent("noted")
DATES = Codec(SessionBefore, inner={Meeting: MEETINGS})


def add(message: Message) -> bool:
    """Write a new message. False when it exists already; it is unchanged then."""
    try:
        dynamodb.put_new(config().messages_table, message_item(message))
    except dynamodb.ConditionFailed:
        return False
    return True


def add_write(message: Message) -> dict[str, Any]:
    """Return the write of a new message, for a transaction with the row that it is about. It fails when the message exists."""
    return dynamodb.put_write(config().messages_table, message_item(message), NEW)


def note_write(message: Message) -> dict[str, Any]:
    """Return the write that marks the consequences of a sent message as done. It fails when they were done before."""
    return dynamodb.update_write(config().messages_table, keys.message(message.org, message.id), Update().set(noted=True), NOT_NOTED_YET)


def take(org: str, id: str, *, now: datetime, until: datetime) -> Message | None:
    """Lease a message for sending until `until`. None when it is gone, done or not due, or another lease is still valid."""
    lease_is_over = equals("state", SENDING) & below("leased_until", times.written(now))
    waits = equals("state", QUEUED) & absent("due_at")
    change = Update().set(state=SENDING, leased_until=times.written(until)).add(attempts=1)
    try:
        taken = dynamodb.update(config().messages_table, keys.message(org, id), change, waits | lease_is_over)
    except dynamodb.ConditionFailed:
        return None
    return message_from(taken)


def put_back(message: Message) -> None:
    """End the lease, so that the next attempt can start at once; nothing if one has started or the message was sent."""
    _record(message, Update().set(state=QUEUED).remove("leased_until"), _my_attempt(message))


def defer(message: Message, *, until: datetime) -> None:
    """End the lease, and let the message wait until this moment; nothing if another attempt has started. `dispatch` queues it again."""
    index = {"due_at": times.written(until), "created_at": times.written(until), "unsent": keys.clock("gathering", message.org)}
    _record(message, Update().set(state=QUEUED, **index).remove("leased_until"), _my_attempt(message))


def withhold(message: Message, withheld: Withheld) -> None:
    """Record that the message is not sent, and why."""
    change = Update().set(state=withheld.state, reason=withheld.reason).remove("leased_until", "unsent")
    _record(message, change, _my_attempt(message))


def mark_sent(message: Message, *, ses_id: str, content: Content, now: datetime, announced: SessionBefore | None = None) -> None:
    """Record the sent content, even if another attempt has the lease: SES has accepted the message. `announced` by a notice."""
    facts = {
        "ses_id": ses_id,
        "subject": content.subject,
        "content": packed(content),
        "told": DATES.write(announced) if announced else None,
    }
    sent = {"state": "sent", "sent_at": times.written(now), **facts}
    _record(message, Update().set(**sent).remove("leased_until", "unsent"), NOT_MARKED_YET)


def dispatch(org: str, id: str, *, now: datetime, leaves_at: datetime) -> bool:
    """Queue a message that is due, as of `leaves_at`; the stream sends it as it sends new ones. False when another run was faster."""
    change = Update().set(created_at=times.written(leaves_at), unsent=keys.clock("unsent", org)).remove("due_at")
    due = equals("state", QUEUED) & at_most("due_at", times.written(now))
    try:
        dynamodb.update(config().messages_table, keys.message(org, id), change, due, want="NONE")
    except dynamodb.ConditionFailed:
        return False
    return True


def note_fate(message: Message, fate: Fate, *, reason: str, now: datetime) -> bool:
    """Record SES's event, even before the message is marked as sent. False for the recorded fate and for one of lower precedence:
    they change nothing."""
    change = Update().set(fate=fate, fate_at=times.written(now), fate_reason=reason or None)
    less = replaceable(fate)
    weighs_more = absent("fate") | one_of("fate", less) if less else absent("fate")
    try:
        dynamodb.update(config().messages_table, keys.message(message.org, message.id), change, THERE & weighs_more, want="NONE")
    except dynamodb.ConditionFailed:
        return False
    return True


def call_for_overdue(org: str, now: datetime) -> bool:
    """Write the row whose stream record makes the handler send overdue messages. False when somebody has called within this second."""
    call = {**keys.overdue(org).stored(), **item({"state": OVERDUE, "called_at": times.written(now)})}
    not_called_now = absent("called_at") | below("called_at", times.written(now))
    try:
        dynamodb.put(config().messages_table, call, not_called_now)
    except dynamodb.ConditionFailed:
        return False
    return True


def _my_attempt(message: Message) -> Condition:
    return equals("state", SENDING) & equals("attempts", message.attempts)


def _record(message: Message, change: Update, condition: Condition) -> None:
    try:
        dynamodb.update(config().messages_table, keys.message(message.org, message.id), change, condition)
    except dynamodb.ConditionFailed:
        return
