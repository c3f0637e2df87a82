"""moto's expressions without what costs most: each text is parsed once, its tree is copied node by node, and its nodes are told apart by
their type instead of `isinstance` of abstract classes.
"""

from collections import deque
from copy import deepcopy
from functools import cache
from typing import Any

from moto.dynamodb.comparisons import ConditionExpressionParser
from moto.dynamodb.parsing.ast_nodes import DepthFirstTraverser, Node  # type: ignore[attr-defined]
from moto.dynamodb.parsing.expressions import UpdateExpressionParser  # type: ignore[attr-defined]

_lex = ConditionExpressionParser._lex_condition_expression
_parse = UpdateExpressionParser.make


def speed_up() -> None:
    """Replace the slow steps in this process."""
    UpdateExpressionParser.make = _parsed  # A tree is copied before it is changed.
    ConditionExpressionParser._lex_condition_expression = lambda self: deque(_lexed(self.condition_expression))  # type: ignore
    Node.__deepcopy__ = _copied
    DepthFirstTraverser.traverse_node_recursively = _traverse


@cache
def _parsed(expression: str) -> Any:
    return _parse(expression)


@cache
def _lexed(expression: str) -> tuple[Any, ...]:
    return tuple(_lex(ConditionExpressionParser(expression, None, None)))


def _copied(node: Any, memo: dict[int, Any]) -> Any:
    copied = object.__new__(type(node))
    copied.__dict__.update(node.__dict__)
    if isinstance(node.children, list):
        copied.children = [deepcopy(child, memo) for child in node.children]
        for child in copied.children:
            kind: Any = type(child)
            if _is_a(kind, (Node,)):
                child.parent = copied
    return copied


@cache
def _is_a(kind: type, kinds: tuple[type, ...]) -> bool:
    return issubclass(kind, kinds)


def _traverse(self: Any, root: Any, _child_id: int = -1) -> Any:
    """Process the nodes from below, and return what stands in the place of the root."""
    kinds = tuple(self._processing_map().items())

    def processed(node: Any, place: int) -> Any:
        kind: Any = type(node)
        if not _is_a(kind, (Node,)):
            return node
        parent = node.parent
        for place_of_child, child in enumerate(node.children or ()):
            self.pre_processing_of_child(node, place_of_child)
            processed(child, place_of_child)
        process = next((process for of, process in kinds if _is_a(kind, (of,))), None)
        if process:
            node = process(node)
            node.parent = parent
            if parent:
                parent.children[place] = node
        return node

    return processed(root, -1)
