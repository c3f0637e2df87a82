"""Requests to DynamoDB, with the handling that all of them share: failed conditions, pages."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal, TypeVar

from botocore.exceptions import ClientError

from chalicelib import clients
from chalicelib.tables import snapshot
from chalicelib.tables.actor import DELETED_BY, change_with_actor, current, with_actor
from chalicelib.tables.conditions import NEW, THERE, Condition, Update, absent, differs, rendered
from chalicelib.tables.items import Item
from chalicelib.tables.keys import Key
from chalicelib.tables.retries import with_retries

T = TypeVar("T")
Writes = Sequence[dict[str, Any]]
"""Writes of a transaction."""
MOST_WRITES = 100
"""In one transaction."""
MOST_READ = 100
"""The keys that one request reads."""


class ConditionFailed(Exception):
    """The condition of a write failed. `old` is the existing item, None when there was none."""

    def __init__(self, old: Item | None) -> None:
        self.old = old


class TransactionFailed(Exception):
    """A condition of a transaction failed. `reasons`: for each write None, or the existing item ({} if none) if its condition failed."""

    def __init__(self, reasons: list[Item | None]) -> None:
        self.reasons = reasons


class AlsoRefused(Exception):
    """A transaction failed although its main row could be written. `reasons` has, for each further write, None or the existing item."""

    def __init__(self, reasons: list[Item | None]) -> None:
        self.reasons = reasons


def get(table: str, key: Key, *, consistent: bool = True) -> Item | None:
    if (table, key) in snapshot.rows():
        return snapshot.rows()[table, key]
    return with_retries(lambda: clients.dynamodb().get_item(TableName=table, Key=key.stored(), ConsistentRead=consistent)).get("Item")


def batch_get(wanted: Mapping[str, Sequence[Key]], *, consistent: bool = True, eventual: Container[str] = ()) -> dict[Key, Item]:
    """Return the existing items of these keys, of any tables: one request for each hundred. Of the tables in `eventual`, the items may be
    as they were a moment ago."""
    known = snapshot.rows()
    every = [(table, key) for table, keys in wanted.items() for key in dict.fromkeys(keys)]
    all_keys = [wanted_key for wanted_key in every if wanted_key not in known]
    found = {key: row for table, key in every if (row := known.get((table, key)))}
    for first in range(0, len(all_keys), MOST_READ):
        found |= _batch(all_keys[first : first + MOST_READ], consistent, eventual)
    return found


def _batch(some: Sequence[tuple[str, Key]], consistent: bool, eventual: Container[str]) -> dict[Key, Item]:
    request: Any = {}
    for table, key in some:
        of_table = request.setdefault(table, {"Keys": [], "ConsistentRead": consistent and table not in eventual})
        of_table["Keys"].append(key.stored())
    found: dict[Key, Item] = {}
    while request:
        answer = with_retries(lambda request=request: clients.dynamodb().batch_get_item(RequestItems=request))  # type: ignore[misc]
        for items in answer["Responses"].values():
            found.update({Key(item["pk"]["S"], item["sk"]["S"] if "sk" in item else ""): item for item in items})
        request = answer.get("UnprocessedKeys")
    return found


@contextmanager
def read_together(wanted: Mapping[str, Sequence[Key]]) -> Iterator[None]:
    """Read the rows of these keys, one request for each hundred, and answer the block's reads of them from there until it writes."""
    found = batch_get(wanted)
    with snapshot.use({(table, key): found.get(key) for table, keys in wanted.items() for key in keys}):
        yield


def put(table: str, item: Item, condition: Condition) -> None:
    """Write the whole item. Raises ConditionFailed."""
    _write("put_item", TableName=table, Item=with_actor(table, item), **rendered(ConditionExpression=condition))


def put_new(table: str, item: Item) -> None:
    """Write a new item. Raises ConditionFailed when its key exists."""
    put(table, item, NEW)


def update(
    table: str,
    key: Key,
    change: str | Update,
    condition: str | Condition,
    *,
    names: Mapping[str, str] | None = None,
    values: Item | None = None,
    want: Literal["ALL_NEW", "NONE"] = "ALL_NEW",
) -> Item:
    """Change the item and return the new one; {} with `want="NONE"`. Raises ConditionFailed.

    Texts, with their names and values, are the ledger's, whose writes are kept by hand.
    """
    expressions = _expressions(condition, change_with_actor(table, key, change) if isinstance(change, Update) else change, names, values)
    answer = _write("update_item", TableName=table, Key=key.stored(), ReturnValues=want, **expressions)
    attributes: Item = answer.get("Attributes", {})
    return attributes


def delete(table: str, key: Key, condition: Condition) -> None:
    """Delete the item if the condition holds, else raise ConditionFailed."""
    _write("delete_item", TableName=table, Key=key.stored(), **rendered(ConditionExpression=condition))


