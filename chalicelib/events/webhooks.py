"""The queue of webhooks: each message asks for one attempt of a delivery."""

from typing import Any

from chalicelib import telemetry
from chalicelib.events.records import Clock, real_time
from chalicelib.operations import webhooks
from chalicelib.operations.webhooks.queue import key_from
from chalicelib.operations.webhooks.send import DataOf
from chalicelib.rules.actor import CLOCK
from chalicelib.tables.actor import acting


def handle(event: dict[str, Any], *, data_of: DataOf, clock: Clock = real_time) -> dict[str, Any]:
    """Attempt the delivery of every message and return the failures in Lambda's batch response.

    `data_of` returns a thing as the API answers it. Messages may be repeated, early or late: the row decides.
    """
    from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

    def do(record: SQSRecord) -> None:
        _attempt(record.body, data_of, clock)

    return dict(process_partial_response(event=event, record_handler=do, processor=BatchProcessor(EventType.SQS)))


def _attempt(body: str, data_of: DataOf, clock: Clock) -> None:
    key = key_from(body)
    try:
        with acting(CLOCK):
            webhooks.send(key, data_of, clock=clock)
    except Exception:
        telemetry.record_failure(org=key.org)
        raise
