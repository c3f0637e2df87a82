"""Changes of the size of a taken hold: one conditional update, which requires the hold to be unchanged since it was read."""

from datetime import datetime

from chalicelib.config import config
from chalicelib.rules.ledger import MOST_EXTRA, Chunk, Hold, SessionFull, TooManyExtras, count, resized
from chalicelib.rules.rebalancing import gather_on
from chalicelib.rules.refusals import Busy, ChangedMeanwhile
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.items import stored
from chalicelib.tables.ledger import full_cache
from chalicelib.tables.ledger.chunks import chunk_from, hold_item, read
from chalicelib.tables.ledger.holds import AS_SEEN
from chalicelib.tables.ledger.rebalancing import move, settle_debt
from chalicelib.tables.ledger.room import clear_expired

ENOUGH_SPOTS = "#spots >= :needed AND attribute_not_exists(debt)"
ROOM_FOR_EXTRA = "extra <= :room"
ATTEMPTS = 12


def resize(org: str, session: str, hold_id: str, seen: Hold, size: int, *, chunk: int, allow_extra: bool, now: datetime) -> Hold:
    """Change the size of the hold and return it. With `allow_extra`, spots are added as extras when too few are free.

    Raises SessionFull with the free spots beyond the party, TooManyExtras, ChangedMeanwhile when the hold differs from `seen`, Busy.
    """
    for _ in range(ATTEMPTS):
        if _write(org, session, hold_id, seen, resized(seen, size), chunk=chunk):
            full_cache.reopen(org, session)
            return resized(seen, size)
        chunks = read(org, session)
        _check_unchanged(chunks, chunk, hold_id, seen)
        free, more = count(chunks, now).free, size - seen.spots
        if free >= more:
            _make_room(org, session, chunks, chunk, more, now=now)
        elif allow_extra and sum(other.extra for other in chunks) + more <= MOST_EXTRA:
            return _with_extra(org, session, hold_id, seen, size, chunk=chunk)
        elif allow_extra:
            raise TooManyExtras
        else:
            raise SessionFull(free=free, wanted=more)
    raise Busy


def _with_extra(org: str, session: str, hold_id: str, seen: Hold, size: int, *, chunk: int) -> Hold:
    grown = seen._replace(spots=size, extra=seen.extra + size - seen.spots)
    if not _write(org, session, hold_id, seen, grown, chunk=chunk):
        raise TooManyExtras
    return grown


def _write(org: str, session: str, hold_id: str, seen: Hold, wanted: Hold, *, chunk: int) -> bool:
    """Write the new size. False when too few spots or extras are left. A lost reply is recognised by the stored hold."""
    needed, extra = wanted.freed - seen.freed, wanted.extra - seen.extra
    values = {":needed": stored(needed), ":x": stored(extra), ":seen": hold_item(seen), ":wanted": hold_item(wanted)}
    conditions = [AS_SEEN]
    if needed > 0:
        conditions.append(ENOUGH_SPOTS)
    if extra > 0:
        conditions.append(ROOM_FOR_EXTRA)
        values[":room"] = stored(MOST_EXTRA - extra)
    try:
        dynamodb.update(
            config().rosters_table,
            keys.chunk(org, session, chunk),
            "SET #spots = #spots - :needed, extra = extra + :x, h.#id = :wanted",
            " AND ".join(conditions),
            names={"#spots": "spots", "#id": hold_id},
            values=values,
            want="NONE",
        )
    except dynamodb.ConditionFailed as failed:
        current = chunk_from(failed.old).holds.get(hold_id) if failed.old else None
        # An earlier write succeeded and its reply was lost.
        if current == wanted:
            return True
        if current != seen:
            raise ChangedMeanwhile from None
        return False
    return True


def _check_unchanged(chunks: list[Chunk], number: int, hold_id: str, seen: Hold) -> None:
    if not any(chunk.number == number and chunk.holds.get(hold_id) == seen for chunk in chunks):
        raise ChangedMeanwhile


def _make_room(org: str, session: str, chunks: list[Chunk], number: int, more: int, *, now: datetime) -> None:
    """Bring `more` free spots to the chunk: first from expired holds, then from other chunks."""
    if clear_expired(org, session, chunks, now):
        return
    if any(chunk.debt for chunk in chunks):
        settle_debt(org, session, chunks)
        return
    deltas = gather_on(chunks, number, more)
    if deltas:
        move(org, session, chunks, deltas)
