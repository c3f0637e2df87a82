"""One attempt of a delivery: lease, read, sign, post, record. A crash at any step is followed by another attempt under the same id."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from chalicelib import telemetry
from chalicelib.config import config
from chalicelib.operations.webhooks.post import post
from chalicelib.operations.webhooks.queue import queue_attempt
from chalicelib.rules import times
from chalicelib.rules.audit import AuditSubject
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.webhook_addresses import target
from chalicelib.rules.webhooks import PING, DeliveryOutcome, Webhook, WebhookDelivery, pause_after, signatures
from chalicelib.tables import organisations, webhook_deliveries, webhooks
from chalicelib.tables.webhook_deliveries import DeliveryKey, delivery_key

DataOf = Callable[[str, AuditSubject, datetime], Any]
"""Returns a thing of an organisation as the API answers it, as JSON values; only its id if it is gone."""
SWITCHED_OFF = DeliveryOutcome(None, "switched_off")
OUR_FAULT = DeliveryOutcome(None, "fault_of_ours")
DEFERRED_FOR = timedelta(hours=1)
"""How long a delivery of a suspended organisation waits before it is looked at again."""
Post = Callable[..., DeliveryOutcome]


def send(key: DeliveryKey, data_of: DataOf, *, clock: Callable[[], datetime], post: Post = post) -> None:
    """Attempt the delivery, if it is due, and record what came back.

    One of a suspended organisation is deferred, and uses up no attempt. An exception, which is a fault of ours, counts as a failed attempt
    and is raised again. After a crash another attempt follows the end of the lease.
    """
    delivery = webhook_deliveries.take(key, now=clock())
    if delivery is None:
        return
    try:
        webhook = webhooks.get(key.org, key.webhook)
    except NotFound:
        webhook_deliveries.finish(delivery, "failed", SWITCHED_OFF)
        return
    if organisations.get(key.org).suspended_at:
        webhook_deliveries.defer(delivery, at=clock() + DEFERRED_FOR)
        return
    if not webhook.active:
        webhook_deliveries.finish(delivery, "failed", SWITCHED_OFF)
        return
    try:
        outcome = _attempt(webhook, delivery, data_of, post, now=clock())
    except Exception:
        _try_later(delivery, OUR_FAULT, now=clock())
        raise
    telemetry.count(f"Webhook.{'delivered' if outcome.is_success else 'failed'}", 1)
    _record(webhook, delivery, outcome, now=clock())


def _attempt(webhook: Webhook, delivery: WebhookDelivery, data_of: DataOf, post: Post, *, now: datetime) -> DeliveryOutcome:
    to = target(webhook.url, local=config().on_local_stack)
    if to is None:
        return DeliveryOutcome(None, "address_refused")
    data = {"webhook": webhook.id} if delivery.event == PING else data_of(delivery.org, delivery.subject, now)
    body = json.dumps(
        {
            "id": delivery.id,
            "type": delivery.event,
            "timestamp": times.written(delivery.at),
            "organisation": delivery.org,
            "data": data,
        },
        ensure_ascii=False,
    ).encode()
    seconds = int(now.timestamp())
    signed = signatures(_secrets(webhook, now), id=delivery.id, seconds=seconds, body=body)
    headers = {"webhook-id": delivery.id, "webhook-timestamp": str(seconds), "webhook-signature": signed}
    return post(to, headers, body, local=config().on_local_stack)


def _secrets(webhook: Webhook, now: datetime) -> list[str]:
    """Return the secrets that count now, the new one first."""
    counting = [webhook.secret, *(old.secret for old in webhook.old_secrets if now < old.until)]
    return [webhooks.decrypted(secret, webhook.org) for secret in counting]


def _record(webhook: Webhook, delivery: WebhookDelivery, outcome: DeliveryOutcome, *, now: datetime) -> None:
    """Record the outcome: first for the webhook, then for the delivery, so that a crash in between repeats the attempt."""
    if outcome.is_success:
        if webhook.failing_since:
            webhooks.note_success(webhook)
        webhook_deliveries.finish(delivery, "delivered", outcome)
        return
    noted = webhook if webhook.failing_since else webhooks.note_failure(webhook, now=now)
    if noted and outcome.is_gone:
        webhooks.switch_off(noted, "gone", now=now)
    elif noted and noted.has_failed_too_long(now):
        webhooks.switch_off(noted, "failing", now=now)
    _try_later(delivery, outcome, now=now)


def _try_later(delivery: WebhookDelivery, outcome: DeliveryOutcome, *, now: datetime) -> None:
    pause = None if outcome.is_gone else pause_after(delivery.attempts)
    if pause is None:
        webhook_deliveries.finish(delivery, "failed", outcome)
    elif webhook_deliveries.retry(delivery, outcome, at=now + pause, now=now):
        queue_attempt(delivery_key(delivery), delay=pause)
