"""A DynamoDB stream: its shards, its records as Lambda sends them, and how far we have read."""

import base64
import json
import logging
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from infra.local.state import read_json, write_json

STALE_ITERATOR = "ExpiredIteratorException"
LOST_SEQUENCES = {"TrimmedDataAccessException", "ResourceNotFoundException"}
FINISHED = "finished"
EMPTY_MAP: dict[str, Any] = {"M": {}}
"""DynamoDB Local omits the type of an empty map in its stream records."""
log = logging.getLogger(__name__)

Record = dict[str, Any]


class Stream:
    """Reads from the checkpoint, or, if that sequence number is gone, from the oldest remaining record, since handlers may repeat."""

    def __init__(self, client: Any, *, arn: str, checkpoint: Path) -> None:
        self._client = client
        self._arn = arn
        self._checkpoint = checkpoint
        kept = read_json(checkpoint) or {}
        self._sequences: dict[str, str] = kept.get("places", {}) if kept.get("arn") == arn else {}
        self._iterators: dict[str, str] = {}
        self._shards: list[str] = []

    def read(self, limit: int) -> tuple[str, list[Record]] | None:
        """Return the next records of the first shard that has any, or None when everything has been read."""
        for shard in self._open_shards():
            if records := self._read_shard(shard, limit):
                return shard, records
        return None

    def done(self, shard: str, record: Record) -> None:
        """Save the checkpoint: the shard was handled up to this record."""
        self._remember(shard, record["dynamodb"]["SequenceNumber"])

    def reread(self) -> None:
        """Continue after the last handled record."""
        self._iterators.clear()

    def _open_shards(self) -> Iterator[str]:
        """Yield the shards that may have records, parents first; a finished one makes us look for its children."""
        if all(self._sequences.get(shard) == FINISHED for shard in self._shards):
            self._shards = self._list_shards()
        for shard in self._shards:
            if self._sequences.get(shard) != FINISHED:
                yield shard

    def _list_shards(self) -> list[str]:
        shards: list[str] = []
        more: dict[str, str] = {}
        while True:
            description = self._client.describe_stream(StreamArn=self._arn, **more)["StreamDescription"]
            shards += [shard["ShardId"] for shard in description["Shards"]]
            if "LastEvaluatedShardId" not in description:
                return shards
            more = {"ExclusiveStartShardId": description["LastEvaluatedShardId"]}

    def _read_shard(self, shard: str, limit: int) -> list[Record]:
        try:
            page = self._client.get_records(ShardIterator=self._iterator(shard), Limit=limit)
        except ClientError as error:
            self._recover(shard, error.response["Error"]["Code"], error)
            return []
        self._iterators[shard] = page.get("NextShardIterator", "")
        if not page["Records"] and not self._iterators[shard]:
            self._remember(shard, FINISHED)
        return [as_lambda_sends(record, self._arn) for record in page["Records"]]

    def _iterator(self, shard: str) -> str:
        if not self._iterators.get(shard):
            sequence = self._sequences.get(shard)
            start = (
                {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": sequence}
                if sequence
                else {"ShardIteratorType": "TRIM_HORIZON"}
            )
            self._iterators[shard] = self._client.get_shard_iterator(StreamArn=self._arn, ShardId=shard, **start)["ShardIterator"]
        return self._iterators[shard]

    def _recover(self, shard: str, code: str, error: ClientError) -> None:
        """An iterator grows old when the computer sleeps; a sequence number is gone when the stream did not survive a restart."""
        if code not in LOST_SEQUENCES | {STALE_ITERATOR}:
            raise error
        self._iterators.pop(shard, None)
        if code in LOST_SEQUENCES:
            log.info("reading shard %s from its beginning: %s", shard, error)
            self._sequences.pop(shard, None)

    def _remember(self, shard: str, sequence: str) -> None:
        self._sequences[shard] = sequence
        write_json(self._checkpoint, {"arn": self._arn, "places": self._sequences})


def as_lambda_sends(record: Record, arn: str) -> Record:
    """Return a record read from the stream in the form in which Lambda hands it to a function: that of the wire, times as numbers."""
    change = record["dynamodb"]
    if isinstance(change.get("ApproximateCreationDateTime"), datetime):  # botocore read it by its model.
        change = json.loads(json.dumps(change, default=_sent))
    images = {
        image: {name: value or EMPTY_MAP for name, value in change[image].items()} for image in ("NewImage", "OldImage") if image in change
    }
    return {**record, "dynamodb": change | images, "eventSourceARN": arn}


def _sent(value: Any) -> Any:
    """Return what JSON lacks as it is sent: bytes, and the time of a record."""
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value.timestamp()
