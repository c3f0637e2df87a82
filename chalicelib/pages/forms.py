"""HTML forms. A field's name is its JSON pointer (`participants/0/name`), so that the faults of an input find their fields."""

import json
import secrets
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from pydantic import BaseModel

from chalicelib.rules import numbers
from chalicelib.rules.refusals import ChangedMeanwhile, Conflict, Forbidden, Gone, Invalid, Refusal, TooOften, Unavailable, ValidationFailed
from chalicelib.rules.translation import N_
from chalicelib.web.refusals import HttpRefusal
from chalicelib.web.validation import read_values

D = TypeVar("D", bound=BaseModel)
NO_VERSION = N_("We cannot read what this form changes. Open the page again, and repeat your change there.")
MOST_ROW_DIGITS = 4
MOST_VERSIONS = 10**numbers.MOST_DIGITS
REFUSED = (Invalid, Forbidden, Conflict, Gone, TooOften, Unavailable, HttpRefusal)
"""Refusals after which a form is shown again as it was submitted. Missing is not one: its page is the 404 page."""


@dataclass(frozen=True)
class Form:
    """A form: its values, the faults of single fields, and the refusal of the whole."""

    values: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    refusal: Refusal | None = None
    key: str = ""
    saved: Mapping[str, str] | None = None
    """After an edit conflict, the saved value of each field that was submitted with another one; else None."""
    labels: dict[str, str] = field(default_factory=dict)
    """The label of each field, recorded while the template is rendered, for the summary of faults."""

    def label(self, name: str, label: str) -> str:
        self.labels[name] = label
        return label

    def at(self, name: str) -> str:
        """Return the value of a field."""
        return self.values.get(name, "")

    def fault(self, name: str) -> str:
        return self.faults.get(name, "")

    def listed(self) -> list[tuple[str, str]]:
        """Return the faults in the order of the fields on the page. Faults of unknown fields come first."""
        order = list(self.labels)
        return sorted(self.faults.items(), key=lambda fault: order.index(fault[0]) if fault[0] in order else -1)

    @property
    def wrong(self) -> bool:
        return bool(self.faults or self.refusal)


def read(draft: type[D], values: Mapping[str, Any], faults: Mapping[str, str] | None = None) -> D:
    """Return the input made from a form's values. Raises ValidationFailed with its faults and the given `faults`, all at once."""
    earlier = [(f"/{name}", "unreadable", sentence) for name, sentence in (faults or {}).items()]
    try:
        found = read_values(draft, nested(values))
    except ValidationFailed as invalid:
        named = {pointer for pointer, _, _ in earlier}
        raise ValidationFailed(earlier + [fault for fault in invalid.faults if fault[0] not in named]) from None
    if earlier:
        raise ValidationFailed(earlier)
    return found


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return flat fields as the nested structure of their names; numbered parts become lists. Empty fields are left out."""
    root = _Group()
    for name, value in values.items():
        if value == "":
            continue
        *outer, last = name.split("/")
        inside = root
        for part in outer:
            inside = inside.setdefault(part, _Group())
        inside[last] = value
    return {name: _listed(value) for name, value in root.items()}


class _Group(dict[str, Any]):
    """A level of nesting made from field names. A dictionary that is a value stays a dictionary, even with numbers for keys."""


def _listed(value: Any) -> Any:
    if not isinstance(value, _Group):
        return value
    inner = {name: _listed(part) for name, part in value.items()}
    numbers = [_row_number(name) for name in inner]
    if inner and None not in numbers:
        return [inner[name] for name in sorted(inner, key=int)]
    return inner


def version(typed: Mapping[str, str]) -> int | None:
    """Return the version with which the form was filled; None without one. Raises ValidationFailed when it is not a number."""
    text = typed.get("version", "").strip()
    found = numbers.whole_number(text)
    if text and found is None:
        raise ValidationFailed([("/version", "not_a_number", NO_VERSION)])
    return found


def version_of(fields: Mapping[str, str]) -> dict[str, str]:
    """Return the fields with a version that follows from them, for a thing whose row has none: a number of at most nine digits."""
    content = json.dumps(sorted((name, value) for name, value in fields.items() if value))
    return {**fields, "version": str(zlib.crc32(content.encode()) % MOST_VERSIONS)}


def check_unchanged(typed: Mapping[str, str], current: Mapping[str, str]) -> None:
    """Raise ChangedMeanwhile when the form was filled with another version than the `current` fields have.

    One without a version passes, and one that undoes nothing, such as a form that is sent twice.
    """
    filled_with = version(typed)
    if filled_with is None or str(filled_with) == current["version"]:
        return
    if any(typed[name].strip() != value for name, value in current.items() if name != "version" and name in typed):
        raise ChangedMeanwhile


def whole_number(text: str) -> int | str:
    """Return the whole number in a field. Any other text is returned unchanged, so that the input reports it at that field."""
    text = text.strip()
    found = numbers.whole_number(text)
    return text if found is None else found


def rows(typed: Mapping[str, str], group: str, parts: Iterable[str], *, chosen: Iterable[str] = ()) -> list[dict[str, str]]:
    """Return the filled rows of a group of fields (`meetings/0/starts_at`), in order.

    A row counts as blank, and is left out, when all its `parts` are empty; the `chosen` fields, such as checkboxes, are not looked at.
    """
    parts, chosen = tuple(parts), tuple(chosen)
    return [{part: typed.get(f"{group}/{number}/{part}", "") for part in (*parts, *chosen)} for number in row_numbers(typed, group, parts)]


def row_numbers(typed: Mapping[str, str], group: str, parts: Iterable[str]) -> list[str]:
    """Return the numbers of the filled rows of a group of fields, as they are in the names of the fields, in order."""
    named, parts = (name.split("/") for name in typed if name.startswith(f"{group}/")), tuple(parts)
    found = {number for _, number, *rest in named if rest and _row_number(number) is not None}
    return [number for number in sorted(found, key=int) if any(typed.get(f"{group}/{number}/{part}", "").strip() for part in parts)]


def renumbered(group: str, found: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return rows as fields named `group/0/part`; the inverse of `rows`."""
    return {f"{group}/{number}/{part}": value for number, row in enumerate(found) for part, value in row.items()}


def blank(values: Mapping[str, str] | None = None) -> Form:
    """Return a form to fill in, with a new idempotency key."""
    return Form(values or {}, key=secrets.token_hex(16))


def refused(values: Mapping[str, str], refusal: Refusal) -> Form:
    """Return the submitted form with its faults. It keeps its idempotency key."""
    return Form(values, faults_of(refusal), refusal, key=values.get("key") or secrets.token_hex(16))


def with_conflict(form: Form, current: Mapping[str, str]) -> Form:
    """Return the form; after ChangedMeanwhile with both versions of each field, and with the current version, so that it can be saved.

    `current` has the fields as they are saved now, `version` included.
    """
    if not isinstance(form.refusal, ChangedMeanwhile):
        return form
    saved = {name: value for name, value in current.items() if name != "version" and value != form.at(name)}
    return replace(form, values={**form.values, "version": current["version"]}, saved=saved)


def faults_of(refusal: Refusal) -> dict[str, str]:
    """Return the faults of a refusal by field; none unless it is ValidationFailed. Of several faults of a field, the first."""
    if isinstance(refusal, ValidationFailed):
        return {pointer.removeprefix("/"): sentence for pointer, _, sentence in reversed(refusal.faults)}
    return {}


def _row_number(name: str) -> int | None:
    return numbers.whole_number(name, most_digits=MOST_ROW_DIGITS)
