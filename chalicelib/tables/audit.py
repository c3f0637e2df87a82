"""The audit log: one row an entry, by moment, for two years."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from chalicelib.config import config
from chalicelib.rules import audit, times
from chalicelib.rules.actor import Actor
from chalicelib.rules.audit import AuditEntry, AuditSubject
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.actor import current
from chalicelib.tables.audited_rows import audited, digest, org_of, short_digest, subject_of
from chalicelib.tables.conditions import ALWAYS, NEW, THERE, Update, absent, below
from chalicelib.tables.items import Item, item, plain, stored

LATEST_RECORD = timedelta(days=15)
"""How long after a change its record may still be handled: the failure queue keeps its place for 14 days."""
MOST_CHECKED = 90
FILTERED_AT_MOST = 20
"""How many pages of the table one page of a filtered list reads, at most: a rare actor then takes several pages of the list."""


class Filters(NamedTuple):
    """What a list of entries is limited to. `actor` is an address of staff, the name of a key, or a kind of actor."""

    actor: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None


def add(entry: AuditEntry) -> None:
    """Write the entry. One that exists belongs to the same change, and stays. Values about people erased since the change are left out."""
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
    subject: str,
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
    entry = AuditEntry(org, id, at, actor, action, AuditSubject(action.partition(".")[0], subject), before or {}, after or {}, digests)
    return [dynamodb.put_write(config().records_table, _item(entry), ALWAYS)]


def deletion_writes(row: Item) -> list[dict[str, Any]]:
    """Return the write of the entry of a deletion, for the transaction that deletes this row; none without an actor.

    For rows whose deletion is often refused: nothing is stored then, as a signature would be.
    """
    values = plain(row)
    found = audited(values["sk"])
    assert found
    subject, id = subject_of(found, values), f"deleted-{short_digest(values)}"
    return write_of(org_of(values), f"{subject.kind}.deleted", subject.id, audit.whole(found.kind, values), id=id, at=datetime.now(UTC))


def added_entry(old: Item | None, new: Item | None) -> AuditEntry | None:
    """Return the entry of the audit log that a change of a row has added; None for other rows and changes."""
    if old is not None or new is None or not new["pk"]["S"].endswith(keys.AUDIT):
        return None
    return _entry_from(org_of(plain(new)), new)


def page(org: str, filters: Filters, *, limit: int, start: Item | None) -> tuple[list[AuditEntry], Item | None]:
    """Return a page of entries, latest first, and where the next one starts. A page may be short when few entries fit the filters."""
    found: list[AuditEntry] = []
    for _ in range(FILTERED_AT_MOST):
        items, start = dynamodb.query_page(**_query(org, filters), Limit=limit - len(found), start=start)
        found += [_entry_from(org, row) for row in items]
        if len(found) == limit or not start:
            break
    return found, start


def every(org: str, filters: Filters) -> Iterator[AuditEntry]:
    return (_entry_from(org, row) for row in dynamodb.query(**_query(org, filters)))


def forget_values(org: str, emails: list[str], *, now: datetime) -> None:
    """Remove the values before and after from the entries about these addresses. Actor, action and time stay.

    Records of earlier changes may still be on their way, in the failure queue for two weeks: marks keep their values out.
    """
    wanted = {digest(org, email) for email in emails}
    for person in wanted:
        _mark_erased(org, person, now)
    for row in dynamodb.query(**_query(org, Filters())):
        if wanted.isdisjoint(plain(row).get("people", ())):
            continue
        key = keys.Key(row["pk"]["S"], row["sk"]["S"])
        dynamodb.update(config().records_table, key, Update().remove("before", "after", "people"), THERE, want="NONE")


def _mark_erased(org: str, person: str, now: datetime) -> None:
    """Mark the person as erased; a mark of this hour is of the same erasure and stays."""
    row = {"erased_at": times.written(now), "forget_at": int((now + LATEST_RECORD).timestamp())}
    unmarked = NEW | below("erased_at", times.written(now - timedelta(hours=1)))
    with suppress(dynamodb.ConditionFailed):
        dynamodb.put(config().records_table, {**keys.audit_erased(org, person).stored(), **item(row)}, unmarked)


def _query(org: str, filters: Filters) -> dict[str, Any]:
    """Return the query of the entries that fit. Those about one subject lie in an index; an actor is filtered for."""
    since = times.written(filters.since) if filters.since else "0"
    until = f"{times.written(filters.until)}#~" if filters.until else "9"  # The whole second: a key goes on with the entry's id.
    by_subject = bool(filters.subject)
    partition, sort = ("directory", "directory_at") if by_subject else ("pk", "sk")
    query: dict[str, Any] = {
        "TableName": config().records_table,
        "KeyConditionExpression": f"{partition} = :of AND {sort} BETWEEN :a AND :b",
        "ExpressionAttributeValues": {
            ":of": stored(keys.audit_of(org, filters.subject) if by_subject else keys.audit(org, "").pk),
            ":a": stored(since),
            ":b": stored(until),
        },
        "ScanIndexForward": False,
        **({"IndexName": "directory"} if by_subject else {}),
    }
    if filters.actor:
        query["FilterExpression"] = "#actor.#kind = :actor OR #actor.#name = :actor"
        query["ExpressionAttributeNames"] = {"#actor": "actor", "#kind": "kind", "#name": "name"}
        query["ExpressionAttributeValues"][":actor"] = stored(filters.actor)
    return query


def _entry_from(org: str, row: Item) -> AuditEntry:
    values = plain(row)
    at, _, id = values["sk"].partition("#")
    kept = {name: values[name] for name in ("action", "before", "after") if name in values}
    return AuditEntry(
        org=org,
        id=id,
        at=times.read(at),
        actor=Actor(**values["actor"]),
        subject=AuditSubject(**values["thing"]),
        people=tuple(values.get("people", ())),
        **kept,
    )


def _item(entry: AuditEntry) -> Item:
    key = keys.audit(entry.org, f"{times.written(entry.at)}#{entry.id}")
    values = {
        "directory": keys.audit_of(entry.org, entry.subject.id) if entry.subject.id else None,
        "directory_at": key.sk if entry.subject.id else None,
        "actor": entry.actor._asdict(),
        "action": entry.action,
        "thing": entry.subject._asdict(),
        "before": dict(entry.before) or None,
        "after": dict(entry.after) or None,
        "people": list(entry.people) or None,
        "forget_at": int(entry.forget_at.timestamp()),
    }
    return {**key.stored(), **item(values)}
