"""The condition key `dynamodb:LeadingKeys`, which MiniStack lacks: the partition keys that a request names."""

import re
from collections.abc import Iterator
from typing import Any

PARTITION_KEY = "pk"
"""Its name in every table."""
EQUALITY = re.compile(r"(?<![<>])=\s*(:\w+)")
WRITES = ("Put", "Update", "Delete", "ConditionCheck", "Get")


def leading_keys(request: Any) -> list[str]:
    """Return the partition keys that a request names, sorted. A sort key that a query compares for equality is among them."""
    return sorted({*_keys(request)}) if isinstance(request, dict) else []


def _keys(request: dict[str, Any]) -> Iterator[str]:
    for row in (request.get("Key"), request.get("Item")):
        if row and PARTITION_KEY in row:
            yield str(row[PARTITION_KEY].get("S"))
    for placeholder in EQUALITY.findall(request.get("KeyConditionExpression", "")):
        yield str(request["ExpressionAttributeValues"][placeholder].get("S"))
    for item in request.get("TransactItems", ()):
        for kind in WRITES:
            yield from _keys(item.get(kind, {}))
    for of_table in request.get("RequestItems", {}).values():
        for key in of_table.get("Keys", ()) if isinstance(of_table, dict) else ():
            yield from _keys({"Key": key})
