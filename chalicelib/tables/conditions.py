"""Conditions and changes of writes as values. `dynamodb` renders them; placeholders never collide and reserved words need no alias.

`equals("status", "valid") | equals("job", own)` is a condition, `Update().set(status="done").remove("job")` a change.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import and_
from typing import Any, Literal

from chalicelib.tables.items import stored

Attribute = str | tuple[str, ...]
"""An attribute's name, or the names that lead to one inside maps: `("h", id, "v")`."""


@dataclass(frozen=True)
class AttributePath:
    """The place of an attribute. Used as a value, it means the stored value: `default(ended_at=Name.of("sent_at"))`."""

    path: tuple[str, ...]

    @classmethod
    def of(cls, attribute: Attribute) -> "AttributePath":
        return cls((attribute,) if isinstance(attribute, str) else attribute)


@dataclass(frozen=True)
class Value:
    """A value to compare with or to write."""

    plain: Any


Part = str | AttributePath | Value
Parts = tuple[Part, ...]


@dataclass(frozen=True)
class Condition:
    """The condition of a write. `&` and `|` join conditions and keep each operand whole."""

    parts: Parts
    joined: Literal["", "AND", "OR"] = ""

    def __and__(self, other: "Condition") -> "Condition":
        return self._join("AND", other)

    def __or__(self, other: "Condition") -> "Condition":
        return self._join("OR", other)

    def _join(self, word: Literal["AND", "OR"], other: "Condition") -> "Condition":
        return Condition((*self._operand(word), f" {word} ", *other._operand(word)), word)

    def _operand(self, word: str) -> Parts:
        return self.parts if self.joined in ("", word) else ("(", *self.parts, ")")


@dataclass(frozen=True)
class Update:
    """A change of an item's attributes: `Update().set(role="owner").remove("ending").add(version=1)`."""

    sets: dict[AttributePath, Parts] = field(default_factory=dict)
    removes: tuple[AttributePath, ...] = ()
    adds: dict[str, int] = field(default_factory=dict)

    def set(self, /, **values: Any) -> "Update":
        """Set attributes. None removes the attribute, as `items.item` leaves it out."""
        gone = [name for name, value in values.items() if value is None]
        changed = self._with({AttributePath.of(name): (_operand(value),) for name, value in values.items() if value is not None})
        return changed.remove(*gone) if gone else changed

    def set_in(self, path: tuple[str, ...], value: Any) -> "Update":
        """Set an attribute inside a map."""
        return self._with({AttributePath(path): (_operand(value),)})

    def default(self, /, **values: Any) -> "Update":
        """Set attributes that are absent; others stay as they are."""
        return self._with(
            {
                AttributePath.of(name): ("if_not_exists(", AttributePath.of(name), ", ", _operand(value), ")")
                for name, value in values.items()
            }
        )

    def append(self, name: str, *values: Any) -> "Update":
        """Add values at the end of a list; one that is absent counts as empty."""
        there: Parts = ("if_not_exists(", AttributePath.of(name), ", ", Value([]), ")")
        return self._with({AttributePath.of(name): ("list_append(", *there, ", ", Value(values), ")")})

    def remove(self, *attributes: Attribute) -> "Update":
        return Update(self.sets, (*self.removes, *map(AttributePath.of, attributes)), self.adds)

    def add(self, /, **amounts: int) -> "Update":
        """Add to numbers; one that is absent counts as 0."""
        return Update(self.sets, self.removes, {**self.adds, **amounts})

    def _with(self, sets: Mapping[AttributePath, Parts]) -> "Update":
        return Update({**self.sets, **sets}, self.removes, self.adds)

    @property
    def parts(self) -> Parts:
        """The clauses, without the empty ones."""
        clauses = [
            _clause("SET", [(name, " = ", *value) for name, value in self.sets.items()]),
            _clause("REMOVE", [(name,) for name in self.removes]),
            _clause("ADD", [(AttributePath.of(name), " ", Value(amount)) for name, amount in self.adds.items()]),
        ]
        return _separated([clause for clause in clauses if clause], " ")


