"""Sessions: the session's row, and the ledger chunks that are created with it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.config import config
from chalicelib.rules import times
from chalicelib.rules.ledger import Chunk, Hold, split
from chalicelib.rules.refusals import ChangedMeanwhile, NotFound
from chalicelib.rules.session_filter import SessionBrief
from chalicelib.rules.session_refusals import SessionInUse
from chalicelib.rules.sessions import Session, next_version
from chalicelib.tables import audit, dynamodb, keys, ledger, meetings
from chalicelib.tables.codec import Codec
from chalicelib.tables.conditions import NEW, THERE, Update, absent, as_read, equals, same
from chalicelib.tables.items import Item, plain
from chalicelib.tables.quotas import QuotaReached
from chalicelib.tables.saves import save_write
from chalicelib.tables.session_rows import INDEXED, SESSIONS, session_from, session_item

AT_ONCE = 100
"""The number of ended sessions that one request reads."""
BRIEF_AT_ONCE = 500
SESSION_BRIEFS = Codec(SessionBrief)
NOBODY_EVER = same("spots", "cap") & equals("h", {}) & absent("waits")


def create(session: Session, beside: Sequence[dict[str, Any]] = ()) -> None:
    """Write a new session with its ledger and meetings, counted by `beside` where a quota counts.

    An existing one is unchanged: a repeated request created it. Raises QuotaReached.
    """
    sizes = split(session.spots_total)
    session = replace(session, chunks=len(sizes))
    header = _put(session_item(session))
    writes = [header, *(_put(ledger.empty(session.org, session.id, n, cap)) for n, cap in enumerate(sizes))]
    rows = meetings.put_writes(session)
    try:
        if not _fits(writes, rows, beside):
            if dynamodb.get(config().rosters_table, keys.session(session.org, session.id)):
                return
            meetings.put_ahead(session)
            rows = []
        dynamodb.transact([*writes, *rows, *beside])
    except dynamodb.TransactionFailed as failed:
        if beside and failed.reasons[0] is None and failed.reasons[-1] is not None:
            raise QuotaReached from None


def get(org: str, session_id: str) -> Session:
    """Return the session. Raises NotFound."""
    found = dynamodb.get(config().rosters_table, keys.session(org, session_id))
    if not found:
        raise NotFound
    return session_from(found)


def exists(org: str, session_id: str) -> bool:
    try:
        get(org, session_id)
    except NotFound:
        return False
    return True


def several(org: str, named: Iterable[str]) -> dict[str, Session]:
    """Return the existing ones of many sessions, by id, a hundred per request."""
    wanted, found = [keys.session(org, session_id) for session_id in named], dict[keys.Key, Item]()
    for first in range(0, len(wanted), 100):
        found |= dynamodb.batch_get({config().rosters_table: wanted[first : first + 100]})
    return {session.id: session for session in map(session_from, found.values())}


def get_with_ledger(org: str, session_id: str) -> tuple[Session, list[Chunk]]:
    """Return the session and its whole ledger in one query."""
    found = list(
        dynamodb.query(
            TableName=config().rosters_table,
            KeyConditionExpression="pk = :pk AND sk < :below",
            ExpressionAttributeValues={":pk": {"S": keys.roster(org, session_id)}, ":below": {"S": keys.LEDGER_AND_BELOW}},
            ConsistentRead=True,
        )
    )
    if not found or found[0]["sk"]["S"] != keys.SESSION:
        raise NotFound
    return session_from(found[0]), [ledger.chunk_from(row) for row in found[1:]]


def ended(org: str, *, now: datetime, after: str) -> Iterator[Session]:
    """Yield the sessions that have ended at a moment, latest first. `after` is the sort key of the session to go on after."""
    found = dynamodb.query(
        TableName=config().rosters_table,
        IndexName="calendar",
        KeyConditionExpression="calendar = :org AND calendar_at < :before",
        ExpressionAttributeValues={":org": {"S": org}, ":before": {"S": after or f"{times.written(now)}#~"}},
        ScanIndexForward=False,
        Limit=AT_ONCE,
    )
    return (session_from(row) for row in found)


def ended_in_brief(org: str, *, now: datetime) -> Iterator[tuple[str, SessionBrief]]:
    """Yield the id, title, location and tags of the sessions that have ended at a moment, latest first: the rest of the row stays there."""
    found = dynamodb.query(
        TableName=config().rosters_table,
        IndexName="calendar",
        KeyConditionExpression="calendar = :org AND calendar_at < :before",
        ProjectionExpression="pk, title, #location, tags",
        ExpressionAttributeNames={"#location": "location"},
        ExpressionAttributeValues={":org": {"S": org}, ":before": {"S": f"{times.written(now)}#~"}},
        ScanIndexForward=False,
        Limit=BRIEF_AT_ONCE,
    )
    return ((row["pk"]["S"].partition("#")[2], SESSION_BRIEFS.read(plain(row))) for row in found)


def every(org: str) -> Iterator[Session]:
    """Yield all sessions of the organisation, for the schedules."""
    found = dynamodb.query(
        TableName=config().rosters_table,
        IndexName="calendar",
        KeyConditionExpression="calendar = :org",
        ExpressionAttributeValues={":org": {"S": org}},
    )
    return (session_from(row) for row in found)


def ids_after(org: str, after: str, *, limit: int) -> tuple[list[str], str]:
    """Return the ids of up to `limit` sessions that end after a key of the calendar, first ones first, and the last one's key.

    The key is empty when none follow. No row is read as a session: one that cannot be read is named like any other.
    """
    found, more = dynamodb.query_page(
        TableName=config().rosters_table,
        IndexName="calendar",
        KeyConditionExpression="calendar = :org AND calendar_at > :after",
        ExpressionAttributeValues={":org": {"S": org}, ":after": {"S": after or "0"}},
        ProjectionExpression="pk",
        Limit=limit,
    )
    return [row["pk"]["S"].partition("#")[2] for row in found], more["calendar_at"]["S"] if more else ""


def ledgers(sessions: Sequence[Session]) -> dict[str, list[Chunk]]:
    """Return the ledgers of many sessions of one organisation, a hundred chunks per request."""
    return ledgers_of(sessions[0].org, {session.id: session.chunks for session in sessions}) if sessions else {}


def ledgers_of(org: str, chunks: Mapping[str, int]) -> dict[str, list[Chunk]]:
    """Return the ledgers of many sessions, of which the number of chunks is known by their id, a hundred chunks per request."""
    wanted = [keys.chunk(org, session, number) for session, size in chunks.items() for number in range(size)]
    found: dict[str, list[Chunk]] = {session: [] for session in chunks}
    for first in range(0, len(wanted), 100):
        for key, row in dynamodb.batch_get({config().rosters_table: wanted[first : first + 100]}).items():
            found[key.pk.partition("#")[2]].append(ledger.chunk_from(row))
    return found


def to_decide(now: datetime, *, limit: int) -> list[tuple[str, str]]:
    """Return (organisation, session) of the sessions of all organisations whose minimum is to be decided, those first that wait longest."""
    found, _ = dynamodb.query_page(
        TableName=config().rosters_table,
        IndexName="due",
        KeyConditionExpression="due = :everywhere AND due_at <= :now",
        ExpressionAttributeValues={":everywhere": {"S": keys.to_decide()}, ":now": {"S": f"{times.written(now)}#~"}},
        Limit=limit,
    )
    return [(org, session) for org, _, session in (row["pk"]["S"].partition("#") for row in found)]


def decide(session: Session, chunks: Sequence[Chunk], *, was: Session) -> Session:
    """Write a session that is decided upon over the version that was read, `was`, if its ledger has the holds that were read.

    A failed condition means that somebody booked, left or edited meanwhile. Raises ChangedMeanwhile.
    """
    return _write(session, ledger.same_holds_checks(session.org, session.id, chunks), session.chunks, was)


def note_ended(session: Session) -> None:
    """Record that the invitations of a session that its minimum has cancelled are ended; the clock looks at it no more.

    The version stays: the e-mails about the cancellation are named by it. A failed condition means that the session was written since it
    was read; it is still due then.
    """
    done = Update().remove("ending", "due", "due_at")
    try:
        key = keys.session(session.org, session.id)
        dynamodb.update(config().rosters_table, key, done, as_read(session.version), want="NONE")
    except dynamodb.ConditionFailed:
        return


def not_cancelled_checks(org: str, named: Iterable[str]) -> list[dict[str, Any]]:
    """Return transaction checks that these sessions are there and not cancelled."""
    stands = THERE & absent("cancelled_at")
    return [dynamodb.check(config().rosters_table, keys.session(org, id), stands) for id in dict.fromkeys(named)]


def save(session: Session, chunks: Sequence[Chunk], by: int, *, was: Session) -> Session:
    """Write the edited session over the version that was read, `was`, and change its spots by `by`. Raises ChangedMeanwhile."""
    return _write(session, *(ledger.resize_writes(session.org, session.id, chunks, by) if by else ([], session.chunks)), was)


def _write(session: Session, writes: list[dict[str, Any]], count: int, was: Session) -> Session:
    saved = replace(next_version(session, was), chunks=count)
    header = _save(saved, session)
    put, gone = meetings.put_writes(saved, was), meetings.delete_writes(saved, was)
    together = _fits([header], writes, put, gone)
    try:
        if not together:
            meetings.put_ahead(saved, was)
        dynamodb.transact([header, *writes, *(put + gone if together else [])])
    except dynamodb.TransactionFailed:
        raise ChangedMeanwhile from None
    meetings.tidy([] if together else gone)
    return saved


def keep_extra(session: Session, hold_id: str, hold: Hold, *, chunk: int) -> None:
    """Turn a hold's extras into permanent spots of the session. Raises ChangedMeanwhile."""
    kept = replace(next_version(session, session), spots_total=session.spots_total + hold.extra)
    header = _save(kept, session)
    try:
        dynamodb.transact([header, ledger.keep_extra_write(session.org, session.id, hold_id, hold, chunk=chunk)])
    except dynamodb.TransactionFailed:
        raise ChangedMeanwhile from None


