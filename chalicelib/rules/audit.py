"""The audit log: who did what, when, and what it was before.

An entry follows from one write of a row: the actor is written into the row, and the stream brings the row before and after.
It keeps only what people recognise: no table keys, no versions, no secrets.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from chalicelib.rules.actor import Actor

Values = Mapping[str, Any]
Both = Callable[[Values, Values], bool]
KEPT = timedelta(days=730)
LONGEST_TEXT = 500
MOST_ENTRIES_OF_A_LIST = 20
HIDDEN = "…"
CREATED = "created"
DELETED = "deleted"
TECHNICAL = frozenset(
    {
        "asked_at",
        "billing_history",
        "booker",
        "by",
        "calendar",
        "calendar_at",
        "changed_at",
        "checkouts",
        "changed_by",
        "chunk",
        "chunks",
        "closed_checkouts",
        "closing",
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
"""Attributes that people do not know, or that the entry says in another way."""


class AuditedThing(NamedTuple):
    """What an entry is about: a session, a customer, … by its id in URLs and answers."""

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
    thing: AuditedThing
    before: Values = field(default_factory=dict)
    after: Values = field(default_factory=dict)
    people: tuple[str, ...] = ()
    """Digests of the addresses that it concerns, so that an erasure finds it."""

    @property
    def forget_at(self) -> datetime:
        return self.at + KEPT


class Difference(NamedTuple):
    """What a write did to a thing."""

    action: str
    before: Values
    after: Values


class AuditAction(NamedTuple):
    """An action of its own, and when a change of a row is it."""

    action: str
    is_it: Both


@dataclass(frozen=True, slots=True)
class AuditedKind:
    """How changes of a kind of row are recorded: the noun of its actions, those that are more than an update, and names that differ."""

    noun: str
    steps: tuple[AuditAction, ...] = ()
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
        verb = next((step.action for step in kind.steps if step.is_it(old, new)), "updated" if changed else "")
    if not verb:
        return None
    if verb == CREATED:
        return Difference(f"{kind.noun}.{verb}", {}, whole(kind, became))
    if verb == DELETED:
        return Difference(f"{kind.noun}.{verb}", whole(kind, was), {})
    return Difference(verb if "." in verb else f"{kind.noun}.{verb}", _side(kind, was, changed), _side(kind, became, changed))


def whole(kind: AuditedKind, row: Values) -> Values:
    """Return everything of a row that is recorded."""
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
            return [_short(inner) for inner in value[:MOST_ENTRIES_OF_A_LIST]]
        case dict():
            return {name: _short(inner) for name, inner in value.items()}
    return value


def begins(name: str) -> Both:
    """The attribute is set by this change."""
    return lambda old, new: bool(new.get(name)) and not old.get(name)


def ends(name: str) -> Both:
    """The attribute is removed by this change."""
    return lambda old, new: bool(old.get(name)) and not new.get(name)


def becomes(name: str, *values: Any) -> Both:
    """The attribute changes to one of these values."""
    return lambda old, new: old.get(name) != new.get(name) and new.get(name) in values


def changes(name: str) -> Both:
    return lambda old, new: old.get(name) != new.get(name)


def grows(name: str) -> Both:
    """The list or number grows by this change."""
    return lambda old, new: _size(new.get(name)) > _size(old.get(name))


def _meetings(session: Values, *, cancelled: bool = False) -> set[str]:
    """Return the ids of the dates in a session's row that take place, or of those that were cancelled alone."""
    return {meeting["id"] for meeting in session.get("meetings", ()) if bool(meeting.get("cancelled_at")) is cancelled}


def _outcome(session: Values) -> str:
    """Return what was decided about the minimum in a session's row."""
    return str((session.get("minimum") or {}).get("outcome", "undecided"))


def _made(registration: Values) -> int:
    """Return how many refunds in a registration's row were made."""
    return sum(refund.get("state", "made") == "made" for refund in registration.get("refunds", ()))


def _size(value: Any) -> int:
    return value if isinstance(value, int) else len(value or ())


