"""The audit log: one row an entry, by moment, for two years; and how a row of another kind becomes one."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import chain
from typing import Any, NamedTuple

from chalicelib.config import config
from chalicelib.rules import audit, times
from chalicelib.rules.actor import CUSTOMER, ERASURE, Actor, actor_from
from chalicelib.rules.addresses import compared
from chalicelib.rules.audit import AuditedKind, Entry, Thing
from chalicelib.rules.ledger import Hold
from chalicelib.rules.refs import public_id
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.actor import DELETED_BY, WRITTEN_BY, current
from chalicelib.tables.conditions import ALWAYS, NEW, THERE, Update, absent, below
from chalicelib.tables.items import Item, item, plain, stored

LATEST_RECORD = timedelta(days=15)
"""How long after a change its record may still be handled: the failure queue keeps its place for 14 days."""
MOST_CHECKED = 90
FILTERED_AT_MOST = 20
"""How many pages of the table one page of a filtered list reads, at most: a rare actor then takes several pages of the list."""
Named = Callable[[str, str], str]
"""Returns the id of a thing in URLs from the two parts of its key, each without the organisation and without its kind."""


class Filters(NamedTuple):
    """What a list of entries is limited to. `actor` is an address of staff, the name of a key, or a kind of actor."""

    actor: str = ""
    thing: str = ""
    since: datetime | None = None
    until: datetime | None = None


class AuditedRow(NamedTuple):
    """A kind of row that the audit log covers, by the beginning of its sort key."""

    prefix: str
    kind: AuditedKind
    named: Named = lambda _, sort_key: sort_key


AUDITED = (
    AuditedRow(keys.SESSION, audit.SESSION, lambda partition, _: partition),
    AuditedRow(keys.REGISTRATION, audit.REGISTRATION, public_id),
    AuditedRow(keys.INVITATION, audit.INVITATION, public_id),
    AuditedRow(keys.WAITLIST_ENTRY, audit.WAITLIST, public_id),
    AuditedRow("ORGANISATION", audit.ORGANISATION),
    AuditedRow("KEYS", audit.PAYMENT_KEYS),
    AuditedRow(keys.STAFF_MEMBER, audit.STAFF),
    AuditedRow(keys.API_KEY, audit.API_KEY),
    AuditedRow(keys.WEBHOOK, audit.WEBHOOK),
    AuditedRow(keys.CUSTOMER, audit.CUSTOMER_ROW),
    AuditedRow(keys.GROUP, audit.GROUP),
    AuditedRow(keys.CONTRACT, audit.CONTRACT),
    AuditedRow(keys.PRICE, audit.PRICE),
    AuditedRow(keys.PARTICIPANT, audit.PARTICIPANT),
    AuditedRow(keys.BATCH, audit.BATCH),
    AuditedRow(keys.TEMPLATE, audit.TEMPLATE, lambda _, sort_key: sort_key.replace("#", "/")),
    AuditedRow(keys.DISCOUNT, audit.DISCOUNT),
    AuditedRow(keys.INVOICE, audit.INVOICE),
    AuditedRow(keys.JOB, audit.JOB),
    AuditedRow(keys.ADDRESS, audit.ADDRESS, lambda *_: ""),
)
OF_THE_ORGANISATION = (audit.ORGANISATION, audit.PAYMENT_KEYS)
UNRECORDED = (None, ERASURE.written())
"""The marks of rows that name nobody, as older versions wrote them, and of those that an erasure rewrites: what it removes stays out."""


def entry_of(old: Item | None, new: Item | None, *, id: str, at: datetime) -> Entry | None:
    """Return the entry of a change of a row; None for kinds of rows and changes that it does not record."""
    was, became = old and plain(old), new and plain(new)
    row = became or was
    found = audited(row.get("sk", "")) if row else None
    if row is None or found is None or _mark(was, became) in UNRECORDED:
        return None
    change = audit.difference(found.kind, was, became)
    actor = _actor(change.action, was, became) if change else None
    if change is None or actor is None:
        return None
    return Entry(
        org=org_of(row),
        id=f"{id}-{_short_digest(row)}",
        at=at,
        actor=actor,
        action=change.action,
        thing=_thing(found, row),
        before=change.before,
        after=change.after,
        people=people(was, became),
    )


def held(org: str, session: str, invitation: str, hold: Hold, *, id: str, at: datetime) -> Entry | None:
    """Return the entry of an invitation whose spots this attempt holds from now on; None without one, as for holds of the public."""
    row = plain(dynamodb.get(config().rosters_table, keys.invitation(org, session, invitation)) or {})
    if row.get("nonce") != hold.nonce:
        return None
    found = audited(row["sk"])
    assert found
    action = "invitation.revived" if row.get("revived_at") else "invitation.created"
    actor, after = actor_from(row.get(WRITTEN_BY)), audit.whole(found.kind, row)
    return Entry(org_of(row), id, at, actor, action, _thing(found, row), {}, after, people(row)) if actor else None


def audited(sort_key: str) -> AuditedRow | None:
    """Return what the audit log covers of rows with this sort key, None for those that it does not cover."""
    return next((row for row in AUDITED if sort_key.startswith(row.prefix)), None)


def org_of(row: Mapping[str, Any]) -> str:
    return str(row["pk"].partition("#")[0])


def people(*rows: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Return the digests of the addresses in rows, wherever they are."""
    named = {digest(org_of(row), email) for row in rows if row for email in _addresses(_own(row))}
    return tuple(sorted(named))


