"""Counts the requests and write units of an operation on DynamoDB.

Units are computed from item sizes (1 KB a unit, twice in a transaction); for single updates and filtered queries they are as reported.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from chalicelib import clients

WRITE_UNIT = 1024
READ_UNIT = 4096


@dataclass
class Count:
    requests: int = 0
    write_units: int = 0
    read_units: float = 0.0
    names: list[str] = field(default_factory=list)


@contextmanager
def counting() -> Iterator[Count]:
    """Count all requests of this process's DynamoDB client within the block."""
    count = Count()
    events = clients.dynamodb().meta.events
    parameters: dict[str, Any] = {}

    def before(params: dict[str, Any], model: Any, **_: Any) -> None:
        count.requests += 1
        count.names.append(model.name)
        parameters[model.name] = params

    def built(params: dict[str, Any], model: Any, **_: Any) -> None:
        count.write_units += _written(model.name, params)
        if model.name == "UpdateItem" or "FilterExpression" in params:
            params["ReturnConsumedCapacity"] = "TOTAL"

    def after(parsed: dict[str, Any], model: Any, **_: Any) -> None:
        count.write_units += _reported(parsed) if model.name == "UpdateItem" else 0
        count.read_units += _read(parsed)

    events.register("before-call.dynamodb", before, unique_id="bench-before")
    events.register("provide-client-params.dynamodb", built, unique_id="bench-built")
    events.register("after-call.dynamodb", after, unique_id="bench-after")
    try:
        yield count
    finally:
        events.unregister("before-call.dynamodb", unique_id="bench-before")
        events.unregister("provide-client-params.dynamodb", unique_id="bench-built")
        events.unregister("after-call.dynamodb", unique_id="bench-after")


def size(item: dict[str, Any]) -> int:
    """Return the size of an item in bytes, by DynamoDB's published rules."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: dict[str, Any]) -> int:
    ((kind, inner),) = value.items()
    match kind:
        case "S":
            return len(inner.encode())
        case "N":
            return len(inner.strip("-").replace(".", "")) // 2 + 2
        case "B":
            return len(inner)
        case "M":
            return 3 + sum(len(key.encode()) + 1 + _value_size(more) for key, more in inner.items())
        case "L":
            return 3 + sum(1 + _value_size(more) for more in inner)
    return 1


def _written(name: str, params: dict[str, Any]) -> int:
    if name == "PutItem":
        return ceil(size(params["Item"]) / WRITE_UNIT)
    if name == "TransactWriteItems":
        return sum(2 * ceil(size(write["Put"]["Item"]) / WRITE_UNIT) if "Put" in write else 2 for write in params["TransactItems"])
    return 1 if name == "DeleteItem" else 0


def _reported(parsed: dict[str, Any]) -> int:
    """The units of a single write as DynamoDB reports them; a refused write costs the units of the item's size."""
    if "ConsumedCapacity" in parsed:
        units: float = parsed["ConsumedCapacity"]["CapacityUnits"]
        return ceil(units)
    return ceil(size(parsed.get("Item", {})) / WRITE_UNIT) or 1


def _read(parsed: dict[str, Any]) -> float:
    if "Count" in parsed and "ConsumedCapacity" in parsed:  # With a filter, more was read than came back; of a count, nothing comes back.
        return float(parsed["ConsumedCapacity"]["CapacityUnits"])
    items = [*parsed.get("Items", []), *([parsed["Item"]] if "Item" in parsed else [])]
    if "Items" in parsed:
        return ceil(sum(map(size, items)) / READ_UNIT)
    found = [item for rows in parsed.get("Responses", {}).values() for item in rows] if isinstance(parsed.get("Responses"), dict) else []
    return float(sum(ceil(size(item) / READ_UNIT) for item in [*items, *found]))
