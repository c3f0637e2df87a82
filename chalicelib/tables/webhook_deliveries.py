"""Deliveries of webhooks: a row each, written before anything is sent. An attempt is made only under the lease of its row."""

from datetime import datetime, timedelta
from typing import NamedTuple

from chalicelib.config import config
from chalicelib.rules import times
from chalicelib.rules.webhooks import LEASE, LONGEST_DELAY, DeliveryOutcome, DeliveryStatus, WebhookDelivery
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.codec import Codec
from chalicelib.tables.conditions import THERE, Condition, Update, absent, at_most, below, equals
from chalicelib.tables.items import Item, item, plain, stored

DELIVERIES = Codec(WebhookDelivery, elsewhere={"org", "webhook", "id"}, attributes={"subject": "thing"}, always={"status", "attempts"})
EVERYWHERE = "webhooks"
"""The partition of the index with the pending deliveries of all organisations."""
SLACK = timedelta(minutes=1)
"""How long after its moment a delivery that lies in the queue counts as overdue."""


class DeliveryKey(NamedTuple):
    """What names a delivery in the queue."""

    org: str
    webhook: str
    delivery: str


def delivery_key(delivery: WebhookDelivery) -> DeliveryKey:
    return DeliveryKey(delivery.org, delivery.webhook, delivery.id)


def create(delivery: WebhookDelivery) -> bool:
    """Write a pending delivery. False when the event is known: its record came again, and the row stays as it is."""
    due_at = _due_at((delivery.next_at or delivery.at) + SLACK, delivery.org)
    forget_at = int(delivery.forget_at.timestamp())
    values = {**DELIVERIES.write(delivery), "due": EVERYWHERE, "due_at": due_at, "forget_at": forget_at}
    try:
        dynamodb.put_new(config().records_table, {**_key(delivery).stored(), **item(values)})
    except dynamodb.ConditionFailed:
        return False
    return True


def get(key: DeliveryKey) -> WebhookDelivery | None:
    found = dynamodb.get(config().records_table, keys.webhook_delivery(*key))
    return _delivery_from(found) if found else None


def page(org: str, webhook: str, *, limit: int, start: Item | None) -> tuple[list[WebhookDelivery], Item | None]:
    """Return a page of the deliveries of a webhook, latest first, and where the next one starts."""
    found, next_start = dynamodb.query_page(
        TableName=config().records_table,
        KeyConditionExpression="pk = :deliveries",
        ExpressionAttributeValues={":deliveries": stored(keys.webhook_deliveries(org, webhook))},
        ScanIndexForward=False,
        Limit=limit,
        start=start,
    )
    return [_delivery_from(row) for row in found], next_start


def overdue(*, now: datetime, limit: int) -> list[DeliveryKey]:
    """Return pending deliveries of all organisations whose moment has come, those first that have waited longest."""
    found, _ = dynamodb.query_page(
        TableName=config().records_table,
        IndexName="due",
        KeyConditionExpression="due = :everywhere AND due_at < :now",
        ExpressionAttributeValues={":everywhere": stored(EVERYWHERE), ":now": stored(times.written(now))},
        Limit=limit,
    )
    return [_key_from(row["pk"]["S"], row["sk"]["S"]) for row in found]


def take(key: DeliveryKey, *, now: datetime) -> WebhookDelivery | None:
    """Begin an attempt: lease the delivery. None when it is not due, not pending, gone, or another attempt holds the lease."""
    until = now + LEASE
    moment = times.written(now)
    free = absent("lease_until") | below("lease_until", moment)
    change = Update().set(lease_until=times.written(until), attempted_at=moment, due_at=_due_at(until, key.org)).add(attempts=1)
    due = equals("status", "pending") & at_most("next_at", moment) & free
    try:
        return _delivery_from(dynamodb.update(config().records_table, keys.webhook_delivery(*key), change, due))
    except dynamodb.ConditionFailed:
        return None


def finish(taken: WebhookDelivery, status: DeliveryStatus, outcome: DeliveryOutcome) -> None:
    """Record the end of a delivery. When its lease was lost, another attempt records what became of it."""
    change = _result(outcome).set(status=status).remove("next_at", "due", "due_at", "lease_until")
    _record(taken, change)


def retry(taken: WebhookDelivery, outcome: DeliveryOutcome, *, at: datetime, now: datetime) -> bool:
    """Record a failed attempt and when the next one follows. False when the lease was lost: another attempt decides."""
    queued = at - now <= LONGEST_DELAY
    due_at = _due_at(at + (SLACK if queued else timedelta()), taken.org)
    return _record(taken, _result(outcome).set(next_at=times.written(at), due_at=due_at).remove("lease_until"))


def defer(taken: WebhookDelivery, *, at: datetime) -> None:
    """Give an attempt back that was not made, and wait until then. Nothing when the lease was lost: another attempt decides."""
    _record(taken, Update().set(next_at=times.written(at), due_at=_due_at(at, taken.org)).remove("lease_until").add(attempts=-1))


def send_again(key: DeliveryKey, *, now: datetime) -> WebhookDelivery | None:
    """Ask for a delivery once more, from now on with all its attempts. None when there is no such delivery."""
    moment = times.written(now)
    change = Update().set(status="pending", attempts=0, next_at=moment, due=EVERYWHERE, due_at=_due_at(now + SLACK, key.org))
    try:
        return _delivery_from(dynamodb.update(config().records_table, keys.webhook_delivery(*key), change, THERE))
    except dynamodb.ConditionFailed:
        return None


def _result(outcome: DeliveryOutcome) -> Update:
    return Update().set(answered=outcome.answered, fault=outcome.fault or None)


def _record(taken: WebhookDelivery, change: Update) -> bool:
    leased = equals("status", "pending") & _same_lease(taken)
    try:
        dynamodb.update(config().records_table, _key(taken), change, leased, want="NONE")
    except dynamodb.ConditionFailed:
        return False
    return True


def _same_lease(taken: WebhookDelivery) -> Condition:
    return equals("lease_until", times.written(taken.lease_until)) if taken.lease_until else absent("lease_until")


def _due_at(moment: datetime, org: str) -> str:
    return f"{times.written(moment)}#{org}"


def _key(delivery: WebhookDelivery) -> keys.Key:
    return keys.webhook_delivery(delivery.org, delivery.webhook, delivery.id)


def _key_from(partition: str, sort_key: str) -> DeliveryKey:
    org, _, webhook = partition.split("#", 2)
    return DeliveryKey(org, webhook, sort_key.removeprefix(keys.WEBHOOK_DELIVERY))


def _delivery_from(row: Item) -> WebhookDelivery:
    values = plain(row)
    org, webhook, id = _key_from(values["pk"], values["sk"])
    return DELIVERIES.read(values, org=org, webhook=webhook, id=id)
