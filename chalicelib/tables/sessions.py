"""Sessions: the header item, and the ledger chunks that are made with it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.rules import times
from chalicelib.rules.ledger import Chunk, Hold, split
from chalicelib.rules.money import Money
from chalicelib.rules.questions import Question
from chalicelib.rules.refusals import ChangedMeanwhile, NotFound
from chalicelib.rules.sessions import Meeting, Session, SessionInUse, Tier
from chalicelib.settings import settings
from chalicelib.tables import keys, ledger, requests
from chalicelib.tables.items import Item, item, plain, stored

NEW = "attribute_not_exists(pk)"
AS_READ = "version = :version"
NOBODY_EVER = "spots = cap AND h = :nobody AND attribute_not_exists(waits)"


def create(session: Session) -> None:
    """Write a new session with its ledger. One that exists stays as it is: a request that came twice made it."""
    sizes = split(session.spots_total)
    header = _put({**_item(session), "chunks": stored(len(sizes))})
    try:
        requests.transact([header, *(_put(ledger.empty(session.org, session.id, n, cap)) for n, cap in enumerate(sizes))])
    except requests.TransactionFailed:
        return


def get(org: str, session_id: str) -> Session:
    """Return the session, or NotFound."""
    found = requests.get(settings().rosters_table, keys.session(org, session_id))
    if not found:
        raise NotFound
    return session_from(found)


def several(org: str, named: Iterable[str]) -> dict[str, Session]:
    """Return those that are there of many sessions, by id, a hundred a request."""
    wanted, found = [keys.session(org, session_id) for session_id in named], dict[keys.Key, Item]()
    for first in range(0, len(wanted), 100):
        found |= requests.batch_get({settings().rosters_table: wanted[first : first + 100]})
    return {session.id: session for session in map(session_from, found.values())}


def get_with_ledger(org: str, session_id: str) -> tuple[Session, list[Chunk]]:
    """Return the session and its whole ledger in one query."""
    found = list(
        requests.query(
            TableName=settings().rosters_table,
            KeyConditionExpression="pk = :pk AND sk < :below",
            ExpressionAttributeValues={":pk": {"S": keys.roster(org, session_id)}, ":below": {"S": keys.LEDGER_AND_BELOW}},
            ConsistentRead=True,
        )
    )
    if not found or found[0]["sk"]["S"] != keys.SESSION:
        raise NotFound
    return session_from(found[0]), [ledger.chunk_from(entry) for entry in found[1:]]


def page(org: str, *, ended: bool | None, now: datetime, limit: int, start: Item | None) -> tuple[list[Session], Item | None]:
    """Return a page of sessions by the end of their last meeting: those to come, those that have ended (latest first), or all (None)."""
    narrowed = "" if ended is None else " AND calendar_at <= :now" if ended else " AND calendar_at > :now"
    values = {":org": {"S": org}, **({":now": {"S": _bound(now, None if ended else start)}} if narrowed else {})}
    found, following = requests.query_page(
        TableName=settings().rosters_table,
        IndexName="calendar",
        KeyConditionExpression=f"calendar = :org{narrowed}",
        ExpressionAttributeValues=values,
        ScanIndexForward=not ended,
        Limit=limit,
        **({"ExclusiveStartKey": start} if start else {}),
    )
    return [session_from(entry) for entry in found], following


def _bound(now: datetime, start: Item | None) -> str:
    """Return the moment that divides what is to come from what has ended; a page goes on after a session that has ended meanwhile."""
    ended: str = start["calendar_at"]["S"].partition("#")[0] if start else times.written(now)
    return min(ended, times.written(now))


def every(org: str) -> Iterator[Session]:
    """Return all sessions of the organisation, for the schedules."""
    found = requests.query(
        TableName=settings().rosters_table,
        IndexName="calendar",
        KeyConditionExpression="calendar = :org",
        ExpressionAttributeValues={":org": {"S": org}},
    )
    return (session_from(entry) for entry in found)


def ledgers(sessions: Sequence[Session]) -> dict[str, list[Chunk]]:
    """Return the ledgers of many sessions of one organisation, a hundred chunks a request."""
    wanted = [keys.chunk(session.org, session.id, number) for session in sessions for number in range(session.chunks)]
    found: dict[str, list[Chunk]] = {session.id: [] for session in sessions}
    for first in range(0, len(wanted), 100):
        for key, entry in requests.batch_get({settings().rosters_table: wanted[first : first + 100]}).items():
            found[key.pk.partition("#")[2]].append(ledger.chunk_from(entry))
    return found


def save(session: Session, chunks: Sequence[Chunk], by: int) -> Session:
    """Write the edited session over the version it was read at; its spots change by so many. Raises ChangedMeanwhile."""
    writes, count = ledger.resize_writes(session.org, session.id, chunks, by) if by else ([], session.chunks)
    saved = replace(session, version=session.version + 1, chunks=count)
    header = _put(_item(saved), condition=AS_READ, values={":version": stored(session.version)})
    try:
        requests.transact([header, *writes])
    except requests.TransactionFailed:
        raise ChangedMeanwhile from None
    return saved


def keep_extra(session: Session, hold_id: str, hold: Hold, *, chunk: int) -> None:
    """Make a hold's extra spots spots of the session. Raises ChangedMeanwhile."""
    kept = replace(session, version=session.version + 1, spots_total=session.spots_total + hold.x)
    header = _put(_item(kept), condition=AS_READ, values={":version": stored(session.version)})
    try:
        requests.transact([header, ledger.keeping_write(session.org, session.id, hold_id, hold, chunk=chunk)])
    except requests.TransactionFailed:
        raise ChangedMeanwhile from None