REGISTRATION = AuditedKind(
    "registration",
    (
        AuditAction("moved", begins("moved_to")),
        AuditAction("removed", begins("removed_at")),
        AuditAction("created", begins("confirmed_at")),
        AuditAction("confirmation_resent", lambda old, new: grows("confirmations")(old, new) and not changes("email")(old, new)),
        AuditAction("payment.received", grows("payments")),
        AuditAction("payment.refunded", lambda old, new: _made(new) > _made(old)),
        AuditAction("billed", changes("billing")),
    ),
    created=lambda _: "",  # The spots may yet be refused: the row is created before the ledger decides.
)
INVITATION = AuditedKind(
    "invitation",
    (
        AuditAction("accepted", begins("registration")),
        AuditAction("accepted", becomes("ended", "accepted")),
        AuditAction("declined", becomes("ended", "declined")),
        AuditAction("expired", becomes("ended", "expired")),
        AuditAction("cancelled", begins("ended")),
        AuditAction("resent", grows("sends")),
        AuditAction("claimed", begins("claimant")),
        AuditAction("claim_rejected", ends("claimant")),
    ),
    created=lambda _: "",  # As with registrations; `held` records it.
)
WAITLIST = AuditedKind(
    "waitlist",
    (
        AuditAction("offered", becomes("status", "offered")),
        AuditAction("returned", becomes("status", "waiting")),
        AuditAction("offered_elsewhere", becomes("status", "offered_elsewhere")),
        AuditAction("left", changes("status")),
        AuditAction("confirmed", ends("unconfirmed")),
        AuditAction("moved", changes("place")),
    ),
    created=lambda _: "joined",
)
SESSION = AuditedKind(
    "session",
    (
        AuditAction("cancelled", begins("cancelled_at")),
        AuditAction("decided", lambda old, new: _outcome(new) not in (_outcome(old), "undecided")),
        AuditAction("meeting_cancelled", lambda old, new: bool(_meetings(new, cancelled=True) & _meetings(old))),
        AuditAction("meeting_restored", lambda old, new: bool(_meetings(old, cancelled=True) & _meetings(new))),
    ),
    names={"opens_at": "registration_opens_at", "closes_at": "registration_closes_at"},
)
CUSTOMER_ROW = AuditedKind(
    "customer",
    (
        AuditAction("merged", begins("merged_into")),
        AuditAction("accepted", becomes("status", "accepted")),
        AuditAction("invited", grows("invitations")),
        AuditAction("sign_ins_ended", changes("sessions_from")),
    ),
)
STAFF = AuditedKind(
    "staff",
    (
        AuditAction("role_changed", changes("role")),
        AuditAction("sign_ins_ended", changes("sessions_from")),
        AuditAction("calendar_renewed", changes("feed_version")),
    ),
    created=lambda row: "invited" if row.get("status") == "invited" else "joined",
)
ORGANISATION = AuditedKind(
    "organisation",
    (
        AuditAction("deletion_asked", begins("deletes_at")),
        AuditAction("suspended", begins("suspended_at")),
        AuditAction("resumed", ends("suspended_at")),
    ),
)
API_KEY = AuditedKind("api_key", only=frozenset({"name", "role", "prefix", "expires_at"}))
WEBHOOK = AuditedKind(
    "webhook",
    (AuditAction("switched_off", begins("off_reason")), AuditAction("secret_changed", changes("secret"))),
    only=frozenset({"url", "events", "active", "off_reason", "secret"}),
    hidden=frozenset({"secret"}),
)
PAYMENT_KEYS = AuditedKind("payment_keys", hidden=frozenset({"secret_key", "webhook_secret"}))
GROUP = AuditedKind("group", (AuditAction("deleted", begins("ending")),))
CONTRACT = AuditedKind("contract", (AuditAction("deleted", begins("closing")),))
PRICE = AuditedKind("price")
PARTICIPANT = AuditedKind("participant")
BATCH = AuditedKind("codes", created=lambda _: "issued")
TEMPLATE = AuditedKind("template", (AuditAction("reset", ends("body")),))
DISCOUNT = AuditedKind(
    "discount", only=frozenset({"kind", "value", "starts_at", "ends_at", "max_uses", "max_uses_per_customer", "sessions", "tags", "active"})
)
INVOICE = AuditedKind("invoice", created=lambda row: "corrected" if row.get("credits") else "issued")
JOB = AuditedKind("job", created=lambda _: "started", only=frozenset({"kind", "total"}))
ADDRESS = AuditedKind(
    "address",
    (
        AuditAction("unsubscribed", becomes("unsubscribed", True)),
        AuditAction("resubscribed", becomes("unsubscribed", False)),
        AuditAction("complained", begins("complained")),
        AuditAction("suppressed", becomes("suppressed", True)),
        AuditAction("reachable", ends("suppressed")),
    ),
    created=lambda row: next(
        (verb for verb in ("unsubscribed", "complained", "suppressed") if row.get(verb)),
        "updated" if row.keys() & {"no_date_reminders", "language"} else "",
    ),
    only=frozenset(
        {"unsubscribed", "no_date_reminders", "language", "suppressed", "suppressed_for", "bounced_at", "bounce_reason", "complained"}
    ),
)
