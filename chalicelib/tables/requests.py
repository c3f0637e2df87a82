"""Requests to DynamoDB, one place for what every one of them shares: conflicts, throttling, failed conditions, pages."""

import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal, TypeVar

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError

from chalicelib import clients
from chalicelib.rules.refusals import Busy
from chalicelib.tables.items import Item
from chalicelib.tables.keys import Key

T = TypeVar("T")
_until: ContextVar[float | None] = ContextVar("until", default=None)
PATIENCE_SECONDS = 5.0
FIRST_PAUSE_SECONDS = 0.01
LONGEST_PAUSE_SECONDS = 0.4
PASSING = {
    "TransactionConflictException",
    "TransactionInProgressException",
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "ThrottledException",
    "RequestLimitExceeded",
    "InternalServerError",
    "ServiceUnavailable",
}
PASSING_REASONS = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}


class ConditionFailed(Exception):
    """The condition of a write did not hold. `old` is the item as it was, None when there was none."""

    def __init__(self, old: Item | None) -> None:
        self.old = old


class TransactionFailed(Exception):
    """At least one condition of a transaction did not hold: for each write None, or the old item ({} when there was none)."""

    def __init__(self, reasons: list[Item | None]) -> None:
        self.reasons = reasons


class AlsoRefused(Exception):
    """A row could have been written; what was to be written with it could not. `reasons` has, for each, None or the item as it was."""

    def __init__(self, reasons: list[Item | None]) -> None:
        self.reasons = reasons


@contextmanager
def one_patience() -> Iterator[None]:
    """Let all requests of the block share one patience, so that whoever waits for the whole is answered within ten seconds."""
    token = _until.set(time.monotonic() + PATIENCE_SECONDS)
    try:
        yield
    finally:
        _until.reset(token)


@contextmanager
def own_patience() -> Iterator[None]:
    """Let each request of the block have a patience of its own: for work on thousands of rows, which takes long though nothing is wrong."""
    token = _until.set(None)
    try:
        yield
    finally:
        _until.reset(token)


def get(table: str, key: Key, *, consistent: bool = True) -> Item | None:
    return _patiently(lambda: clients.dynamodb().get_item(TableName=table, Key=key.stored(), ConsistentRead=consistent)).get("Item")


def batch_get(wanted: Mapping[str, Sequence[Key]], *, consistent: bool = True) -> dict[Key, Item]:
    """Return the items that exist, of up to 100 keys in one request, whichever tables they are in."""
    asked: Any = {
        table: {"Keys": [key.stored() for key in dict.fromkeys(keys)], "ConsistentRead": consistent}
        for table, keys in wanted.items()
        if keys
    }
    found: dict[Key, Item] = {}
    while asked:
        answer = _patiently(lambda asked=asked: clients.dynamodb().batch_get_item(RequestItems=asked))  # type: ignore[misc]
        for items in answer["Responses"].values():
            found.update({Key(item["pk"]["S"], item["sk"]["S"] if "sk" in item else ""): item for item in items})
        asked = answer.get("UnprocessedKeys")
    return found


def put(table: str, item: Item, condition: str, names: Mapping[str, str] | None = None, values: Item | None = None) -> None:
    """Write the whole item if the condition holds, else raise ConditionFailed."""
    _write("put_item", TableName=table, Item=item, ConditionExpression=condition, **_expression(names, values))


def update(
    table: str,
    key: Key,
    change: str,
    condition: str,
    *,
    names: Mapping[str, str] | None = None,
    values: Item | None = None,
    want: Literal["ALL_NEW", "NONE"] = "ALL_NEW",
) -> Item:
    """Change the item if the condition holds, else raise ConditionFailed. Return it as it then is; nothing with `want="NONE"`."""
    answer = _write(
        "update_item",
        TableName=table,
        Key=key.stored(),
        UpdateExpression=change,
        ConditionExpression=condition,
        ReturnValues=want,
        **_expression(names, values),
    )
    attributes: Item = answer.get("Attributes", {})
    return attributes


