"""moto's expressions without what costs most: each text is parsed once, and a condition filled with the values of each request. The tree
of an update is copied node by node, its nodes are told apart by their type instead of `isinstance` of abstract classes, searched without a
list for each branch, and compared once, not at each branch.
"""

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from copy import deepcopy
from functools import cache
from typing import Any, NamedTuple

from moto.dynamodb.comparisons import AttributeValue, ConditionExpressionParser
from moto.dynamodb.parsing.ast_nodes import DepthFirstTraverser, Expression, Node, UpdateExpressionFunction  # type: ignore[attr-defined]
from moto.dynamodb.parsing.expressions import UpdateExpressionParser  # type: ignore[attr-defined]
from moto.dynamodb.parsing.validators import ActionCountValidator, OverlappingPathsValidator

LEAF = object()
BRANCHES = (Expression, UpdateExpressionFunction)
_parse_condition = ConditionExpressionParser.parse
_make_operand = ConditionExpressionParser._make_operand
_values: ContextVar[Mapping[str, Any]] = ContextVar("_values")
"""Of the request whose condition this thread looks at."""
_conditions: dict[Any, "ParsedCondition"] = {}
_parse = UpdateExpressionParser.make


def speed_up() -> None:
    """Replace the slow steps in this process."""
    UpdateExpressionParser.make = _parsed  # A tree is copied before it is changed.
    ConditionExpressionParser.parse = _condition  # type: ignore[method-assign]
    ConditionExpressionParser._make_operand = _operand  # type: ignore[method-assign]
    Node.__deepcopy__ = _copied
    Node.find_clauses = _find_clauses
    DepthFirstTraverser.traverse_node_recursively = _traverse
    ActionCountValidator.traverse = ActionCountValidator.verify_action_counts
    OverlappingPathsValidator.traverse = OverlappingPathsValidator.check_for_overlapping_paths


@cache
def _parsed(expression: str) -> Any:
    return _parse(expression)


class ParsedCondition(NamedTuple):
    """A condition without its values, and which names and values it has."""

    tree: Any
    names: list[str]
    values: list[str]


class NamedValue(AttributeValue):
    """A value by its name. Its type is known: it belongs to what a condition is remembered by."""

    def __init__(self, name: str, value: dict[str, Any]) -> None:
        super().__init__(value)
        self._name = name

    def expr(self, item: Any) -> Any:
        return AttributeValue(_values.get()[self._name]).expr(item)


class FilledCondition(NamedTuple):
    """A condition with the values of a request, as moto looks at it."""

    tree: Any
    values: Mapping[str, Any]

    def expr(self, item: Any) -> Any:
        token = _values.set(self.values)
        try:
            return self.tree.expr(item)
        finally:
            _values.reset(token)


def _condition(self: ConditionExpressionParser) -> Any:
    """Return the condition, parsed once for each text, names and types of values."""
    text, names, values = self.condition_expression, self.expression_attribute_names or {}, self.expression_attribute_values or {}
    if not text:
        return _parse_condition(self)
    known_by = text, tuple(names.items()), tuple((name, *value) for name, value in values.items())
    if known_by not in _conditions:
        parsed = ConditionExpressionParser(text, names, values)
        tree = _parse_condition(parsed)
        _conditions[known_by] = ParsedCondition(tree, parsed.expr_attr_names_found, parsed.expr_attr_values_found)
    found = _conditions[known_by]
    self.expr_attr_names_found.extend(found.names)
    self.expr_attr_values_found.extend(found.values)
    return FilledCondition(found.tree, values)


def _operand(self: ConditionExpressionParser, node: Any) -> Any:
    return NamedValue(node.text, node.value) if node.kind == self.Kind.EXPRESSION_ATTRIBUTE_VALUE else _make_operand(self, node)


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
