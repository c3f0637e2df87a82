"""Meetings of an organisation by their start: a row each, written with their session.

A bare row is a pointer: its session is read and shown, and a row that no longer agrees with it is skipped. So bare rows may be
written before their session and deleted after it, but a meeting of a session is never without its row.

A row with the session's facts is shown without reading the session. So it is written, changed and deleted only in the transaction that
writes its session. Sessions with many meetings, rows written ahead, and rows of an earlier version are bare.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from itertools import islice
from typing import Any, NamedTuple

from chalicelib.config import config
from chalicelib.rules import times
from chalicelib.rules.meetings import ListedMeeting, MeetingSessionFacts, agenda_rows, has_facts_on_rows, listed
from chalicelib.rules.sessions import Session
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.codec import Codec
from chalicelib.tables.conditions import ALWAYS, NEW, as_read, at_most, equals
from chalicelib.tables.items import Item, item, plain

AT_ONCE = 300
"""The number of rows that one request reads."""
MOST_WRITES = 100
"""DynamoDB's limit of a transaction."""
FACTS = Codec(MeetingSessionFacts)
ENDS = ("ends_at", "earlier_end", "last_end")
CANCELLED_END = "cancelled_end"
"""The end of a date that is cancelled alone. It has no `ends_at`, so that no list finds its session at it."""
_complete: set[str] = set()
"""Organisations whose meetings all have rows: true for good, once it is true."""


class StoredRow(NamedTuple):
    """A row as it is stored: the facts on it, None on a bare one, and the version of the session that wrote it."""

    facts: MeetingSessionFacts | None
    version: int


def put_writes(session: Session, was: Session | None = None) -> list[dict[str, Any]]:
    """Return the transaction writes of the rows that are new or different in this version of the session.

    A failed condition means that a later version of the session has written the row.
    """
    before = _rows(was) if was else set()
    return [_put_write(session, one) for one in _rows(session) if one not in before]


def put_ahead(session: Session, was: Session | None = None) -> None:
    """Write the rows that are new or different bare, before their session, and take the facts off those that are about to go.

    Raises TransactionFailed when a later version has written one.
    """
    now, before = _rows(session), _rows(was) if was else set()
    changed = {one for one, _ in now - before} | {one for one, facts in before - now if facts}
    _put_bare(session, changed)


def take_facts_off(session: Session) -> None:
    """Make the rows bare, before their session is deleted. Raises TransactionFailed when a later version has written one."""
    _put_bare(session, {one for one, facts in _rows(session) if facts})


def _put_bare(session: Session, meetings: Iterable[ListedMeeting]) -> None:
    waiting = (_put_write(session, (one, None)) for one in sorted(meetings, key=sort_key))
    while some := list(islice(waiting, MOST_WRITES)):
        dynamodb.transact(some)


def delete_writes(session: Session, was: Session) -> list[dict[str, Any]]:
    """Return the transaction writes that delete the meetings that this version of the session no longer has.

    A failed condition means that a later version has written the row again.
    """
    kept = {_key(session.org, one) for one in listed(session)}
    gone = [key for key in (_key(was.org, one) for one in listed(was)) if key not in kept]
    older = NEW | at_most("version", session.version)
    return [dynamodb.delete_write(config().records_table, key, older) for key in gone]


def all_delete_writes(session: Session) -> list[dict[str, Any]]:
    """Return the transaction writes that delete all meetings of a session that is deleted."""
    return [dynamodb.delete_write(config().records_table, _key(session.org, one), ALWAYS) for one in listed(session)]


def tidy(writes: Iterable[dict[str, Any]]) -> None:
    """Delete rows that no version of their session needs. One that a later version has written stays."""
    waiting = iter(writes)
    while some := list(islice(waiting, MOST_WRITES)):
        try:
            dynamodb.transact(some)
        except dynamodb.TransactionFailed as failed:
            tidy(write for write, reason in zip(some, failed.reasons, strict=True) if reason is None)


def sort_key(meeting: ListedMeeting) -> str:
    """Return the sort key of a meeting in the calendar. Keys sort by start.

    A key ends in a digest of the rest of the row: another content is another row, so that writing one ahead changes none that counts.
    """
    ends = "#".join(times.written(moment) if moment else "" for moment in (meeting.ends_at, meeting.earlier_end, meeting.last_end))
    ends += "#cancelled" if meeting.cancelled else ""
    return f"{times.written(meeting.starts_at)}#{meeting.session}#{meeting.meeting}#{sha256(ends.encode()).hexdigest()[:8]}"


def between(
    org: str, first: datetime, end: datetime, *, after: str = "", limit: int
) -> Iterator[tuple[ListedMeeting, MeetingSessionFacts | None]]:
    """Yield the rows of the meetings that start from `first` until before `end`, by start, `limit` to a request.

    `after` is the sort key of the meeting to go on after; empty for the beginning.
    """
    found = dynamodb.query(
        TableName=config().records_table,
        KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :end",
        ExpressionAttributeValues={
            ":pk": {"S": keys.meetings(org)},
            ":first": {"S": f"{after} " if after else times.written(first)},
            ":end": {"S": times.written(end)},
        },
        ConsistentRead=True,
        Limit=limit,
    )
    return ((meeting_from(row), _facts_from(row)) for row in found)