def _own(row: Mapping[str, Any]) -> list[Any]:
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


def add(entry: Entry) -> None:
    """Write the entry; one that exists is of the same change and stays. Of people erased since the change it says nothing."""
    table, put = config().records_table, dynamodb.put_write(config().records_table, _item(entry), NEW)
    unerased = absent("erased_at") | below("erased_at", times.written(entry.at))
    checks = [dynamodb.check(table, keys.audit_erased(entry.org, person), unerased) for person in entry.people[:MOST_CHECKED]]
    try:
        dynamodb.transact([put, *checks])
    except dynamodb.TransactionFailed as failed:
        if not failed.reasons[0]:
            add(replace(entry, before={}, after={}, people=()))


def write_of(
    org: str,
    action: str,
    thing: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    *,
    id: str,
    at: datetime,
    people: Iterable[str] = (),
) -> list[dict[str, Any]]:
    """Return the write of an entry, for the transaction of the change that it records; none without an actor.

    For rows whose stream tells too little. The same change written twice is one entry. `people`: the addresses that it concerns.
    """
    actor = current()
    if actor is None:
        return []
    digests = tuple(sorted({digest(org, email) for email in people}))
    entry = Entry(org, id, at, actor, action, Thing(action.partition(".")[0], thing), before or {}, after or {}, digests)
    return [dynamodb.put_write(config().records_table, _item(entry), ALWAYS)]


def deletion_writes(row: Item) -> list[dict[str, Any]]:
    """Return the write of the entry of a deletion, for the transaction that deletes this row; none without an actor.

    For rows whose deletion is often refused: nothing is stored then, as a signature would be.
    """
    values = plain(row)
    found = audited(values["sk"])
    assert found
    thing, id = _thing(found, values), f"deleted-{_short_digest(values)}"
    return write_of(org_of(values), f"{thing.kind}.deleted", thing.id, audit.whole(found.kind, values), id=id, at=datetime.now(UTC))


def added_entry(old: Item | None, new: Item | None) -> Entry | None:
    """Return the entry of the audit log that a change of a row has added; None for other rows and changes."""
    if old is not None or new is None or not new["pk"]["S"].endswith(keys.AUDIT):
        return None
    return _entry_from(org_of(plain(new)), new)


def page(org: str, filters: Filters, *, limit: int, start: Item | None) -> tuple[list[Entry], Item | None]:
    """Return a page of entries, latest first, and where the next one starts. A page may be short when few entries fit the filters."""
    found: list[Entry] = []
    for _ in range(FILTERED_AT_MOST):
        items, start = dynamodb.query_page(
            **_asked(org, filters), Limit=limit - len(found), **({"ExclusiveStartKey": start} if start else {})
        )
        found += [_entry_from(org, entry) for entry in items]
        if len(found) == limit or not start:
            break
    return found, start


def every(org: str, filters: Filters) -> Iterator[Entry]:
    return (_entry_from(org, entry) for entry in dynamodb.query(**_asked(org, filters)))


def forget_values(org: str, emails: list[str], *, now: datetime) -> None:
    """Remove the values before and after from the entries about these addresses. Actor, action and time stay.

    Records of earlier changes may still be on their way, in the failure queue for two weeks: marks keep their values out.
    """
    wanted = {digest(org, email) for email in emails}
    for person in wanted:
        _mark_erased(org, person, now)
    for entry in dynamodb.query(**_asked(org, Filters())):
        if wanted.isdisjoint(plain(entry).get("people", ())):
            continue
        key = keys.Key(entry["pk"]["S"], entry["sk"]["S"])
        dynamodb.update(config().records_table, key, Update().remove("before", "after", "people"), THERE, want="NONE")