def delete(session: Session) -> None:
    """Delete a session that nobody ever was on: an untouched ledger, or SessionInUse."""
    rosters = settings().rosters_table
    header = {
        "Delete": {
            "TableName": rosters,
            "Key": keys.session(session.org, session.id).stored(),
            "ConditionExpression": AS_READ,
            "ExpressionAttributeValues": {":version": stored(session.version)},
        }
    }
    untouched = [
        {
            "Delete": {
                "TableName": rosters,
                "Key": keys.chunk(session.org, session.id, number).stored(),
                "ConditionExpression": NOBODY_EVER,
                "ExpressionAttributeValues": {":nobody": {"M": {}}},
            }
        }
        for number in range(session.chunks)
    ]
    try:
        requests.transact([header, *untouched])
    except requests.TransactionFailed as failed:
        raise (ChangedMeanwhile if failed.reasons[0] is not None else SessionInUse) from None


def session_from(entry: Item) -> Session:
    values = plain(entry)
    return Session(
        org=values["pk"].partition("#")[0],
        id=values["pk"].partition("#")[2],
        title=values["title"],
        meetings=tuple(Meeting(m["id"], times.read(m["from"]), times.read(m["to"])) for m in values["meetings"]),
        time_zone=values["time_zone"],
        spots_total=values["spots_total"],
        chunks=values["chunks"],
        tiers=tuple(Tier(t["id"], t["name"], Money(t["amount"], t["currency"])) for t in values["tiers"]),
        registration_opens_at=times.read(values["opens_at"]),
        registration_closes_at=times.read(values["closes_at"]),
        created_at=times.read(values["created_at"]),
        version=values["version"],
        description=values.get("description", ""),
        location=values.get("location", ""),
        tags=tuple(values.get("tags", ())),
        questions=tuple(Question(**{**q, "options": tuple(q["options"])}) for q in values.get("questions", ())),
        cancelled_at=times.read(values["cancelled_at"]) if "cancelled_at" in values else None,
        cancel_reason=values.get("cancel_reason", ""),
        tell_cancelled=values.get("tell_cancelled", True),
    )


def _item(session: Session) -> Item:
    return {
        **keys.session(session.org, session.id).stored(),
        **item(
            {
                "calendar": session.org,
                "calendar_at": f"{times.written(session.ends_at)}#{session.id}",
                "title": session.title,
                "meetings": [{"id": m.id, "from": times.written(m.starts_at), "to": times.written(m.ends_at)} for m in session.meetings],
                "time_zone": session.time_zone,
                "spots_total": session.spots_total,
                "chunks": session.chunks,
                "tiers": [{"id": t.id, "name": t.name, "amount": t.price.amount, "currency": t.price.currency} for t in session.tiers],
                "opens_at": times.written(session.registration_opens_at),
                "closes_at": times.written(session.registration_closes_at),
                "created_at": times.written(session.created_at),
                "version": session.version,
                "description": session.description or None,
                "location": session.location or None,
                "tags": session.tags or None,
                "questions": [_question(q) for q in session.questions] or None,
                "cancelled_at": times.written(session.cancelled_at) if session.cancelled_at else None,
                "cancel_reason": session.cancel_reason or None,
                "tell_cancelled": session.tell_cancelled if session.cancelled_at else None,
            }
        ),
    }


def _question(question: Question) -> dict[str, Any]:
    return {
        "id": question.id,
        "label": question.label,
        "kind": question.kind,
        "required": question.required,
        "options": question.options,
    }


def _put(entry: Item, condition: str = NEW, values: Item | None = None) -> dict[str, Any]:
    write: dict[str, Any] = {"TableName": settings().rosters_table, "Item": entry, "ConditionExpression": condition}
    return {"Put": {**write, "ExpressionAttributeValues": values} if values else write}
