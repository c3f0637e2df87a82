"""Which declared address a path belongs to: what is written wins over `{names}`, as API Gateway has it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Match:
    """A declared resource and what its `{names}` stand for, still percent-encoded."""

    resource: str
    names: Mapping[str, str]


@dataclass(slots=True)
class _Segment:
    """What may follow one part of a path."""

    literal: "dict[str, _Segment]" = field(default_factory=dict)
    named: "_Segment | None" = None
    resource: str | None = None


class Routes:
    """Every declared resource; written segments win over `{names}`, from left to right."""

    def __init__(self, resources: Iterable[str]) -> None:
        self._root = _Segment()
        for resource in resources:
            self._add(resource)

    def find(self, path: str) -> Match | None:
        """Return the resource that the path belongs to, with or without a slash at its end."""
        parts = _parts(path)
        end = _walk(self._root, parts)
        if end is None:
            return None
        names = {name[1:-1]: part for name, part in zip(_parts(end), parts, strict=True) if _is_name(name)}
        return Match(end, names)

    def _add(self, resource: str) -> None:
        segment = self._root
        for part in _parts(resource):
            if _is_name(part):
                segment.named = segment = segment.named or _Segment()
            else:
                segment = segment.literal.setdefault(part, _Segment())
        segment.resource = resource


def _walk(segment: _Segment, parts: list[str]) -> str | None:
    if not parts:
        return segment.resource
    for following in (segment.literal.get(parts[0]), segment.named if parts[0] else None):
        if following and (end := _walk(following, parts[1:])):
            return end
    return None


def _parts(path: str) -> list[str]:
    trimmed = path.removeprefix("/").removesuffix("/")
    return trimmed.split("/") if trimmed else []


def _is_name(part: str) -> bool:
    return part.startswith("{") and part.endswith("}")
