"""Forms as browsers send them: a field is called by its JSON pointer (`participants/0/name`), so a draft's faults find their fields."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel

from chalicelib.rules.refusals import DoesNotFit, Refusal
from chalicelib.web.refusals import Invalid
from chalicelib.web.validation import read_values

D = TypeVar("D", bound=BaseModel)


@dataclass(frozen=True)
class Form:
    """What was typed, and what is wrong with it: by field, and as a whole."""

    values: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    refusal: Refusal | None = None
    key: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    """What each field is called: noted while the template writes the fields, for the summary above them."""

    def label(self, name: str, label: str) -> str:
        self.labels[name] = label
        return label

    def at(self, name: str) -> str:
        """Return what stands in a field."""
        return self.values.get(name, "")

    def fault(self, name: str) -> str:
        return self.faults.get(name, "")

    def listed(self) -> list[tuple[str, str]]:
        """Return what is wrong, field by field as they stand on the page."""
        order = list(self.labels)
        return sorted(self.faults.items(), key=lambda fault: order.index(fault[0]) if fault[0] in order else -1)

    @property
    def wrong(self) -> bool:
        return bool(self.faults or self.refusal)


def read(draft: type[D], values: Mapping[str, Any], faults: Mapping[str, str] | None = None) -> D:
    """Return the draft that the values make. Raises Invalid with its faults and those found before, all at once."""
    earlier = [(f"/{name}", "unreadable", sentence) for name, sentence in (faults or {}).items()]
    try:
        found = read_values(draft, nested(values))
    except Invalid as invalid:
        named = {pointer for pointer, _, _ in earlier}
        raise Invalid(earlier + [fault for fault in invalid.faults if fault[0] not in named]) from None
    if earlier:
        raise Invalid(earlier)
    return found


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields as the structure that their names describe; numbered parts are lists. Empty fields are left out."""
    root: dict[str, Any] = {}
    for name, value in values.items():
        if value == "":
            continue
        *outer, last = name.split("/")
        inside = root
        for part in outer:
            inside = inside.setdefault(part, {})
        inside[last] = value
    return {name: _listed(value) for name, value in root.items()}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _listed(part) for name, part in value.items()}
    if inner and all(name.isdigit() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner


def rows(typed: Mapping[str, str], group: str, parts: Iterable[str], *, chosen: Iterable[str] = ()) -> list[dict[str, str]]:
    """Return the filled rows of a group of fields (`meetings/0/starts_at`), in order.

    A row is blank, and left out, when nothing is typed into its `parts`; what is only `chosen` does not count.
    """
    parts, chosen = tuple(parts), tuple(chosen)
    numbers = sorted({int(name.split("/")[1]) for name in typed if _is_row(name, group)})
    found = [{part: typed.get(f"{group}/{number}/{part}", "") for part in (*parts, *chosen)} for number in numbers]
    return [row for row in found if any(row[part].strip() for part in parts)]


def renumbered(group: str, found: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return rows as fields again."""
    return {f"{group}/{number}/{part}": value for number, row in enumerate(found) for part, value in row.items()}


def blank(values: Mapping[str, str] | None = None) -> Form:
    """Return a form that nobody has sent yet."""
    return Form(values or {}, key=secrets.token_hex(16))


def refused(values: Mapping[str, str], refusal: Refusal) -> Form:
    """Return the form as it was sent, with what is wrong with it."""
    return Form(values, faults_of(refusal), refusal, key=values.get("key") or secrets.token_hex(16))


def faults_of(refusal: Refusal) -> dict[str, str]:
    """Return what is wrong by field, of a refusal that says so."""
    if isinstance(refusal, DoesNotFit):
        return {pointer.removeprefix("/"): sentence for pointer, _, sentence in reversed(refusal.faults)}
    return {}


def _is_row(name: str, group: str) -> bool:
    parts = name.split("/")
    return len(parts) > 2 and parts[0] == group and parts[1].isdigit() and len(parts[1]) < 5
