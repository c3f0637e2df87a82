"""Stream records, handled one by one: a failed record is reported and retried, and does not block the others of its batch."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from chalicelib import telemetry
from chalicelib.rules.actor import CLOCK
from chalicelib.tables.actor import acting
from chalicelib.tables.organisation_rows import IMPORTED, LEAVING

Image = dict[str, Any]
Clock = Callable[[], datetime]


class RecordChange(NamedTuple):
    """One stream record: the item before and after the change, None if it did not exist."""

    old: Image | None
    new: Image | None
    id: str = ""
    """The record's place in its stream: the same whenever the record is repeated."""
    at: datetime | None = None
    """When the row was written, to the second."""


def real_time() -> datetime:
    return datetime.now(UTC)


def each(event: dict[str, Any], react: Callable[[RecordChange], object]) -> dict[str, Any]:
    """Call `react` with every change and return the failures in Lambda's batch response."""
    # Only stream handlers need the batch utility; importing it would slow every other cold start.
    from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
    from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord

    def handle(record: DynamoDBRecord) -> None:
        if not is_carried(record.raw_event["dynamodb"]):
            _react_noting_faults(record.raw_event, react)

    processor = BatchProcessor(EventType.DynamoDBStreams, raise_on_entire_batch_failure=False)
    return dict(process_partial_response(event=event, record_handler=handle, processor=processor))


def changes(event: dict[str, Any]) -> Iterator[RecordChange]:
    """Yield the changes that `each` passes on, to look at them together first."""
    return (_change(record["dynamodb"]) for record in event["Records"] if not is_carried(record["dynamodb"]))


def is_carried(images: dict[str, Any]) -> bool:
    """Whether the change belongs to the import or the deletion of a whole organisation: nothing reacts to its rows."""
    old, new = images.get("OldImage"), images.get("NewImage")
    if old is None:
        return new is not None and IMPORTED in new
    return LEAVING in (old if new is None else new)


def _react_noting_faults(record: dict[str, Any], react: Callable[[RecordChange], object]) -> None:
    images = record["dynamodb"]
    try:
        with acting(CLOCK):
            react(_change(images))
    except Exception:
        telemetry.record_failure(**_named(images))
        raise


def _change(images: dict[str, Any]) -> RecordChange:
    return RecordChange(images.get("OldImage"), images.get("NewImage"), images.get("SequenceNumber", ""), _written_at(images))


def _written_at(images: dict[str, Any]) -> datetime | None:
    """Return the moment of a record: seconds since 1970 in Lambda's event, a moment in boto3's answer."""
    found = images.get("ApproximateCreationDateTime")
    return found if found is None or isinstance(found, datetime) else datetime.fromtimestamp(float(found), UTC)


def _named(images: dict[str, Any]) -> dict[str, str]:
    """Return the log fields of a record: its organisation and sequence number. Keys may contain addresses and codes."""
    org = images.get("Keys", {}).get("pk", {}).get("S", "").partition("#")[0]
    return {"org": telemetry.valid_org(org), "sequence_number": images.get("SequenceNumber", "")}
