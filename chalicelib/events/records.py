"""Stream records, one by one: what fails is reported and handed again, and holds up none of its neighbours in the batch."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from chalicelib import telemetry
from chalicelib.rules.messages import MailDelayed

Image = dict[str, Any]
Clock = Callable[[], datetime]


class Change(NamedTuple):
    """One record: an item as it was and as it is, each None where there was none."""

    old: Image | None
    new: Image | None


def real_time() -> datetime:
    return datetime.now(UTC)


def each(event: dict[str, Any], follow: Callable[[Change], object]) -> dict[str, Any]:
    """Hand every change of the event to `follow` and return those that failed, in the shape that Lambda reads."""
    # The batch utility is needed by stream handlers alone; it would slow every other cold start.
    from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
    from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord

    def handle(record: DynamoDBRecord) -> None:
        _follow_noting_faults(record.raw_event, follow)

    processor = BatchProcessor(EventType.DynamoDBStreams, raise_on_entire_batch_failure=False)
    return dict(process_partial_response(event=event, record_handler=handle, processor=processor))


def _follow_noting_faults(record: dict[str, Any], follow: Callable[[Change], object]) -> None:
    images = record["dynamodb"]
    try:
        follow(Change(images.get("OldImage"), images.get("NewImage")))
    except MailDelayed as delayed:
        telemetry.logger.warning("mail_delayed", extra={**_named(images), "reason": delayed.reason})
        raise
    except Exception:
        telemetry.failed(**_named(images))
        raise


def _named(images: dict[str, Any]) -> dict[str, str]:
    """Return what a log may say of a record: whose it is, and its number in the stream. Keys may carry addresses and codes."""
    org = images.get("Keys", {}).get("pk", {}).get("S", "").partition("#")[0]
    return {"org": telemetry.named(org), "sequence_number": images.get("SequenceNumber", "")}
