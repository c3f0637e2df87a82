"""Writes of sessions, with the ledger chunks that are created with them. Each has the condition that it needs."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from chalicelib.config import config
from chalicelib.rules.ledger import Chunk, Hold, split
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.rules.session_refusals import SessionInUse
from chalicelib.rules.sessions import Session, next_version
from chalicelib.tables import audit, dynamodb, keys, ledger, meetings
from chalicelib.tables.conditions import NEW, THERE, Update, absent, as_read, equals, same
from chalicelib.tables.items import Item
from chalicelib.tables.quotas import QuotaReached
from chalicelib.tables.saves import save_write
from chalicelib.tables.sessions.rows import INDEXED, SESSIONS, session_item

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
    not_cancelled = THERE & absent("cancelled_at")
    return [dynamodb.check(config().rosters_table, keys.session(org, id), not_cancelled) for id in dict.fromkeys(named)]


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
