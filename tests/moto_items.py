"""moto's items without what costs most: their size is added up once for each write instead of once for each of their attributes, and a copy
shares the texts and numbers, which nothing changes in place, instead of looking each up among what is copied already.
"""

from copy import deepcopy
from typing import Any

from moto.dynamodb import responses
from moto.dynamodb.exceptions import ItemSizeTooLarge
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict
from moto.dynamodb.models.utilities import dynamo_to_dict
from moto.dynamodb.parsing.executors import UpdateExpressionExecutor

LARGEST = 405_000
"""In bytes, as moto has it."""
WHOLE = {"S", "N", "BOOL", "NULL"}
"""Values that nothing changes in place, and that are stored as they are sent."""
_make = Item.__init__
_execute = UpdateExpressionExecutor.execute
_regular = DynamoType.to_regular_json


def speed_up() -> None:
    """Replace the slow steps in this process."""
    LimitedSizeDict.__setitem__ = dict.__setitem__  # type: ignore[method-assign]
    Item.__init__ = _made  # type: ignore[method-assign]
    UpdateExpressionExecutor.execute = _executed  # type: ignore[method-assign]
    Item.__deepcopy__ = _copied_item  # type: ignore[method-assign]
    DynamoType.__deepcopy__ = _copied  # type: ignore[method-assign]
    DynamoType.to_regular_json = _written  # type: ignore[method-assign]
    responses.dynamo_to_dict = plain  # type: ignore[attr-defined, assignment]


def plain(said: Any) -> Any:
    """Return moto's objects as plain values, in new lists and maps, as its own function does."""
    kind = type(said)
    if kind is str or kind is bool:
        return said
    if kind is dict:
        return {name: plain(value) for name, value in said.items()}
    if kind is list:
        return [plain(value) for value in said]
    if kind is DynamoType and said.type in WHOLE:
        return {said.type: said.value}
    if kind is DynamoType and said.type in {"M", "L", "SS", "NS"}:
        return {said.type: plain(said.value)}
    return plain(said.to_json()) if kind is Item else dynamo_to_dict(said)


def _written(self: DynamoType) -> Any:
    return _regular(self) if self.type in {"B", "BS"} else plain(self)


def _copied(self: DynamoType, memo: Any) -> DynamoType:
    if self.type in WHOLE:
        return self
    copied = object.__new__(DynamoType)
    copied.type = self.type
    match self.type:
        case "M":
            copied.value = {name: _copied(value, memo) for name, value in self.value.items()}
        case "L":
            copied.value = [_copied(value, memo) for value in self.value]
        case _:
            copied.value = deepcopy(self.value)
    return copied


def _copied_item(self: Item, memo: Any) -> Item:
    copied = object.__new__(Item)
    copied.hash_key, copied.range_key = self.hash_key, self.range_key
    copied.attrs = LimitedSizeDict.__new__(LimitedSizeDict)
    dict.update(copied.attrs, {name: _copied(value, memo) for name, value in self.attrs.items()})
    return copied


def _made(self: Item, *given: Any, **named: Any) -> None:
    _make(self, *given, **named)
    _check(self)


def _executed(self: UpdateExpressionExecutor, node: Any = None) -> None:
    _execute(self, node)
    if node is None:
        _check(self.item)


def _check(item: Item) -> None:
    if item.size() > LARGEST:
        raise ItemSizeTooLarge
