"""Matches a request with a declared resource, by API Gateway's rules.

From left to right, a literal segment is preferred to a `{name}`, and a `{name}` to a `{proxy+}`. A resource that does not serve the
method is skipped.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Match(NamedTuple):
    """A declared resource and the values of its `{names}`, still percent-encoded."""

    resource: str
    names: Mapping[str, str]


class _Resource(NamedTuple):
    """A declared resource: its path, its methods, and for each name the parts of a request's path that are its value."""

    path: str
    methods: Collection[str]
    names: Mapping[str, slice]

    def serves(self, method: str | None) -> bool:
        return method is None or method in self.methods


@dataclass(slots=True)
class _Node:
    """A node of the path tree: its children, and the resource that ends here."""

    literal: "dict[str, _Node]" = field(default_factory=dict)
    named: "_Node | None" = None
    greedy: _Resource | None = None
    resource: _Resource | None = None

    def find(self, parts: list[str], index: int, method: str | None) -> _Resource | None:
        """Return the most specific resource below this node that matches the parts from an index on and serves the method."""
        if index == len(parts):
            return self.resource if self.resource and self.resource.serves(method) else None
        part = parts[index]
        if (literal := self.literal.get(part)) and (found := literal.find(parts, index + 1, method)):
            return found
        if part and self.named and (found := self.named.find(parts, index + 1, method)):
            return found
        return self.greedy if self.greedy and self.greedy.serves(method) else None


class Resources:
    """All declared resources, each with the methods that it serves."""

    def __init__(self, methods: Mapping[str, Collection[str]]) -> None:
        self._root = _Node()
        for path in methods:
            self._add(path, methods[path])

    def find(self, path: str, method: str | None = None) -> Match | None:
        """Return the resource that serves a path, with or without a trailing slash. Without a method, any method will do."""
        parts = _parts(path)
        found = self._root.find(parts, 0, method)
        return Match(found.path, {name: "/".join(parts[where]) for name, where in found.names.items()}) if found else None

    def _add(self, path: str, methods: Collection[str]) -> None:
        node, names = self._root, dict[str, slice]()
        for index, part in enumerate(_parts(path)):
            if part.endswith("+}"):
                node.greedy = _Resource(path, methods, {**names, part[1:-2]: slice(index, None)})
                return
            if part.startswith("{"):
                names[part[1:-1]] = slice(index, index + 1)
                node.named = node = node.named or _Node()
            else:
                node = node.literal.setdefault(part, _Node())
        node.resource = _Resource(path, methods, names)


def _parts(path: str) -> list[str]:
    trimmed = path.removeprefix("/").removesuffix("/")
    return trimmed.split("/") if trimmed else []
