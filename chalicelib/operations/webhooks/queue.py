"""The queue of webhooks: a message in it asks for the next attempt of a delivery, perhaps after a delay."""

import json
from datetime import datetime, timedelta

from chalicelib import clients
from chalicelib.config import config
from chalicelib.rules.webhooks import LONGEST_DELAY
from chalicelib.tables import webhook_deliveries
from chalicelib.tables.webhook_deliveries import DeliveryKey

MOST_A_RUN = 500


def queue_attempt(key: DeliveryKey, *, delay: timedelta = timedelta()) -> None:
    """Queue an attempt. Duplicates are harmless: one that is not due does nothing. After a longer delay the schedule queues it."""
    if delay <= LONGEST_DELAY:
        seconds = max(int(delay.total_seconds()), 0)
        body = json.dumps(key._asdict())
        clients.sqs().send_message(QueueUrl=config().webhooks_queue, MessageBody=body, DelaySeconds=seconds)


def queue_overdue(*, now: datetime) -> int:
    """Queue due deliveries that the queue may have lost: after a long pause, a crash, or a message that was lost. Return how many."""
    found = webhook_deliveries.overdue(now=now, limit=MOST_A_RUN)
    for key in found:
        queue_attempt(key)
    return len(found)


def key_from(body: str) -> DeliveryKey:
    """Return the delivery that a message of the queue is about."""
    return DeliveryKey(**json.loads(body))
