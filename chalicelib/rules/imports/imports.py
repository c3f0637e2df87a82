"""An import: one file, what is wrong with it, what it would change, and how far that has come."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple

from chalicelib.rules.imports.decoding import Encoding
from chalicelib.rules.imports.issues import Issue

ImportKind = Literal["participants", "customers"]
ImportStatus = Literal["valid", "invalid", "completing", "done"]
Doing = Literal["create", "update", "unchanged"]
MOST_ISSUES = 10_000
"""So many are kept and shown; the others are counted."""
STEP = 100
"""How many rows one step of completing works on."""


class Change(NamedTuple):
    """What a row does: to `thing`, as it was seen at `version` (0: not there yet). `values` are those that it gets."""

    row: int
    doing: Doing
    thing: str
    version: int
    name: str
    """What people call the thing."""
    values: dict[str, Any]


class Comparison(NamedTuple):
    """A file held against what is stored. While there are issues, the changes are those of the other rows."""

    changes: Sequence[Change]
    issues: Sequence[Issue]

    def digest(self) -> str:
        """Return what differs when the file or anything that it was compared with does."""
        return hashlib.sha256(json.dumps(self.changes).encode()).hexdigest()


class Checked(NamedTuple):
    """What is kept of a comparison beside its file: the issues as far as they are shown, and what there is to do."""

    issues: Sequence[Issue]
    todo: Sequence[Change]


@dataclass(frozen=True, slots=True)
class Import:
    """`file` is the SHA-256 of the uploaded bytes, `data` the digest of what they were compared with."""

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
    changes: Mapping[Doing, int] = field(default_factory=dict)
    contract: str = ""
    width: int = 0
    """How long the codes are that it makes, without their prefix."""
    job: str = ""

    @property
    def todo(self) -> int:
        return self.changes["create"] + self.changes["update"]


def counted(changes: Sequence[Change]) -> dict[Doing, int]:
    """Return how many rows do what."""
    found = Counter(change.doing for change in changes)
    return {"create": found["create"], "update": found["update"], "unchanged": found["unchanged"]}


def kept_of(comparison: Comparison) -> Checked:
    issues = sorted(comparison.issues, key=lambda found: found.row)
    return Checked(issues[:MOST_ISSUES], [change for change in comparison.changes if change.doing != "unchanged"])
