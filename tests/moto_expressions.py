"""moto's expressions without what costs most: each text is parsed once, its tree is copied node by node, its nodes are told apart by their
type instead of `isinstance` of abstract classes, searched without a list for each branch, and compared once, not at each branch.
"""

from collections import deque
from collections.abc import Sequence
from copy import deepcopy
from functools import cache
from typing import Any

from moto.dynamodb.comparisons import ConditionExpressionParser
from moto.dynamodb.parsing.ast_nodes import DepthFirstTraverser, Expression, Node, UpdateExpressionFunction  # type: ignore[attr-defined]
from moto.dynamodb.parsing.expressions import UpdateExpressionParser  # type: ignore[attr-defined]
from moto.dynamodb.parsing.validators import ActionCountValidator, OverlappingPathsValidator

LEAF = object()
BRANCHES = (Expression, UpdateExpressionFunction)
_lex = ConditionExpressionParser._lex_condition_expression
_parse = UpdateExpressionParser.make


def speed_up() -> None:
    """Replace the slow steps in this process."""
    UpdateExpressionParser.make = _parsed  # A tree is copied before it is changed.
    ConditionExpressionParser._lex_condition_expression = lambda self: deque(_lexed(self.condition_expression))  # type: ignore
    Node.__deepcopy__ = _copied
    Node.find_clauses = _find_clauses
    DepthFirstTraverser.traverse_node_recursively = _traverse
    ActionCountValidator.traverse = ActionCountValidator.verify_action_counts
    OverlappingPathsValidator.traverse = OverlappingPathsValidator.check_for_overlapping_paths


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


def _find_clauses(self: Any, kinds: Sequence[type]) -> list[Any]:
    """Return the nodes of these types below, in their order, but not what is below them."""
    found: list[Any] = []

    def look_at(node: Any) -> None:
        for child in node.children or ():
            kind: Any = type(child)
            if kind in kinds:
                found.append(child)
            elif _is_a(kind, BRANCHES):
                look_at(child)

    look_at(self)
    return found


def _traverse(self: Any, root: Any, _child_id: int = -1) -> Any:
    """Process the nodes from below, and return what stands in the place of the root."""
    steps = self._processing_map()
    step_of = _steps_by_type(tuple(steps))

    def processed(node: Any, place: int) -> Any:
        kind = type(node)
        if kind not in step_of:
            step_of[kind] = next((of for of in steps if issubclass(kind, of)), None) if issubclass(kind, Node) else LEAF
        if step_of[kind] is LEAF:
            return node
        parent = node.parent
        for place_of_child, child in enumerate(node.children or ()):
            self.pre_processing_of_child(node, place_of_child)
            processed(child, place_of_child)
        if of := step_of[kind]:
            node = steps[of](node)
            node.parent = parent
            if parent:
                parent.children[place] = node
        return node

    return processed(root, -1)


@cache
def _steps_by_type(_steps: tuple[type, ...]) -> dict[type, Any]:
    """Return what is known of the types that these steps have met: the step, None without one, or LEAF for a text or number."""
    return {}
