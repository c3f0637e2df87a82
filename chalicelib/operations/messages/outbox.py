"""Sends a queued message: lease, check that it is wanted and current, render, send, mark. A crash at any point loses nothing.

Only a crash after SES has accepted the message and before it is marked as sent leads to a second sending, with the same link.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from chalicelib import telemetry
from chalicelib.operations.messages.context import letter
from chalicelib.operations.messages.pace import Pace
from chalicelib.operations.messages.queue import queue
from chalicelib.operations.messages.suppression import withheld
from chalicelib.operations.turns import Turns
from chalicelib.rules import times
from chalicelib.rules.addresses import compared
from chalicelib.rules.letters import Letter, SessionBefore
from chalicelib.rules.messages import BULK, NEVER_WAIT, EmailKind, MailDelayed, MailRefused, Message, MessageState, Withheld
from chalicelib.rules.quotas import next_day
from chalicelib.rules.usage import MailCount
from chalicelib.tables import clock, dynamodb, messages, organisations, usage
from chalicelib.tables.keys import Key
from chalicelib.tables.named_rows import named_by

LEASE = timedelta(seconds=60)
"""Longer than one sending takes, which may wait for its moment until the end of an invocation's time."""
OVERDUE = timedelta(minutes=1)
SENT_ANEW: frozenset[EmailKind] = frozenset({"session_invitation", "invitation_reminder", "waitlist_offer", "waitlist_joined"})
"""The kinds that a corrected address is sent anew."""
PAUSED_FOR = timedelta(days=1)
"""How long a bulk e-mail of a suspended organisation waits before it is looked at again. Resuming dispatches it at once."""


class Called(NamedTuple):
    """For how many organisations the mailer was called, and how long the oldest message has waited, in seconds; 0 for none overdue."""

    organisations: int
    longest_wait: float


def send(org: str, id: str, *, now: datetime, pace: Pace | None = None) -> MessageState | None:
    """Send a queued message and return its new state; None if it is not queued, another worker is sending it, or it is paused.

    `now` is the real time, by which leases run; `pace` lets the e-mail wait for its moment. Raises MailDelayed if SES cannot take it now.
    After any error it stays queued.
    """
    message = messages.take(org, id, now=now, until=now + LEASE)
    if message is None:
        return None
    try:
        state = _send(message, now, pace)
    except Exception:
        messages.put_back(message)
        raise
    if state:
        telemetry.count(f"Mail.{state}")
    return state


def call_for_overdue(*, now: datetime, turns: Turns | None = None) -> Called:
    """Call the mailer for every organisation with a message that has waited for more than a minute."""
    waiting = clock.due("unsent", until=times.written(now - OVERDUE))
    oldest = {one.org: one for one in reversed(waiting)}
    called = (turns or Turns()).take("called", oldest.values(), lambda org, _: messages.call_for_overdue(org, now))
    return Called(called, (now - times.read(waiting[0].at)).total_seconds() if waiting else 0.0)


def dispatch(*, now: datetime, leaves_at: datetime, turns: Turns | None = None) -> int:
    """Queue the messages that gathered changes until now, and return how many. They leave at `leaves_at`, the real time."""
    due = clock.due("gathering", until=times.written(now))
    return (turns or Turns()).take("dispatched", due, lambda org, rows: _dispatch(rows[0], now, leaves_at))


def dispatch_of(org: str, *, now: datetime, leaves_at: datetime) -> int:
    """Queue the messages of one organisation that gather changes or are paused until now, and return how many."""
    due = clock.due("gathering", until=times.written(now))
    return sum(_dispatch(one.key, now, leaves_at) for one in due if one.org == org)


def _dispatch(row: Key, now: datetime, leaves_at: datetime) -> bool:
    org, _, id = row.pk.partition("#")
    return messages.dispatch(org, id, now=now, leaves_at=leaves_at)


def _send(message: Message, now: datetime, pace: Pace | None) -> MessageState | None:
    found = _letter(message, now)
    if isinstance(found, Letter) and found.organisation.suspended_at and message.kind in BULK:
        messages.defer(message, until=now + PAUSED_FOR)
        return None
    if isinstance(found, Letter) and not _counted(found, now):
        messages.defer(message, until=next_day(now))
        return None
    refused = _deliver(message, found, now, pace) if isinstance(found, Letter) else found
    if refused:
        if refused.instead and message.kind not in SENT_ANEW:
            _redirect(message, refused.instead, now)
        messages.withhold(message, refused)
        return refused.state
    return "sent"


def _letter(message: Message, now: datetime) -> Letter | Withheld:
    """Return the data of the e-mail, in the language of its recipient, or why it is withheld; read in one request."""
    with dynamodb.read_together(named_by(message)):
        preferences = organisations.email_preferences(message.org, message.to)
        spoken = replace(message, locale=preferences.language or message.locale)
        return withheld(preferences, message.kind) or letter(spoken, now=now)


def _counted(written_from: Letter, now: datetime) -> bool:
    """Count the e-mail before it leaves. False when the organisation's quota of the day is used up, and for a bulk
    e-mail on a day on which too many come back."""
    org, most = written_from.organisation.org, written_from.organisation.quotas.mails_a_day
    if most is None or written_from.kind in NEVER_WAIT:
        today: MailCount | None = usage.count_mails(org, now=now, sent=1)
    else:
        today = usage.take_mail(org, most, now=now)
    if today is None:
        return False
    if written_from.kind in BULK and today.does_harm:
        usage.count_mails(org, now=now, sent=-1)
        return False
    return True


def _redirect(message: Message, to: str, now: datetime) -> None:
    """Queue the message for another address. Repeating it adds nothing."""
    key = f"{message.id}#{compared(to)}"
    queue(kind=message.kind, org=message.org, to=to, locale=message.locale, data=message.data, key=key, now=now)


def _deliver(message: Message, written_from: Letter, now: datetime, pace: Pace | None) -> Withheld | None:
    """Send the e-mail and record it. Return why, if SES refuses it. Raises MailDelayed."""
    # Imported here, so that only sending pays for loading Jinja, Babel and the address check.
    from chalicelib.emails import render
    from chalicelib.operations.messages.ses import post

    try:
        mail = render.write(written_from, now=now)
        ses_id = pace.post(mail, post) if pace else post(mail)
    except (MailRefused, MailDelayed) as refused:
        usage.count_mails(message.org, now=now, sent=-1)
        if isinstance(refused, MailDelayed):
            raise
        return Withheld("failed", refused.reason)
    session = written_from.session
    announced = SessionBefore.of(session) if session and written_from.before else None
    messages.mark_sent(message, ses_id=ses_id, content=mail.content.blanked(written_from.secrets), now=now, announced=announced)
    return None
