"""The failure queue. A message says where in a stream the failed records are, which keeps them for a day; or it holds a whole event of SES.

Source of the shapes: AWS Lambda, “Retaining discarded records” of DynamoDB event source mappings, and “Retaining records of asynchronous
invocations”.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from infra.local.stream_records import Record, as_lambda_sends

OURS_SECONDS = 600
"""The time for which a received message is invisible to others."""
WAIT_SECONDS = 1
MOST_AT_ONCE = 10
EMPTY_PAGES = 20
"""The most empty pages in a row: a stream may answer with an empty page and continue after it."""
GONE = {"TrimmedDataAccessException", "ResourceNotFoundException"}


class RecordsGoneError(Exception):
    """The stream no longer has the records: it keeps them for 24 hours, and is deleted with its table."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Records that a function could not handle in all its attempts."""

    receipt: str
    function: str
    stream: str
    shard: str
    first: str
    last: str
    records: int
    since: str
    why: str

    @property
    def named(self) -> str:
        some = f"{self.records} record{'' if self.records == 1 else 's'}"
        return f"{self.function}: {some} of {self.since}, {self.first} to {self.last} ({self.why})"


@dataclass(frozen=True, slots=True)
class FailedEvent:
    """An event that a function could not handle in all its attempts."""

    receipt: str
    function: str
    event: dict[str, Any]
    since: str
    why: str

    @property
    def named(self) -> str:
        return f"{self.function}: an event of {self.since} ({self.why})"


def event_from(message: Mapping[str, Any]) -> FailedEvent | None:
    """Return the content of a message about an event; None when it is about something else."""
    try:
        body = json.loads(message["Body"])
        context, event = body["requestContext"], body["requestPayload"]
        function = context["functionArn"].split(":")[6]
        return FailedEvent(message["ReceiptHandle"], function, dict(event), since=body["timestamp"], why=context["condition"])
    except (ValueError, KeyError, TypeError, IndexError):
        return None


def failure_from(message: Mapping[str, Any]) -> Failure | None:
    """Return the content of a message of the queue; None when Lambda did not write it."""
    try:
        body = json.loads(message["Body"])
        where, context = body["DDBStreamBatchInfo"], body["requestContext"]
        return Failure(
            receipt=message["ReceiptHandle"],
            function=context["functionArn"].split(":")[6],
            stream=where["streamArn"],
            shard=where["shardId"],
            first=where["startSequenceNumber"],
            last=where["endSequenceNumber"],
            records=int(where["batchSize"]),
            since=where["approximateArrivalOfFirstRecord"],
            why=context["condition"],
        )
    except (ValueError, KeyError, TypeError, IndexError):
        return None


class FailureQueue:
    """The queue `rollbook-<stage>-stream-failed`."""

    def __init__(self, sqs: Any, name: str) -> None:
        self._sqs = sqs
        self._url = sqs.get_queue_url(QueueName=name)["QueueUrl"]

    def receive(self) -> Iterator[dict[str, Any]]:
        """Receive every visible message; others do not see them for a while."""
        parameters = {"QueueUrl": self._url, "VisibilityTimeout": OURS_SECONDS, "WaitTimeSeconds": WAIT_SECONDS}
        while found := self._sqs.receive_message(MaxNumberOfMessages=MOST_AT_ONCE, **parameters).get("Messages"):
            yield from found

    def remove(self, receipt: str) -> None:
        self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=receipt)

    def leave(self, receipt: str) -> None:
        """Make the message visible to other receivers again."""
        self._sqs.change_message_visibility(QueueUrl=self._url, ReceiptHandle=receipt, VisibilityTimeout=0)


def records_of(streams: Any, failure: Failure) -> list[Record]:
    """Return the records as Lambda sends them, or raise RecordsGoneError if some are no longer in the stream."""
    try:
        found = [as_lambda_sends(record, failure.stream) for record in _read(streams, failure)]
    except ClientError as error:
        if error.response["Error"]["Code"] in GONE:
            raise RecordsGoneError from None
        raise
    if not found or found[-1]["dynamodb"]["SequenceNumber"] != failure.last:
        raise RecordsGoneError
    return found


def _read(streams: Any, failure: Failure) -> Iterator[Record]:
    start = {"ShardIteratorType": "AT_SEQUENCE_NUMBER", "SequenceNumber": failure.first}
    iterator = streams.get_shard_iterator(StreamArn=failure.stream, ShardId=failure.shard, **start)["ShardIterator"]
    empty = 0
    while iterator and empty < EMPTY_PAGES:
        page = streams.get_records(ShardIterator=iterator)
        for record in page["Records"]:
            if int(record["dynamodb"]["SequenceNumber"]) > int(failure.last):
                return
            yield record
            if record["dynamodb"]["SequenceNumber"] == failure.last:
                return
        iterator, empty = page.get("NextShardIterator"), 0 if page["Records"] else empty + 1