def delete(session: Session) -> None:
    """Delete a session whose ledger was never used. Raises SessionInUse."""
    rosters = config().rosters_table
    header = dynamodb.delete_write(rosters, keys.session(session.org, session.id), as_read(session.version))
    chunks = [keys.chunk(session.org, session.id, number) for number in range(session.chunks)]
    untouched = [dynamodb.delete_write(rosters, chunk, NOBODY_EVER) for chunk in chunks]
    rows = meetings.all_delete_writes(session)
    recorded = audit.deletion_writes(session_item(session))
    together = rows if _fits([header], untouched, recorded, rows) else []
    try:
        if not together:
            meetings.take_facts_off(session)
        dynamodb.transact([header, *untouched, *recorded, *together])
    except dynamodb.TransactionFailed as failed:
        raise (ChangedMeanwhile if failed.reasons[0] is not None else SessionInUse) from None
    meetings.tidy(rows if not together else [])


def _fits(*writes: Sequence[dict[str, Any]]) -> bool:
    """Whether one transaction can hold the writes."""
    return sum(map(len, writes)) <= meetings.MOST_WRITES


def _put(row: Item) -> dict[str, Any]:
    return dynamodb.put_write(config().rosters_table, row, NEW)


def _save(session: Session, was: Session) -> dict[str, Any]:
    return save_write(config().rosters_table, session_item(session), SESSIONS.attributes | INDEXED, as_read(was.version))
