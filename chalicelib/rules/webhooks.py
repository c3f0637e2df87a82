"""Webhooks: addresses of other programs that are told what happened, by the Standard Webhooks specification.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Literal, NamedTuple, get_args

from chalicelib.rules.audit import AuditEntry, AuditSubject
from chalicelib.rules.refusals import Conflict
from chalicelib.rules.translation import N_

EventType = Literal[
    "session.created",
    "session.updated",
    "session.cancelled",
    "session.meeting_cancelled",
    "invitation.created",
    "invitation.accepted",
    "invitation.declined",
    "invitation.expired",
    "invitation.cancelled",
    "registration.created",
    "registration.updated",
    "registration.moved",
    "registration.removed",
    "waitlist.joined",
    "waitlist.offered",
    "waitlist.left",
    "customer.created",
    "customer.updated",
    "customer.accepted",
    "customer.erased",
    "code.redeemed",
    "code.returned",
    "invoice.issued",
    "invoice.corrected",
    "payment.received",
    "payment.refunded",
    "attendance.marked",
]
EVENT_TYPES: tuple[EventType, ...] = get_args(EventType)
PING = "ping"
ALL = "*"
ALIKE: Mapping[str, EventType] = {
    "session.decided": "session.updated",
    "session.meeting_restored": "session.updated",
    "invitation.revived": "invitation.created",
    "registration.billed": "registration.updated",
    "waitlist.offered_elsewhere": "waitlist.left",
    "customer.invited": "customer.updated",
    "customer.merged": "customer.updated",
}
"""Actions of the audit log that webhooks tell under another name. Others have the name of their type, or are not told."""
DeliveryStatus = Literal["pending", "delivered", "failed"]
OffReason = Literal["", "failing", "gone"]

PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=18),
    timedelta(hours=22),
)
"""The pauses after the failed attempts: ten attempts within three days."""
LEASE = timedelta(seconds=60)
"""How long an attempt may take before another one may begin."""
LONGEST_DELAY = timedelta(minutes=15)
"""The longest delay of a message in the queue (SQS); later attempts are queued by the schedule."""
SWITCHED_OFF_AFTER = timedelta(days=5)
OLD_SECRET_LASTS = timedelta(days=1)
MOST_OLDER_SECRETS = 5
RETENTION = timedelta(days=30)
MOST_WEBHOOKS = 20
PREFIX = "whsec_"
"""The beginning of every secret."""
SECRET_BYTES = 32
GONE = 410


class TooManyWebhooks(Conflict):
    code = "too_many_webhooks"
    sentence = N_("There is room for %(most)d webhooks. Delete one that is no longer used, then add this one.")

    def __init__(self) -> None:
        self.most = MOST_WEBHOOKS


class WebhookOff(Conflict):
    code = "webhook_off"
    sentence = N_("This webhook is switched off. Switch it on first, then send again.")


class OldSecret(NamedTuple):
    """A secret, encrypted, with which calls are still signed until a moment."""

    secret: bytes
    until: datetime


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address of another program, and the events for it. The secrets are encrypted."""

    org: str
    id: str
    url: str
    events: tuple[str, ...]
    """Types, or `*` for all."""
    secret: bytes = field(repr=False)
    created_at: datetime
    active: bool = True
    off_reason: OffReason = ""
    """Why the sender switched it off; empty for one that is on, or that an owner switched off."""
    off_at: datetime | None = None
    failing_since: datetime | None = None
    """The first failed attempt since the last success."""
    old_secret: bytes | None = field(default=None, repr=False)
    old_secret_until: datetime | None = None
    older_secrets: tuple[OldSecret, ...] = field(default=(), repr=False)
    """Those before the old one, if it was changed more than once within a day: the answer with the new one may have been lost."""
    version: int = 1

    @property
    def old_secrets(self) -> tuple[OldSecret, ...]:
        """All secrets before the current one, the latest first; perhaps some that do not count any more."""
        old = (OldSecret(self.old_secret, self.old_secret_until),) if self.old_secret and self.old_secret_until else ()
        return (*old, *self.older_secrets)

    def with_secret(self, secret: bytes, *, now: datetime) -> "Webhook":
        """Return the webhook with a new secret. The one before counts for a day, and so do those before it until theirs is over."""
        older = [old for old in self.old_secrets if now < old.until][:MOST_OLDER_SECRETS]
        return replace(self, secret=secret, old_secret=self.secret, old_secret_until=now + OLD_SECRET_LASTS, older_secrets=tuple(older))

    def wants(self, event: str) -> bool:
        return self.active and (ALL in self.events or event in self.events)

    def has_failed_too_long(self, now: datetime) -> bool:
        return self.failing_since is not None and now - self.failing_since >= SWITCHED_OFF_AFTER


@dataclass(frozen=True, slots=True)
class WebhookDelivery:
    """One event for one webhook. It names the subject only; its data is read when it is sent, so that no row keeps personal data."""

    org: str
    webhook: str
    id: str
    """The same for every attempt, and for every webhook that is told of the event."""
    event: str
    subject: AuditSubject
    at: datetime
    """When it happened."""
    status: DeliveryStatus = "pending"
    attempts: int = 0
    """Since it was last asked for."""
    next_at: datetime | None = None
    answered: int | None = None
    """The status of the last answer; None if there was none."""
    fault: str = ""
    """Why there was no answer, in one word."""
    attempted_at: datetime | None = None
    lease_until: datetime | None = None

    @property
    def forget_at(self) -> datetime:
        return self.at + RETENTION


class DeliveryOutcome(NamedTuple):
    """How an attempt went: the status of the answer, or one word that says why there was none."""

    answered: int | None
    fault: str = ""

    @property
    def is_success(self) -> bool:
        return self.answered is not None and 200 <= self.answered < 300

    @property
    def is_gone(self) -> bool:
        """Whether the receiver asks for no more: the specification has the sender stop."""
        return self.answered == GONE


class WebhookEvent(NamedTuple):
    """What happened, as webhooks tell it."""

    type: EventType
    subject: AuditSubject


def events_of(entry: AuditEntry) -> list[WebhookEvent]:
    """Return what webhooks tell of an entry of the audit log; nothing for most."""
    event: Any = ALIKE.get(entry.action, entry.action)
    if entry.action == "registration.billed" and entry.after.get("billing") == "refunded":
        event = "payment.refunded"
    if event not in EVENT_TYPES:
        return []
    return [WebhookEvent(event, entry.subject)]


def pause_after(attempts: int) -> timedelta | None:
    """Return the pause after this many failed attempts, None when there is no further one."""
    return PAUSES[attempts - 1] if attempts <= len(PAUSES) else None


def signatures(secrets: list[str], *, id: str, seconds: int, body: bytes) -> str:
    """Return the header `webhook-signature`: one signature with each secret, so that both count while a new one is brought in."""
    return " ".join(_signature(secret, f"{id}.{seconds}.".encode() + body) for secret in secrets)


def _signature(secret: str, content: bytes) -> str:
    key = b64decode(secret.removeprefix(PREFIX))
    return f"v1,{b64encode(hmac.new(key, content, sha256).digest()).decode()}"


def new_secret(random: bytes) -> str:
    return PREFIX + b64encode(random).decode()