def delete(table: str, key: Key, condition: str, *, names: Mapping[str, str] | None = None, values: Item | None = None) -> None:
    _write("delete_item", TableName=table, Key=key.stored(), ConditionExpression=condition, **_expression(names, values))


def transact(writes: Iterable[dict[str, Any]]) -> None:
    """Do all writes or none. Each is {"Put": {...}} and so on, as `TransactWriteItems` takes it."""
    asked = [{kind: {**write, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"} for kind, write in entry.items()} for entry in writes]
    try:
        _patiently(lambda: clients.dynamodb().transact_write_items(TransactItems=asked))  # type: ignore[arg-type]
    except ClientError as fault:
        if fault.response["Error"]["Code"] != "TransactionCanceledException":
            raise
        raise TransactionFailed([_reason(reason) for reason in fault.response["CancellationReasons"]]) from None


def query(**asked: Any) -> Iterator[Item]:
    """Return every item of a query, page after page."""
    while True:
        items, start = query_page(**asked)
        yield from items
        if not start:
            return
        asked["ExclusiveStartKey"] = start


def query_page(**asked: Any) -> tuple[list[Item], Item | None]:
    """Return one page of a query and where the next one starts."""
    answer = _patiently(lambda: clients.dynamodb().query(**asked))
    return answer["Items"], answer.get("LastEvaluatedKey")


def count(**asked: Any) -> int:
    """Return how many items a query has."""
    found = 0
    while True:
        answer = _patiently(lambda: clients.dynamodb().query(**asked, Select="COUNT"))
        found += answer["Count"]
        if not (start := answer.get("LastEvaluatedKey")):
            return found
        asked["ExclusiveStartKey"] = start


def scan(**asked: Any) -> Iterator[Item]:
    """Return every item of a table: for jobs alone."""
    while True:
        answer = _patiently(lambda: clients.dynamodb().scan(**asked))
        yield from answer["Items"]
        if not (start := answer.get("LastEvaluatedKey")):
            return
        asked["ExclusiveStartKey"] = start


def _write(kind: str, **asked: Any) -> Any:
    try:
        return _patiently(lambda: getattr(clients.dynamodb(), kind)(ReturnValuesOnConditionCheckFailure="ALL_OLD", **asked))
    except ClientError as fault:
        if fault.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        raise ConditionFailed(fault.response.get("Item")) from None  # type: ignore[arg-type]


def _patiently(ask: Callable[[], T]) -> T:
    """Ask again while the answer is a conflict, a throttle or a fault that passes; give up in time for the caller to be told."""
    until = _until.get() or time.monotonic() + PATIENCE_SECONDS
    if time.monotonic() > until:
        raise Busy
    pause = FIRST_PAUSE_SECONDS
    while True:
        try:
            return ask()
        except ClientError as fault:
            if not _passes(fault):
                raise
            last: Exception = fault
        except (ConnectionError, HTTPClientError) as fault:
            last = fault
        if time.monotonic() + pause > until:
            raise Busy from last
        time.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - spreads retries, guards nothing
        pause = min(LONGEST_PAUSE_SECONDS, pause * 2)


def _passes(fault: ClientError) -> bool:
    code = fault.response["Error"]["Code"]
    if code != "TransactionCanceledException":
        return code in PASSING
    reasons = {reason.get("Code", "None") for reason in fault.response.get("CancellationReasons", [])}
    return bool(reasons & PASSING_REASONS) and "ConditionalCheckFailed" not in reasons


def _reason(reason: Any) -> Item | None:
    return reason.get("Item", {}) if reason["Code"] == "ConditionalCheckFailed" else None


def _expression(names: Mapping[str, str] | None, values: Item | None) -> dict[str, Any]:
    asked: dict[str, Any] = {}
    if names:
        asked["ExpressionAttributeNames"] = names
    if values:
        asked["ExpressionAttributeValues"] = values
    return asked
