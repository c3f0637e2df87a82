"""Meters operations on DynamoDB: requests, and the units of each partition of each table and index, computed from stored items.

A write costs a unit for each KB of the larger of the item before and after, twice in a transaction; a write whose condition fails costs
that of the item as it is. An index costs a unit for each KB of its entry if that changes, and two entries if its key does. A read costs a
unit for each 4 KB, half if it may be stale; a query, by the sum of what it looks at. So DynamoDB bills. The items are read before and
after each request through a client of the meter's own, so everything must happen in one thread.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from math import ceil
from typing import Any, NamedTuple

import boto3

from bench.counting import READ_UNIT, WRITE_UNIT, size
from chalicelib import clients
from infra.templates import table_definitions

Item = dict[str, Any]
EQUALS = re.compile(r"(#?\w+)\s*=\s*(:\w+)")
NAMES = re.compile(r"#\w+"), re.compile(r":\w+")
FOR_ONE_QUERY = ("FilterExpression", "ProjectionExpression", "ReturnConsumedCapacity", "Select")


class Partition(NamedTuple):
    """A partition of a table, or of one of its indexes. `of_index` is empty for the table's own; `value` is its key."""

    table: str
    of_index: str
    value: str


@dataclass
class Use:
    """The usage: requests, units of writes and of reads by partition, and the growth in stored bytes."""

    requests: float = 0
    writes: dict[Partition, float] = field(default_factory=dict)
    reads: dict[Partition, float] = field(default_factory=dict)
    stored: float = 0

    @property
    def write_units(self) -> float:
        return sum(self.writes.values())

    @property
    def read_units(self) -> float:
        return sum(self.reads.values())

    def write(self, partition: Partition, units: float) -> None:
        self.writes[partition] = self.writes.get(partition, 0) + units

    def read(self, partition: Partition, units: float) -> None:
        self.reads[partition] = self.reads.get(partition, 0) + units

    def add(self, other: "Use", times: float = 1) -> "Use":
        """Add another use, so many times, and return the sum."""
        self.requests += other.requests * times
        self.stored += other.stored * times
        for partition, amount in other.writes.items():
            self.write(partition, amount * times)
        for partition, amount in other.reads.items():
            self.read(partition, amount * times)
        return self


@contextmanager
def metered(stage: str) -> Iterator[Use]:
    """Meter all requests of this process's DynamoDB client within the block. `stage` names the tables."""
    meter = _Meter(stage)
    events = clients.dynamodb().meta.events
    events.register("provide-client-params.dynamodb", meter.before, unique_id="meter-before")
    events.register("after-call.dynamodb", meter.after, unique_id="meter-after")
    try:
        yield meter.use
    finally:
        events.unregister("provide-client-params.dynamodb", unique_id="meter-before")
        events.unregister("after-call.dynamodb", unique_id="meter-after")


