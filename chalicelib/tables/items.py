"""Plain values ↔ DynamoDB's attribute values.

boto3's own serialiser works in Decimal and is several times slower on a roster of hundreds.
We store strings, numbers, flags, bytes, lists and maps.
"""

from collections.abc import Mapping
from typing import Any

Item = dict[str, Any]
DECIMAL = set(".eE")
"""Characters that only a number with decimal places or an exponent has."""


def stored(value: Any) -> dict[str, Any]:
    """Return one attribute value. None inside a list or map becomes NULL; a whole attribute that is None is left out by `item`."""
    match value:
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int() | float():
            return {"N": str(value)}
        case bytes():
            return {"B": value}
        case None:
            return {"NULL": True}
        case Mapping():
            return {"M": {key: stored(inner) for key, inner in value.items()}}
        case list() | tuple():
            return {"L": [stored(inner) for inner in value]}
    raise TypeError(f"{type(value).__name__} cannot be stored")


def item(values: Mapping[str, Any]) -> Item:
    """Return a whole item, without the attributes that are None."""
    return {key: stored(value) for key, value in values.items() if value is not None}


def plain(values: Item) -> dict[str, Any]:
    """Return an item's values as plain Python."""
    # Most values are strings: those are not worth a call each.
    return {key: value["S"] if "S" in value else _read(value) for key, value in values.items()}


def _read(value: dict[str, Any]) -> Any:
    ((kind, inner),) = value.items()
    if kind == "S" or kind == "BOOL" or kind == "B":
        return inner
    if kind == "N":
        return float(inner) if set(inner) & DECIMAL else int(inner)
    if kind == "M":
        return plain(inner)
    if kind == "L":
        return [more["S"] if "S" in more else _read(more) for more in inner]
    if kind == "NULL":
        return None
    raise TypeError(f"{kind} is not a kind of value that we store")
