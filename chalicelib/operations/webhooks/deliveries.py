"""The log of deliveries, the ping, and sending again by hand."""

from datetime import datetime
from secrets import token_hex
from typing import NamedTuple

from chalicelib.operations.webhooks.queue import queue_attempt
from chalicelib.rules.audit import AuditSubject
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.webhooks import PING, Webhook, WebhookDelivery, WebhookOff
from chalicelib.tables import webhook_deliveries, webhooks
from chalicelib.tables.items import Item
from chalicelib.tables.webhook_deliveries import DeliveryKey, delivery_key


class DeliveryPage(NamedTuple):
    webhook: Webhook
    items: list[WebhookDelivery]
    next: Item | None


def list_deliveries(org: str, id: str, *, limit: int, start: Item | None = None) -> DeliveryPage:
    """Return a page of what a webhook was told in the last 30 days, latest first. Raises NotFound."""
    webhook = webhooks.get(org, id)
    return DeliveryPage(webhook, *webhook_deliveries.page(org, id, limit=limit, start=start))


def ping(org: str, id: str, *, now: datetime) -> WebhookDelivery:
    """Send a `ping`, whatever events the webhook is told of. Raises NotFound, WebhookOff."""
    webhook = _switched_on(org, id)
    delivery = WebhookDelivery(org, id, f"{now:%Y%m%d%H%M%S}{token_hex(8)}", PING, AuditSubject("webhook", webhook.id), now, next_at=now)
    webhook_deliveries.create(delivery)
    queue_attempt(delivery_key(delivery))
    return delivery


def send_again(org: str, id: str, delivery: str, *, now: datetime) -> WebhookDelivery:
    """Send a delivery again under the same id, with all its attempts. Raises NotFound, WebhookOff."""
    _switched_on(org, id)
    found = webhook_deliveries.send_again(DeliveryKey(org, id, delivery), now=now)
    if found is None:
        raise NotFound
    queue_attempt(delivery_key(found))
    return found


def _switched_on(org: str, id: str) -> Webhook:
    webhook = webhooks.get(org, id)
    if not webhook.active:
        raise WebhookOff
    return webhook
