"""Records what webhooks are to be told: a row for each delivery, then a message in the queue.

What happened comes from the audit log, whose entries follow from the streams and have ids of their own. A record that comes again finds
the row, and queues it again as long as nothing was attempted: so a crash between the two loses nothing.
"""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from chalicelib.operations import messages, notifications
from chalicelib.operations.webhooks.queue import queue_attempt
from chalicelib.rules.audit import AuditEntry, AuditSubject
from chalicelib.rules.notification_triggers import Trigger
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.refs import Ref
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.times import written
from chalicelib.rules.webhooks import EventType, Webhook, WebhookDelivery, WebhookEvent, events_of
from chalicelib.tables import organisations, registrations, staff, webhook_deliveries, webhooks
from chalicelib.tables.webhook_deliveries import delivery_key

REDEEMED: EventType = "code.redeemed"


class ActiveWebhooks:
    """The active webhooks of organisations, each organisation's read once for a batch of records.

    All records of a batch were written before it was read, so every webhook that was there when something happened is among them.
    """

    def __init__(self) -> None:
        self._found: dict[str, list[Webhook]] = {}

    def of(self, org: str) -> list[Webhook]:
        if org not in self._found:
            self._found[org] = [webhook for webhook in webhooks.every(org) if webhook.active]
        return self._found[org]


def record_entry(entry: AuditEntry, active: ActiveWebhooks, *, now: datetime) -> int:
    """Record the deliveries that follow from a new entry of the audit log, and return how many webhooks are told of it."""
    events = events_of(entry)
    if not events:
        return 0
    listening = active.of(entry.org)
    found = [(event, webhook) for event in events for webhook in listening if webhook.wants(event.type)]
    if entry.action == "registration.created" and any(webhook.wants(REDEEMED) for webhook in listening):
        found += [(event, webhook) for event in _redeemed(entry) for webhook in listening if webhook.wants(REDEEMED)]
    for event, webhook in found:
        record(webhook, event, id=_id(entry, event), at=entry.at, now=now)
    return len(found)


def record(webhook: Webhook, event: WebhookEvent, *, id: str, at: datetime, now: datetime) -> WebhookDelivery:
    """Write the row of a delivery and queue it. A known one is queued again as long as nothing was attempted."""
    delivery = WebhookDelivery(webhook.org, webhook.id, id, event.type, event.subject, at, next_at=now)
    if not webhook_deliveries.create(delivery):
        delivery = webhook_deliveries.get(delivery_key(delivery)) or delivery
    if delivery.status == "pending" and not delivery.attempts:
        queue_attempt(delivery_key(delivery))
    return delivery


def record_off(webhook: Webhook, *, now: datetime) -> None:
    """Tell the owners, by the bell and by e-mail, that a webhook was switched off after failures. Repeated records are told once."""
    key = f"{webhook.id}#{written(webhook.off_at or now)}"
    notifications.record(webhook.org, [Trigger("webhook_off", key, {"webhook": webhook.id})], now=now)
    locale = organisations.get(webhook.org).locale
    for owner in _owners(webhook.org):
        messages.queue(
            kind="webhook_off",
            org=webhook.org,
            to=owner.email,
            locale=owner.language or locale,
            data={"webhook": webhook.id, "user": owner.user},
            key=f"{key}#{owner.user}",
            now=now,
        )


def _owners(org: str) -> Iterable[StaffMember]:
    return [member for member in staff.every(org) if member.status == "active" and member.may("manage_integrations")]


def _redeemed(entry: AuditEntry) -> list[WebhookEvent]:
    """Return the redemption of a code that came with a registration."""
    try:
        code = registrations.get(*Ref.parse(entry.org, entry.subject.id)).code
    except NotFound:
        return []
    return [WebhookEvent(REDEEMED, AuditSubject("code", code))] if code else []


def _id(entry: AuditEntry, event: WebhookEvent) -> str:
    """Return the id of a delivery: its moment, for the order of the log, and a digest of the event, so that it is always the same."""
    return f"{entry.at:%Y%m%d%H%M%S}{sha256(f'{entry.org} {entry.id} {event.type}'.encode()).hexdigest()[:16]}"
