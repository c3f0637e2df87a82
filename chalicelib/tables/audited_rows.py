"""The kinds of rows that the audit log covers, and the entry that a change of such a row becomes."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from itertools import chain
from typing import Any, NamedTuple

from chalicelib.config import config
from chalicelib.rules import audit, audited_kinds
from chalicelib.rules.actor import CUSTOMER, ERASURE, Actor, actor_from
from chalicelib.rules.addresses import compared
from chalicelib.rules.audit import AuditedKind, AuditEntry, AuditSubject
from chalicelib.rules.ledger import Hold
from chalicelib.rules.refs import public_id
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.actor import DELETED_BY, WRITTEN_BY
from chalicelib.tables.items import Item, plain

IdOfKey = Callable[[str, str], str]
"""Returns the id of a thing in URLs from the two parts of its key, each without the organisation and without its kind."""


class AuditedRow(NamedTuple):
    """A kind of row that the audit log covers, by the beginning of its sort key."""

    prefix: str
    kind: AuditedKind
    named: IdOfKey = lambda _, sort_key: sort_key


AUDITED = (
    AuditedRow(keys.SESSION, audited_kinds.SESSION, lambda partition, _: partition),
    AuditedRow(keys.REGISTRATION, audited_kinds.REGISTRATION, public_id),
    AuditedRow(keys.INVITATION, audited_kinds.INVITATION, public_id),
    AuditedRow(keys.WAITLIST_ENTRY, audited_kinds.WAITLIST, public_id),
    AuditedRow("ORGANISATION", audited_kinds.ORGANISATION),
    AuditedRow("KEYS", audited_kinds.PAYMENT_KEYS),
    AuditedRow(keys.STAFF_MEMBER, audited_kinds.STAFF),
    AuditedRow(keys.API_KEY, audited_kinds.API_KEY),
    AuditedRow(keys.WEBHOOK, audited_kinds.WEBHOOK),
    AuditedRow(keys.CUSTOMER, audited_kinds.CUSTOMER_ROW),
    AuditedRow(keys.GROUP, audited_kinds.GROUP),
    AuditedRow(keys.CONTRACT, audited_kinds.CONTRACT),
    AuditedRow(keys.PRICE, audited_kinds.PRICE),
    AuditedRow(keys.PARTICIPANT, audited_kinds.PARTICIPANT),
    AuditedRow(keys.BATCH, audited_kinds.BATCH),
    AuditedRow(keys.TEMPLATE, audited_kinds.TEMPLATE, lambda _, sort_key: sort_key.replace("#", "/")),
    AuditedRow(keys.DISCOUNT, audited_kinds.DISCOUNT),
    AuditedRow(keys.INVOICE, audited_kinds.INVOICE),
    AuditedRow(keys.JOB, audited_kinds.JOB),
    AuditedRow(keys.ADDRESS, audited_kinds.ADDRESS, lambda *_: ""),
)
OF_THE_ORGANISATION = (audited_kinds.ORGANISATION, audited_kinds.PAYMENT_KEYS)
UNRECORDED = (None, ERASURE.written())
"""The marks of rows that name nobody, as older versions wrote them, and of those that an erasure rewrites. Removed data stays out."""


def entry_of(old: Item | None, new: Item | None, *, id: str, at: datetime) -> AuditEntry | None:
    """Return the entry of a change of a row; None for kinds of rows and changes that it does not record."""
    was, became = old and plain(old), new and plain(new)
    row = became or was
    found = audited(row.get("sk", "")) if row else None
    if row is None or found is None or _written_by(was, became) in UNRECORDED:
        return None
    change = audit.difference(found.kind, was, became)
    actor = _actor(change.action, was, became) if change else None
    if change is None or actor is None:
        return None
    return AuditEntry(
        org=org_of(row),
        id=f"{id}-{short_digest(row)}",
        at=at,
        actor=actor,
        action=change.action,
        subject=subject_of(found, row),
        before=change.before,
        after=change.after,
        people=people(was, became),
    )


def held(org: str, session: str, invitation: str, hold: Hold, *, id: str, at: datetime) -> AuditEntry | None:
    """Return the entry of an invitation whose spots this attempt holds from now on; None without one, as for holds of the public."""
    row = plain(dynamodb.get(config().rosters_table, keys.invitation(org, session, invitation)) or {})
    if row.get("nonce") != hold.nonce:
        return None
    found = audited(row["sk"])
    assert found
    action = "invitation.revived" if row.get("revived_at") else "invitation.created"
    actor, after = actor_from(row.get(WRITTEN_BY)), audit.whole(found.kind, row)
    return AuditEntry(org_of(row), id, at, actor, action, subject_of(found, row), {}, after, people(row)) if actor else None


def audited(sort_key: str) -> AuditedRow | None:
    """Return what the audit log covers of rows with this sort key, None for those that it does not cover."""
    return next((row for row in AUDITED if sort_key.startswith(row.prefix)), None)


def org_of(row: Mapping[str, Any]) -> str:
    return str(row["pk"].partition("#")[0])


def people(*rows: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Return the digests of the addresses in rows, wherever they are."""
    named = {digest(org_of(row), email) for row in rows if row for email in _addresses(_personal(row))}
    return tuple(sorted(named))


def _personal(row: Mapping[str, Any]) -> list[Any]:
    """Return the values that tell of people: not of the staff who wrote the row."""
    key = row.get("sk", "").partition(keys.ADDRESS)[2]
    return [key, *(value for name, value in row.items() if name not in audit.TECHNICAL)]


def _addresses(value: Any) -> Iterator[str]:
    match value:
        case str() if "@" in value and " " not in value:
            yield value
        case list() | tuple() | set():
            yield from chain.from_iterable(map(_addresses, value))
        case Mapping():
            yield from chain.from_iterable(map(_addresses, value.values()))


def digest(org: str, email: str) -> str:
    """Return the digest under which an entry remembers an address, so that an erasure finds it."""
    return sha256(f"{org}#{compared(email)}".encode()).hexdigest()[:32]


def _actor(action: str, was: Mapping[str, Any] | None, became: Mapping[str, Any] | None) -> Actor | None:
    """Return who did it; None for a row that an older version wrote, which names nobody.

    The clock completes what a customer or staff began: then the actor is who wrote the row before.
    """
    if action == "invitation.accepted":
        return CUSTOMER
    if action == "registration.created" and was:
        return actor_from(was.get(WRITTEN_BY))
    return actor_from(_written_by(was, became))


def _written_by(was: Mapping[str, Any] | None, became: Mapping[str, Any] | None) -> str | None:
    """Return the stored actor who wrote or deleted a row."""
    return became.get(WRITTEN_BY) if became is not None else (was or {}).get(DELETED_BY)


def short_digest(row: Mapping[str, Any]) -> str:
    """Return the name of a row's stream: records of several streams may have the same number."""
    return sha256(f"{row['pk']} {row['sk']}".encode()).hexdigest()[:8]


def subject_of(found: AuditedRow, row: Mapping[str, Any]) -> AuditSubject:
    partition, sort_key = row["pk"].partition("#")[2], row.get("sk", "").removeprefix(found.prefix)
    return AuditSubject(found.kind.noun, found.named(partition, sort_key) or (org_of(row) if found.kind in OF_THE_ORGANISATION else ""))
