"""An import: one file, its issues, the changes it would make, and its progress."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple

from chalicelib.rules.imports.charset import Encoding
from chalicelib.rules.imports.issues import Issue

ImportKind = Literal["participants", "customers"]
ImportStatus = Literal["valid", "invalid", "completing", "done"]
RowAction = Literal["create", "update", "unchanged"]
MOST_ISSUES = 10_000
"""How many issues are stored and shown; further ones are only counted."""
STEP = 100
"""How many rows one step of completing works on."""


class RowChange(NamedTuple):
    """The change that a row makes to a customer or participant, compared at `version` (0: new). `values` are its new values."""

    row: int
    action: RowAction
    id: str
    version: int
    name: str
    """The name for people."""
    values: dict[str, Any]


class Comparison(NamedTuple):
    """A file compared with the stored data. `changes` leaves out rows with issues."""

    changes: Sequence[RowChange]
    issues: Sequence[Issue]

    def digest(self) -> str:
        """Return a digest that changes when the file or the compared data change."""
        return hashlib.sha256(json.dumps(self.changes).encode()).hexdigest()


class Checked(NamedTuple):
    """The stored part of a comparison: the issues that are shown, and the changes still to make."""

    issues: Sequence[Issue]
    todo: Sequence[RowChange]


@dataclass(frozen=True, slots=True)
class Import:
    """An import of one file. `file` is the SHA-256 of the uploaded bytes, `data` the digest of the comparison."""

    org: str
    id: str
    kind: ImportKind
    status: ImportStatus
    by: str
    created_at: datetime
    file: str
    encoding: Encoding
    data: str
    issues: int
    changes: Mapping[RowAction, int] = field(default_factory=dict)
    contract: str = ""
    width: int = 0
    """How long the codes are that it makes, without their prefix."""
    job: str = ""

    @property
    def todo(self) -> int:
        return self.changes["create"] + self.changes["update"]


def counted(changes: Sequence[RowChange]) -> dict[RowAction, int]:
    """Return the number of rows for each kind of change."""
    found = Counter(change.action for change in changes)
    return {"create": found["create"], "update": found["update"], "unchanged": found["unchanged"]}


def checked_from(comparison: Comparison) -> Checked:
    issues = sorted(comparison.issues, key=lambda found: found.row)
    return Checked(issues[:MOST_ISSUES], [change for change in comparison.changes if change.action != "unchanged"])