def equals(name: Attribute, value: Any) -> Condition:
    return _compared(name, "=", value)


def differs(name: Attribute, value: Any) -> Condition:
    return _compared(name, "<>", value)


def below(name: Attribute, value: Any) -> Condition:
    return _compared(name, "<", value)


def above(name: Attribute, value: Any) -> Condition:
    return _compared(name, ">", value)


def at_least(name: Attribute, value: Any) -> Condition:
    return _compared(name, ">=", value)


def at_most(name: Attribute, value: Any) -> Condition:
    return _compared(name, "<=", value)


def one_of(name: Attribute, values: Iterable[Any]) -> Condition:
    """The attribute has one of the values, of which there is at least one."""
    return Condition((AttributePath.of(name), " IN (", *_separated([(Value(value),) for value in values], ", "), ")"))


def has_length(name: Attribute, length: int) -> Condition:
    return Condition(("size(", AttributePath.of(name), ") = ", Value(length)))


def same(name: Attribute, other: Attribute) -> Condition:
    """Two attributes of the item have the same value."""
    return Condition((AttributePath.of(name), " = ", AttributePath.of(other)))


def smaller(name: Attribute, other: Attribute) -> Condition:
    """The first attribute of the item is smaller than the second. False when one of them is absent."""
    return Condition((AttributePath.of(name), " < ", AttributePath.of(other)))


def absent(name: Attribute) -> Condition:
    return Condition(("attribute_not_exists(", AttributePath.of(name), ")"))


def present(name: Attribute) -> Condition:
    return Condition(("attribute_exists(", AttributePath.of(name), ")"))


def unchanged(name: Attribute, value: Any) -> Condition:
    """The attribute has the value that was read; one that was read as empty is absent."""
    return equals(name, value) if value else absent(name)


def all_of(conditions: Iterable[Condition]) -> Condition:
    """All conditions hold, of which there is at least one."""
    return reduce(and_, conditions)


def as_read(version: int) -> Condition:
    """The item has not been written since it was read at this version."""
    return equals("version", version)


def same_attempt(nonce: str) -> Condition:
    """The row still belongs to this attempt to book or to invite; no later attempt has overwritten it."""
    return equals("nonce", nonce)


NEW = absent("pk")
"""There is no such item."""
THERE = present("pk")
"""There is such an item."""
ALWAYS = NEW | THERE
"""Whether or not there is such an item."""


def rendered(**expressions: Condition | Update) -> dict[str, Any]:
    """Return boto3's parameters for expressions of one write: `rendered(ConditionExpression=NEW)`."""
    names: dict[str, str] = {}
    values: dict[str, Any] = {}
    parameters: dict[str, Any] = {
        kind: "".join(_text(part, names, values) for part in expression.parts) for kind, expression in expressions.items()
    }
    if names:
        parameters["ExpressionAttributeNames"] = {alias: name for name, alias in names.items()}
    if values:
        parameters["ExpressionAttributeValues"] = values
    return parameters


def _text(part: Part, names: dict[str, str], values: dict[str, Any]) -> str:
    match part:
        case AttributePath(path):
            return ".".join(names.setdefault(name, f"#{len(names)}") for name in path)
        case Value(plain):
            alias = f":{len(values)}"
            values[alias] = stored(plain)
            return alias
        case _:
            return part


def _compared(name: Attribute, sign: str, value: Any) -> Condition:
    return Condition((AttributePath.of(name), f" {sign} ", Value(value)))


def _operand(value: Any) -> Part:
    return value if isinstance(value, AttributePath) else Value(value)


def _clause(word: str, parts: list[Parts]) -> Parts:
    return (f"{word} ", *_separated(parts, ", ")) if parts else ()


def _separated(groups: list[Parts], by: str) -> Parts:
    return tuple(part for index, group in enumerate(groups) for part in ((by, *group) if index else group))
