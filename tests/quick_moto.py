"""moto without its slowest step: it looks for every attribute of every stored value under several names.

Stored values are written out as they are. A roster of fifteen rows took 400 ms to leave moto, now 20.
"""

from typing import Any

from moto.core.serialize import ResponseSerializer
from moto.dynamodb.models.dynamo_type import DynamoType

VALUE = "AttributeValue"
_thorough = ResponseSerializer._serialize


def _serialize(self: ResponseSerializer, serialized: Any, value: Any, shape: Any, key: str) -> None:
    if shape.name == VALUE and isinstance(value, DynamoType):
        value = value.to_regular_json()
    if shape.name == VALUE and isinstance(value, dict) and "B" not in value:
        self._default_serialize(serialized, value, shape, key)
    else:
        _thorough(self, serialized, value, shape, key)


def hurry() -> None:
    """Let moto answer quickly from now on."""
    ResponseSerializer._serialize = _serialize  # type: ignore[method-assign]