class _Meter:
    def __init__(self, stage: str) -> None:
        self.use = Use()
        self._client = boto3.client("dynamodb")
        self._stage = stage
        self._request: Item = {}
        self._written: list[tuple[str, Item, Item | None]] = []

    def before(self, params: Item, model: Any, **_: Any) -> None:
        self._request = params
        self._written = [(table, key, self._item(table, key)) for table, key in _writes(self._stage, model.name, params)]

    def after(self, parsed: Item, model: Any, **_: Any) -> None:
        self.use.requests += 1
        twice = 2 if model.name == "TransactWriteItems" else 1
        for table, key, was in self._written:
            self._count_write(table, key, (was, self._item(table, key)), twice)
        for partition, amount in self._reads(model.name, parsed):
            self.use.read(partition, amount)

    def _item(self, table: str, key: Item) -> Item | None:
        return self._client.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")

    def _count_write(self, table: str, key: Item, images: tuple[Item | None, Item | None], twice: int) -> None:
        declared, (was, now) = definitions(self._stage)[table], images
        self.use.write(Partition(table, "", _value(key, declared)), twice * max(units(was), units(now), 1))
        self.use.stored += _size(now) - _size(was)
        for index in declared.get("GlobalSecondaryIndexes", []):
            before, after = index_entry(index, was), index_entry(index, now)
            self.use.stored += _size(after) - _size(before)
            for one, amount in index_units(index, before, after):
                self.use.write(Partition(table, index["IndexName"], _value(one, index)), amount)

    def _reads(self, name: str, parsed: Item) -> Iterator[tuple[Partition, float]]:
        request = self._request
        if name == "GetItem":
            yield self._read(request["TableName"], request["Key"], parsed.get("Item"), request.get("ConsistentRead", False))
        elif name == "BatchGetItem":
            for table, wanted in request["RequestItems"].items():
                for key in wanted["Keys"]:
                    yield self._read(table, key, self._item(table, key), wanted.get("ConsistentRead", False))
        elif name == "Query":
            yield self._query()

    def _read(self, table: str, key: Item, found: Item | None, consistent: bool) -> tuple[Partition, float]:
        amount = max(ceil(_size(found) / READ_UNIT), 1)
        return Partition(table, "", _value(key, definitions(self._stage)[table])), amount if consistent else amount / 2

    def _query(self) -> tuple[Partition, float]:
        """Ask again without filter, to see all that was looked at."""
        request = {name: value for name, value in self._request.items() if name not in FOR_ONE_QUERY}
        condition = request["KeyConditionExpression"]
        for part, pattern in zip(("ExpressionAttributeNames", "ExpressionAttributeValues"), NAMES, strict=True):
            needed = set(pattern.findall(condition))
            request[part] = {name: value for name, value in request.get(part, {}).items() if name in needed}
            if not request[part]:
                del request[part]
        looked_at = sum(map(size, self._client.query(**request)["Items"]))
        match = EQUALS.search(condition)
        assert match
        ((_, value),) = request["ExpressionAttributeValues"][match[2]].items()
        amount = max(ceil(looked_at / READ_UNIT), 1)
        partition = Partition(request["TableName"], request.get("IndexName", ""), value)
        return partition, amount if request.get("ConsistentRead") else amount / 2


def _writes(stage: str, name: str, params: Item) -> Iterator[tuple[str, Item]]:
    """Yield the table and the key of each item that a request writes or makes a condition of."""
    if name in ("PutItem", "UpdateItem", "DeleteItem"):
        yield params["TableName"], _key(stage, params["TableName"], params)
    elif name == "TransactWriteItems":
        for write in params["TransactItems"]:
            ((_, one),) = write.items()
            yield one["TableName"], _key(stage, one["TableName"], one)
    elif name == "BatchWriteItem":
        for table, requests in params["RequestItems"].items():
            for request in requests:
                ((_, one),) = request.items()
                yield table, _key(stage, table, one)


def _key(stage: str, table: str, write: Item) -> Item:
    if "Key" in write:
        return dict(write["Key"])
    return {name: write["Item"][name] for name in keys_of(definitions(stage)[table])}


@cache
def definitions(stage: str) -> dict[str, Any]:
    """Return the tables of a stage by name."""
    return {declared["TableName"]: declared for declared in table_definitions(stage)}


def index_units(index: Item, was: Item | None, now: Item | None) -> Iterator[tuple[Item, int]]:
    """Yield the entries of an index that a change writes, and their units: none if the entry stays as it is."""
    if was == now:
        return
    if was and now and all(was[key] == now[key] for key in keys_of(index)):
        yield now, max(units(was), units(now))
        return
    yield from ((one, units(one)) for one in (was, now) if one)


def index_entry(index: Item, item: Item | None) -> Item | None:
    """Return what the index has of an item: nothing of one that lacks a key of it."""
    if not item or not all(key in item for key in keys_of(index)):
        return None
    projected = index["Projection"]
    if projected["ProjectionType"] == "ALL":
        return item
    return {name: value for name, value in item.items() if name in {"pk", "sk", *keys_of(index), *projected.get("NonKeyAttributes", [])}}


def keys_of(declared: Item) -> list[str]:
    """Return the names of the keys of a table or index."""
    return [key["AttributeName"] for key in declared["KeySchema"]]


def units(item: Item | None) -> int:
    """Return the write units of an item."""
    return ceil(_size(item) / WRITE_UNIT)


def _size(item: Item | None) -> int:
    return size(item) if item else 0


def _value(item: Item, declared: Item) -> str:
    ((_, value),) = item[keys_of(declared)[0]].items()
    return str(value)
