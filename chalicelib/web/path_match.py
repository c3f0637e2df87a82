"""Matches a request with a declared resource, by API Gateway's rules.

From left to right, a literal segment is preferred to a `{name}`, and a `{name}` to a `{proxy+}`. A resource that does not serve the
method is skipped.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Match:
    """A declared resource and the values of its `{names}`, still percent-encoded."""

    resource: str
    names: Mapping[str, str]


@dataclass(slots=True)
class _Node:
    """A node of the path tree: its children, and the resource that ends here."""

    literal: "dict[str, _Node]" = field(default_factory=dict)
    named: "_Node | None" = None
    greedy: str | None = None
    resource: str | None = None


class Resources:
    """All declared resources, each with the methods that it serves."""

    def __init__(self, methods: Mapping[str, Collection[str]]) -> None:
        self._methods = methods
        self._root = _Node()
        for resource in methods:
            self._add(resource)

    def find(self, path: str, method: str | None = None) -> Match | None:
        """Return the resource that serves a path, with or without a trailing slash. Without a method, any method will do."""
        parts = _parts(path)
        for resource in _candidates(self._root, parts):
            if method is None or method in self._methods[resource]:
                return Match(resource, _names(resource, parts))
        return None

    def _add(self, resource: str) -> None:
        node = self._root
        for part in _parts(resource):
            if _is_greedy(part):
                node.greedy = resource
                return
            if _is_name(part):
                node.named = node = node.named or _Node()
            else:
                node = node.literal.setdefault(part, _Node())
        node.resource = resource


def _candidates(node: _Node, parts: list[str]) -> Iterator[str]:
    """Yield the matching resources, the most specific first."""
    if not parts:
        if node.resource:
            yield node.resource
        return
    for following in (node.literal.get(parts[0]), node.named if parts[0] else None):
        if following:
            yield from _candidates(following, parts[1:])
    if node.greedy:
        yield node.greedy


def _names(resource: str, parts: list[str]) -> dict[str, str]:
    names: dict[str, str] = {}
    for index, part in enumerate(_parts(resource)):
        if _is_greedy(part):
            names[part[1:-2]] = "/".join(parts[index:])
        elif _is_name(part):
            names[part[1:-1]] = parts[index]
    return names


def _parts(path: str) -> list[str]:
    trimmed = path.removeprefix("/").removesuffix("/")
    return trimmed.split("/") if trimmed else []


def _is_name(part: str) -> bool:
    return part.startswith("{") and part.endswith("}")


def _is_greedy(part: str) -> bool:
    return part.endswith("+}")
