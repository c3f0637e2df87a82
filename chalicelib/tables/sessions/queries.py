"""Queries for sessions: by id, with their ledgers, by their end, and those whose minimum is to be decided."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from chalicelib.config import config
from chalicelib.rules import times
from chalicelib.rules.ledger import Chunk
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.session_filter import SessionBrief
from chalicelib.rules.sessions import Session
from chalicelib.tables import dynamodb, keys, ledger
from chalicelib.tables.codec import Codec
from chalicelib.tables.items import Item, plain
from chalicelib.tables.sessions.rows import session_from

AT_ONCE = 100
"""The number of ended sessions that one request reads."""
BRIEF_AT_ONCE = 500
SESSION_BRIEFS = Codec(SessionBrief)


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
