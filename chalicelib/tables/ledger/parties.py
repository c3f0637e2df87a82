"""A taken hold that grows or shrinks: one conditional update on the hold exactly as it was seen."""

from datetime import datetime

from chalicelib.rules.ledger import MOST_EXTRA, Chunk, Hold, SessionFull, TooManyExtras, count, resized
from chalicelib.rules.refusals import Busy, ChangedMeanwhile
from chalicelib.rules.resizing import brought_to
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.items import stored
from chalicelib.tables.ledger import gate
from chalicelib.tables.ledger.chunks import chunk_from, hold_item, read
from chalicelib.tables.ledger.holds import AS_SEEN, release_on
from chalicelib.tables.ledger.sizes import move, settle

ENOUGH_SPOTS = "#spots >= :needed AND attribute_not_exists(debt)"
ROOM_FOR_EXTRA = "extra <= :room"
ATTEMPTS = 12


def resize(org: str, session: str, hold_id: str, seen: Hold, size: int, *, chunk: int, over: bool, now: datetime) -> Hold:
    """Give the hold another size and return it. With `over`, what does not fit is added as extra spots.

    Raises SessionFull with what is free beyond the party, TooManyExtras, ChangedMeanwhile when the hold is not as it was seen.
    """
    for _ in range(ATTEMPTS):
        if _write(org, session, hold_id, seen, resized(seen, size), chunk=chunk):
            gate.reopen(org, session)
            return resized(seen, size)
        chunks = read(org, session)
        _check_unchanged(chunks, chunk, hold_id, seen)
        free, more = count(chunks, now).free, size - seen.n
        if free >= more:
            _make_room(org, session, chunks, chunk, more, now=now)
        elif over and sum(other.extra for other in chunks) + more <= MOST_EXTRA:
            return _with_extra(org, session, hold_id, seen, size, chunk=chunk)
        elif over:
            raise TooManyExtras
        else:
            raise SessionFull(free=free, wanted=more)
    raise Busy


def _with_extra(org: str, session: str, hold_id: str, seen: Hold, size: int, *, chunk: int) -> Hold:
    grown = seen._replace(n=size, x=seen.x + size - seen.n)
    if not _write(org, session, hold_id, seen, grown, chunk=chunk):
        raise TooManyExtras
    return grown


def _write(org: str, session: str, hold_id: str, seen: Hold, wanted: Hold, *, chunk: int) -> bool:
    """Write the new size: False when spots or extras are too few. A reply that was lost is recognised by the hold itself."""
    needed, extra = wanted.back - seen.back, wanted.x - seen.x
    values = {":needed": stored(needed), ":x": stored(extra), ":seen": hold_item(seen), ":wanted": hold_item(wanted)}
    conditions = [AS_SEEN]
    if needed > 0:
        conditions.append(ENOUGH_SPOTS)
    if extra > 0:
        conditions.append(ROOM_FOR_EXTRA)
        values[":room"] = stored(MOST_EXTRA - extra)
    try:
        requests.update(
            settings().rosters_table,
            keys.chunk(org, session, chunk),
            "SET #spots = #spots - :needed, extra = extra + :x, h.#id = :wanted",
            " AND ".join(conditions),
            names={"#spots": "spots", "#id": hold_id},
            values=values,
            want="NONE",
        )
    except requests.ConditionFailed as failed:
        standing = chunk_from(failed.old).holds.get(hold_id) if failed.old else None
        if standing == wanted:
            return True
        if standing != seen:
            raise ChangedMeanwhile from None
        return False
    return True


def _check_unchanged(chunks: list[Chunk], number: int, hold_id: str, seen: Hold) -> None:
    if not any(chunk.number == number and chunk.holds.get(hold_id) == seen for chunk in chunks):
        raise ChangedMeanwhile


def _make_room(org: str, session: str, chunks: list[Chunk], number: int, more: int, *, now: datetime) -> None:
    """Bring so many free spots to the chunk: first what has run out, then from other chunks."""
    expired = [(chunk.number, *entry) for chunk in chunks for entry in chunk.expired(now).items()]
    for place, hold_id, hold in expired:
        release_on(org, session, hold_id, hold, chunk=place)
    if expired:
        return
    if any(chunk.debt for chunk in chunks):
        settle(org, session, chunks)
        return
    deltas = brought_to(chunks, number, more)
    if deltas:
        move(org, session, chunks, deltas)