def sign(table: str, key: Key) -> None:
    """Write into a row that is about to be deleted who deletes it, for the audit log. Costs one request.

    The deletion has the condition that counts: a row that is gone or signed already is left alone, and one that stays keeps the name to
    no effect.
    """
    actor = current()
    if actor is None:
        return
    try:
        unsigned = THERE & (absent(DELETED_BY) | differs(DELETED_BY, actor.written()))
        update(table, key, Update().set(**{DELETED_BY: actor.written()}), unsigned, want="NONE")
    except ConditionFailed:
        return


def put_write(table: str, item: Item, condition: Condition) -> dict[str, Any]:
    """Return a transaction write that puts the whole item, if the condition holds."""
    return {"Put": {"TableName": table, "Item": with_actor(table, item), **rendered(ConditionExpression=condition)}}


def update_write(table: str, key: Key, change: Update, condition: Condition) -> dict[str, Any]:
    """Return a transaction write that changes the item, if the condition holds."""
    expressions = rendered(UpdateExpression=change_with_actor(table, key, change), ConditionExpression=condition)
    return {"Update": {"TableName": table, "Key": key.stored(), **expressions}}


def delete_write(table: str, key: Key, condition: Condition) -> dict[str, Any]:
    """Return a transaction write that deletes the item, if the condition holds."""
    return {"Delete": {"TableName": table, "Key": key.stored(), **rendered(ConditionExpression=condition)}}


def check(table: str, key: Key, condition: Condition) -> dict[str, Any]:
    """Return a condition check for a transaction: it writes nothing, but must hold for the other writes."""
    return {"ConditionCheck": {"TableName": table, "Key": key.stored(), **rendered(ConditionExpression=condition)}}


def transact(writes: Iterable[dict[str, Any]], *, after_conflicts: bool = True) -> None:
    """Do all writes or none. Each is an element of `TransactWriteItems`, such as {"Put": {...}}. Raises TransactionFailed.

    Without `after_conflicts`, a conflict with another transaction is such a failure: another request does the same, or wants the same.
    """
    snapshot.end()
    items = [{kind: {**of_kind, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"} for kind, of_kind in write.items()} for write in writes]
    try:
        with_retries(lambda: clients.dynamodb().transact_write_items(TransactItems=items), after_conflicts=after_conflicts)  # type: ignore[arg-type]
    except ClientError as fault:
        if fault.response["Error"]["Code"] != "TransactionCanceledException":
            raise
        raise TransactionFailed([_reason(reason) for reason in fault.response["CancellationReasons"]]) from None


def query(**parameters: Any) -> Iterator[Item]:
    """Yield every item of a query, page after page."""
    start: Item | None = None
    while True:
        items, start = query_page(**parameters, start=start)
        yield from items
        if not start:
            return


def query_page(*, start: Item | None = None, **parameters: Any) -> tuple[list[Item], Item | None]:
    """Return the page of a query that begins after `start`, or its first one, and where the next one starts."""
    if start:
        parameters["ExclusiveStartKey"] = start
    answer = with_retries(lambda: clients.dynamodb().query(**parameters))
    return answer["Items"], answer.get("LastEvaluatedKey")


def count(**parameters: Any) -> int:
    """Return the number of items of a query."""
    found = 0
    while True:
        answer = with_retries(lambda: clients.dynamodb().query(**parameters, Select="COUNT"))
        found += answer["Count"]
        if not (start := answer.get("LastEvaluatedKey")):
            return found
        parameters["ExclusiveStartKey"] = start


def scan(**parameters: Any) -> Iterator[Item]:
    """Yield every item of a table. For jobs only."""
    while True:
        answer = with_retries(lambda: clients.dynamodb().scan(**parameters))
        yield from answer["Items"]
        if not (start := answer.get("LastEvaluatedKey")):
            return
        parameters["ExclusiveStartKey"] = start


def _write(kind: str, **parameters: Any) -> Any:
    snapshot.end()
    try:
        return with_retries(lambda: getattr(clients.dynamodb(), kind)(ReturnValuesOnConditionCheckFailure="ALL_OLD", **parameters))
    except ClientError as fault:
        if fault.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        raise ConditionFailed(fault.response.get("Item")) from None  # type: ignore[arg-type]


def _reason(reason: Any) -> Item | None:
    return reason.get("Item", {}) if reason["Code"] == "ConditionalCheckFailed" else None


def _expressions(condition: str | Condition, change: str | Update, names: Mapping[str, str] | None, values: Item | None) -> dict[str, Any]:
    """Return boto3's parameters for a change: of values, or of texts with their names and values; not of one of each."""
    if isinstance(condition, Condition) and isinstance(change, Update):
        if names or values:
            raise TypeError("a Condition and an Update bring their names and values along")
        return rendered(UpdateExpression=change, ConditionExpression=condition)
    if isinstance(condition, Condition) or isinstance(change, Update):
        raise TypeError("a Condition goes with an Update")
    parameters: dict[str, Any] = {"UpdateExpression": change, "ConditionExpression": condition}
    if names:
        parameters["ExpressionAttributeNames"] = names
    if values:
        parameters["ExpressionAttributeValues"] = values
    return parameters