def _mark_erased(org: str, person: str, now: datetime) -> None:
    """Mark the person as erased; a mark of this hour is of the same erasure and stays."""
    mark = {"erased_at": times.written(now), "forget_at": int((now + LATEST_RECORD).timestamp())}
    missing = NEW | below("erased_at", times.written(now - timedelta(hours=1)))
    with suppress(dynamodb.ConditionFailed):
        dynamodb.put(config().records_table, {**keys.audit_erased(org, person).stored(), **item(mark)}, missing)


def _asked(org: str, filters: Filters) -> dict[str, Any]:
    """Return the query of the entries that fit. Those of one thing lie in an index; an actor is filtered for."""
    since = times.written(filters.since) if filters.since else "0"
    until = f"{times.written(filters.until)}#~" if filters.until else "9"  # The whole second: a key goes on with the entry's id.
    by_thing = bool(filters.thing)
    asked: dict[str, Any] = {
        "TableName": config().records_table,
        "KeyConditionExpression": f"{'directory' if by_thing else 'pk'} = :of AND {'directory_at' if by_thing else 'sk'} BETWEEN :a AND :b",
        "ExpressionAttributeValues": {
            ":of": stored(keys.audit_of(org, filters.thing) if by_thing else keys.audit(org, "").pk),
            ":a": stored(since),
            ":b": stored(until),
        },
        "ScanIndexForward": False,
        **({"IndexName": "directory"} if by_thing else {}),
    }
    if filters.actor:
        asked["FilterExpression"] = "#actor.#kind = :actor OR #actor.#name = :actor"
        asked["ExpressionAttributeNames"] = {"#actor": "actor", "#kind": "kind", "#name": "name"}
        asked["ExpressionAttributeValues"][":actor"] = stored(filters.actor)
    return asked


def _actor(action: str, was: Mapping[str, Any] | None, became: Mapping[str, Any] | None) -> Actor | None:
    """Return who did it; None for a row that an older version wrote, which names nobody.

    The clock completes what a customer or staff began: then the actor is who wrote the row before.
    """
    if action == "invitation.accepted":
        return CUSTOMER
    if action == "registration.created" and was:
        return actor_from(was.get(WRITTEN_BY))
    return actor_from(_mark(was, became))


def _mark(was: Mapping[str, Any] | None, became: Mapping[str, Any] | None) -> str | None:
    """Return the mark of the actor who wrote or deleted a row."""
    return became.get(WRITTEN_BY) if became is not None else (was or {}).get(DELETED_BY)


def _short_digest(row: Mapping[str, Any]) -> str:
    """Return the name of a row's stream: records of several streams may have the same number."""
    return sha256(f"{row['pk']} {row['sk']}".encode()).hexdigest()[:8]


def _thing(found: AuditedRow, row: Mapping[str, Any]) -> Thing:
    partition, sort_key = row["pk"].partition("#")[2], row.get("sk", "").removeprefix(found.prefix)
    return Thing(found.kind.noun, found.named(partition, sort_key) or (org_of(row) if found.kind in OF_THE_ORGANISATION else ""))


def _entry_from(org: str, entry: Item) -> Entry:
    values = plain(entry)
    at, _, id = values["sk"].partition("#")
    kept = {name: values[name] for name in ("action", "before", "after") if name in values}
    return Entry(
        org=org,
        id=id,
        at=times.read(at),
        actor=Actor(**values["actor"]),
        thing=Thing(**values["thing"]),
        people=tuple(values.get("people", ())),
        **kept,
    )


def _item(entry: Entry) -> Item:
    key = keys.audit(entry.org, f"{times.written(entry.at)}#{entry.id}")
    values = {
        "directory": keys.audit_of(entry.org, entry.thing.id) if entry.thing.id else None,
        "directory_at": key.sk if entry.thing.id else None,
        "actor": entry.actor._asdict(),
        "action": entry.action,
        "thing": entry.thing._asdict(),
        "before": dict(entry.before) or None,
        "after": dict(entry.after) or None,
        "people": list(entry.people) or None,
        "forget_at": int(entry.forget_at.timestamp()),
    }
    return {**key.stored(), **item(values)}
