"""The audit log: actor, action, time, and the values before and after.

An entry follows from one write of a row: the actor is written into the row, and the stream brings the row before and after.
It stores only the fields that people know: no table keys, no versions, no secrets.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from chalicelib.rules.actor import Actor

Values = Mapping[str, Any]
ChangeTest = Callable[[Values, Values], bool]
RETENTION = timedelta(days=730)
LONGEST_TEXT = 500
MOST_ITEMS_OF_A_LIST = 20
HIDDEN = "…"
CREATED = "created"
DELETED = "deleted"
TECHNICAL = frozenset(
    {
        "asked_at",
        "billing_history",
        "booker",
        "by",
        "cancelled_version",
        "calendar",
        "calendar_at",
        "changed_at",
        "checkouts",
        "changed_by",
        "chunk",
        "chunks",
        "closed_checkouts",
        "closing",
        "configuration_set",
        "confirmed_at",
        "counted",
        "covers_from",
        "created_at",
        "data",
        "deleted_by",
        "delivered_at",
        "directory",
        "directory_at",
        "due",
        "due_at",
        "ended_by",
        "ending",
        "first_position",
        "followed",
        "forget_at",
        "funnel",
        "funnel_at",
        "h",
        "handed_out_at",
        "hold",
        "holder",
        "invitations",
        "invited_at",
        "issued",
        "job",
        "left",
        "link_version",
        "listed",
        "listed_at",
        "made_by",
        "mail",
        "moved_at",
        "nonce",
        "orders",
        "org",
        "parties",
        "peopled",
        "pk",
        "remind",
        "remind_at",
        "remind_since",
        "own_changes",
        "removed_by",
        "resends",
        "seed",
        "seen",
        "send_confirmation",
        "sent_at",
        "sessions_from",
        "sk",
        "sought",
        "user",
        "version",
        "vouched",
        "written_by",
    }
)
"""Technical attributes, and those that an entry names in another way."""


class AuditSubject(NamedTuple):
    """What an entry is about: a session, a customer, … by its id in URLs and responses."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One entry of the audit log. `before` and `after` have the fields that differ; a new thing has no `before`."""

    org: str
    id: str
    at: datetime
    actor: Actor
    action: str
    subject: AuditSubject
    before: Values = field(default_factory=dict)
    after: Values = field(default_factory=dict)
    people: tuple[str, ...] = ()
    """Digests of the addresses that it concerns, so that an erasure finds it."""

    @property
    def forget_at(self) -> datetime:
        return self.at + RETENTION


class Difference(NamedTuple):
    """The difference that a write made to its subject."""

    action: str
    before: Values
    after: Values


class AuditAction(NamedTuple):
    """An action of its own, and when a change of a row is it."""

    action: str
    is_it: ChangeTest


@dataclass(frozen=True, slots=True)
class AuditedKind:
    """How changes of a kind of row are recorded: the noun of its actions, those that are more than an update, and names that differ."""

    noun: str
    actions: tuple[AuditAction, ...] = ()
    created: Callable[[Values], str] = lambda _: "created"
    names: Values = field(default_factory=dict)
    only: frozenset[str] | None = None
    """The attributes that are recorded; all but the technical ones without it."""
    hidden: frozenset[str] = frozenset()
    """Attributes whose change is recorded, but not their values."""


def difference(kind: AuditedKind, old: Values | None, new: Values | None) -> Difference | None:
    """Return the action of a write; None for a change that people do not see."""
    was, became = old or {}, new or {}
    changed = [name for name in sorted(_known(kind, was) | _known(kind, became)) if was.get(name) != became.get(name)]
    if old is None or new is None:
        verb = DELETED if new is None else kind.created(new)
    else:
        verb = next((one.action for one in kind.actions if one.is_it(old, new)), "updated" if changed else "")
    if not verb:
        return None
    if verb == CREATED:
        return Difference(f"{kind.noun}.{verb}", {}, whole(kind, became))
    if verb == DELETED:
        return Difference(f"{kind.noun}.{verb}", whole(kind, was), {})
    return Difference(verb if "." in verb else f"{kind.noun}.{verb}", _side(kind, was, changed), _side(kind, became, changed))


def whole(kind: AuditedKind, row: Values) -> Values:
    """Return all recorded fields of a row."""
    return _side(kind, row, sorted(_known(kind, row)))


def _known(kind: AuditedKind, row: Values) -> frozenset[str]:
    return frozenset(row) & kind.only if kind.only is not None else frozenset(row) - TECHNICAL


def _side(kind: AuditedKind, row: Values, names: Iterable[str]) -> dict[str, Any]:
    return {kind.names.get(name, name): HIDDEN if name in kind.hidden else _short(row[name]) for name in names if name in row}


def _short(value: Any) -> Any:
    match value:
        case str() if len(value) > LONGEST_TEXT:
            return f"{value[:LONGEST_TEXT]}…"
        case bytes():
            return "…"
        case list():
            return [_short(inner) for inner in value[:MOST_ITEMS_OF_A_LIST]]
        case dict():
            return {name: _short(inner) for name, inner in value.items()}
    return value
