"""Query parameters of endpoints, as published in OpenAPI."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class QueryParameter(NamedTuple):
    """A query parameter's description and JSON schema."""

    description: str
    schema: Mapping[str, Any] = {"type": "string"}


def whole_number(description: str, *, least: int, most: int, usual: int) -> QueryParameter:
    """Return a whole-number parameter whose default is `usual`."""
    return QueryParameter(description, {"type": "integer", "minimum": least, "maximum": most, "default": usual})


def yes_or_no(description: str, *, usual: bool) -> QueryParameter:
    """Return a parameter that is `true` or `false`, by default `usual`."""
    return QueryParameter(description, {"type": "boolean", "default": usual})


def one_of(description: str, values: Sequence[str]) -> QueryParameter:
    """Return a parameter with fixed choices."""
    return QueryParameter(description, {"type": "string", "enum": list(values)})