def every(org: str) -> dict[ListedMeeting, StoredRow]:
    """Return all rows of an organisation."""
    found = dynamodb.query(
        TableName=config().records_table,
        KeyConditionExpression="pk = :pk AND sk < :end",
        ExpressionAttributeValues={":pk": {"S": keys.meetings(org)}, ":end": {"S": "9~"}},
        ConsistentRead=True,
    )
    return _stored(found)


def several(org: str, wanted: Sequence[ListedMeeting]) -> dict[ListedMeeting, StoredRow]:
    """Return the existing ones of many rows, a hundred per request."""
    named, found = [_key(org, one) for one in wanted], dict[keys.Key, Item]()
    for first in range(0, len(named), 100):
        found |= dynamodb.batch_get({config().records_table: named[first : first + 100]})
    return _stored(found.values())


def page(org: str, *, after: str) -> tuple[dict[ListedMeeting, StoredRow], str]:
    """Return up to `AT_ONCE` rows that follow a place, and the last one's place; empty when none follow."""
    found, next_start = dynamodb.query_page(
        TableName=config().records_table,
        KeyConditionExpression="pk = :pk AND sk BETWEEN :after AND :end",
        ExpressionAttributeValues={":pk": {"S": keys.meetings(org)}, ":after": {"S": f"{after} "}, ":end": {"S": "9~"}},
        ConsistentRead=True,
        Limit=AT_ONCE,
    )
    return _stored(found), next_start["sk"]["S"] if next_start else ""


def write_missing(session: Session) -> int:
    """Write the rows that a session lacks, and those without the facts that it has now; return how many.

    Nothing is written when the session has changed since it was read: a row never has older facts than its session. A row that a later
    version has written stays.
    """
    wanted = {_key(session.org, one): (one, facts) for one, facts in sorted(_rows(session), key=lambda row: sort_key(row[0]))}
    there = dict[keys.Key, Item]()
    for first in range(0, len(wanted), MOST_WRITES):
        there |= dynamodb.batch_get({config().records_table: list(wanted)[first : first + MOST_WRITES]})
    missing = [row for key, row in wanted.items() if key not in there or _facts_from(there[key]) != row[1]]
    unchanged = dynamodb.check(config().rosters_table, keys.session(session.org, session.id), as_read(session.version))
    written = 0
    for row in missing:
        with suppress(dynamodb.TransactionFailed):
            dynamodb.transact([unchanged, _put_write(session, row)])
            written += 1
    return written


def delete_stray(org: str, meeting: ListedMeeting, version: int) -> bool:
    """Delete a row that this version of its session has written. False when it was written again meanwhile."""
    try:
        dynamodb.delete(config().records_table, _key(org, meeting), equals("version", version))
    except dynamodb.ConditionFailed:
        return False
    return True


def is_complete(org: str) -> bool:
    """Whether every session of the organisation has its rows. Data of an earlier version has none before its first recount."""
    if org not in _complete and dynamodb.get(config().records_table, keys.meetings_complete(org)):
        _complete.add(org)
    return org in _complete


def note_complete(org: str) -> None:
    """Record that every session of the organisation has its rows. Idempotent."""
    dynamodb.put(config().records_table, keys.meetings_complete(org).stored(), ALWAYS)


def _key(org: str, meeting: ListedMeeting) -> keys.Key:
    return keys.Key(keys.meetings(org), sort_key(meeting))


def _rows(session: Session) -> set[tuple[ListedMeeting, MeetingSessionFacts | None]]:
    """Return the rows that a session has, with its facts unless it has many."""
    with_facts = has_facts_on_rows(session)
    return {(row.meeting, row.facts if with_facts else None) for row in agenda_rows(session)}


def _put_write(session: Session, row: tuple[ListedMeeting, MeetingSessionFacts | None]) -> dict[str, Any]:
    return dynamodb.put_write(config().records_table, _row(session, *row), NEW | at_most("version", session.version))


def _row(session: Session, meeting: ListedMeeting, facts: MeetingSessionFacts | None = None) -> Item:
    ends = {name: times.written(moment) for name in ENDS if (moment := getattr(meeting, name))}
    if meeting.cancelled:
        ends = {CANCELLED_END: ends["ends_at"]}
    more = {"facts": FACTS.write(facts)} if facts else {}
    return {**_key(session.org, meeting).stored(), **item({**ends, **more, "version": session.version})}


def _stored(rows: Iterable[Item]) -> dict[ListedMeeting, StoredRow]:
    return {meeting_from(row): StoredRow(_facts_from(row), int(row["version"]["N"])) for row in rows}


def meeting_from(row: Item) -> ListedMeeting:
    start, session, meeting, _ = row["sk"]["S"].split("#")
    if CANCELLED_END in row:
        return ListedMeeting(session, meeting, times.read(start), times.read(row[CANCELLED_END]["S"]), cancelled=True)
    ends_at, earlier_end, last_end = (times.read(row[name]["S"]) if name in row else None for name in ENDS)
    return ListedMeeting(session, meeting, times.read(start), ends_at or times.read(start), earlier_end, last_end)


def _facts_from(row: Item) -> MeetingSessionFacts | None:
    return FACTS.read(plain({"facts": row["facts"]})["facts"]) if "facts" in row else None
