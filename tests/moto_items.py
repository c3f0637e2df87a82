"""moto's items without what costs most: their size is added up once for each write instead of once for each of their attributes."""

from typing import Any

from moto.dynamodb.exceptions import ItemSizeTooLarge
from moto.dynamodb.models.dynamo_type import Item, LimitedSizeDict
from moto.dynamodb.parsing.executors import UpdateExpressionExecutor

LARGEST = 405_000
"""In bytes, as moto has it."""
_make = Item.__init__
_execute = UpdateExpressionExecutor.execute


def speed_up() -> None:
    """Replace the slow steps in this process."""
    LimitedSizeDict.__setitem__ = dict.__setitem__  # type: ignore[method-assign]
    Item.__init__ = _made  # type: ignore[method-assign]
    UpdateExpressionExecutor.execute = _executed  # type: ignore[method-assign]


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
