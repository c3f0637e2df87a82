"""Claims of spots: one conditional update on one chunk decides, and the old image that a failure returns shows why.

Guarantees: no claim exceeds the session's spots. A claim repeated with the same id and nonce has no further effect. A lost reply is
recognised by the nonce in the old image. Expired holds are taken over in the same write that needs their spots.
The pattern is explained in docs/decisions/0001-ledger-in-chunks.md.
"""

import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chalicelib.config import config
from chalicelib.rules.ledger import Chunk, Hold, SessionFull, count, to_take_over
from chalicelib.rules.refusals import Busy, NotFound
from chalicelib.rules.waitlist import Queue
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.items import stored
from chalicelib.tables.ledger import full_cache
from chalicelib.tables.ledger.chunks import chunk_from, free_spots, hold_item, preferred, read
from chalicelib.tables.ledger.full_mark import mark_full, moment
from chalicelib.tables.ledger.holds import Located, release_on
from chalicelib.tables.ledger.room import make_room
from chalicelib.tables.ledger.waitlist_count import Guard, as_counted, is_reserved, queue_is_empty

ENOUGH_SPOTS = "#spots >= :needed"
NOT_THERE_YET = "attribute_not_exists(h.#id)"
NO_DEBT = "attribute_not_exists(debt)"
ATTEMPTS = 12


def claim(org: str, session: str, hold_id: str, hold: Hold, *, chunks: int, now: datetime) -> int:
    """Claim the hold's spots and return the number of its chunk.

    Raises SessionFull when the session has too few free spots (those of expired holds included), Busy after too many conflicts.
    """
    chunk = _claim_quickly(org, session, hold_id, hold, chunks=chunks, now=now)
    return claim_with_full_ledger(org, session, hold_id, hold, now=now).chunk if chunk is None else chunk


def claim_publicly(org: str, session: str, hold_id: str, hold: Hold, *, chunks: int, queue: Queue, now: datetime) -> int:
    """Claim for the public. In a rush, one thread at a time reads the full ledger, and its result refuses the others: by the cache those
    of this process, by the mark those of other functions, before they write anything.

    Spots reserved for the queue are not given. For a session with one chunk, the claim's own condition ensures that. Raises like `claim`.
    """
    full_cache.check(org, session, hold.spots)
    chunk = _claim_quickly(org, session, hold_id, hold, chunks=chunks, now=now, queue=queue if chunks == 1 else None)
    if chunk is not None:
        return chunk
    with full_cache.lock(org, session):
        # Another thread may have found the session full while this one waited.
        full_cache.check(org, session, hold.spots)
        read_at = moment()
        try:
            return claim_with_full_ledger(org, session, hold_id, hold, now=now, queue=queue).chunk
        except SessionFull as full:
            full_cache.close(org, session, full)
            if chunks > 1:
                mark_full(org, session, full, read_at=read_at)
            raise


def _claim_quickly(
    org: str, session: str, hold_id: str, hold: Hold, *, chunks: int, now: datetime, queue: Queue | None = None
) -> int | None:
    """Claim on the preferred chunk, else on one with enough free spots. None when the full ledger must be read."""
    first = preferred(hold_id, chunks)
    if _claim_on(org, session, first, hold_id, hold, now=now, queue=queue):
        return first
    return _claim_where_free(org, session, hold_id, hold, now=now) if chunks > 1 else None


def _claim_where_free(org: str, session: str, hold_id: str, hold: Hold, *, now: datetime) -> int | None:
    """Claim on a chunk with enough free spots; different claims prefer different chunks. None when no chunk has enough."""
    for _ in range(ATTEMPTS):
        able = [number for number, spots in free_spots(org, session).items() if spots >= hold.spots]
        if not able:
            return None
        number = able[preferred(hold_id, len(able))]
        if _claim_on(org, session, number, hold_id, hold, now=now):
            return number
    return None


def claim_with_full_ledger(org: str, session: str, hold_id: str, hold: Hold, *, now: datetime, queue: Queue | None = None) -> Located:
    """Claim after reading the full ledger: for a party that fits no single chunk, and for a claim that may have been made before.

    Return the hold and its chunk. A hold of an earlier attempt under this id is released first. With `queue`, the claim is public, and
    spots reserved for the queue are not given. Raises SessionFull, NotFound, Busy.
    """
    seemed_full = False
    for _ in range(ATTEMPTS):
        chunks = read(org, session)
        if not chunks:
            raise NotFound
        current = [Located(chunk.number, chunk.holds[hold_id]) for chunk in chunks if hold_id in chunk.holds]
        for found in current:
            if found.hold.is_for(hold):
                return found
        # One id must not hold spots twice. After a release, read the ledger again.
        if any(release_on(org, session, hold_id, held, chunk=number) for number, held in current if not held.is_taken):
            continue
        free = _free_unless_reserved(chunks, hold.spots, queue, now)
        is_full = free < hold.spots
        # The query is no snapshot of all chunks: one read may miss a spot that moves meanwhile, two in a row cannot.
        if is_full and (seemed_full or len(chunks) == 1):
            raise SessionFull(free=free, wanted=hold.spots)
        seemed_full = is_full
        claimed = None if is_full else _claim_with_room(org, session, chunks, hold_id, hold, now=now, queue=queue)
        if claimed:
            return claimed
    raise Busy


def _free_unless_reserved(chunks: Sequence[Chunk], wanted: int, queue: Queue | None, now: datetime) -> int:
    """Return the session's free spots. Raises SessionFull when they are reserved for the queue."""
    free = count(chunks, now).free
    if queue and is_reserved(chunks[0], free, queue, now):
        raise SessionFull(free=0, wanted=wanted)
    return free


def _claim_with_room(
    org: str, session: str, chunks: Sequence[Chunk], hold_id: str, hold: Hold, *, now: datetime, queue: Queue | None
) -> Located | None:
    """Claim on a chunk with room for the party, or make room on one. None: read the ledger again."""
    # Each claim starts at a chunk of its own, so that concurrent large parties do not all gather spots on the same one.
    first = preferred(hold_id, len(chunks))
    number = make_room(org, session, [*chunks[first:], *chunks[:first]], hold.spots, now=now)
    alone = queue if len(chunks) == 1 else None
    if number is None or not _claim_on(org, session, number, hold_id, hold, now=now, queue=alone):
        return None
    return Located(number, hold)


def claim_write(org: str, session: str, number: int, hold_id: str, hold: Hold) -> dict[str, Any]:
    """Return the transaction write that takes free spots of this chunk."""
    return {
        "Update": {
            "TableName": config().rosters_table,
            "Key": keys.chunk(org, session, number).stored(),
            "UpdateExpression": "SET #spots = #spots - :needed, h.#id = :hold",
            "ConditionExpression": f"{ENOUGH_SPOTS} AND {NO_DEBT} AND {NOT_THERE_YET}",
            "ExpressionAttributeNames": {"#spots": "spots", "#id": hold_id},
            "ExpressionAttributeValues": {":needed": stored(hold.spots), ":hold": hold_item(hold)},
        }
    }


def _claim_on(org: str, session: str, number: int, hold_id: str, hold: Hold, *, now: datetime, queue: Queue | None = None) -> bool:
    """Claim on one chunk. True when the hold is on it, False when the chunk cannot take it.

    With `queue`, the claim is public and the chunk is the session's only one. Raises SessionFull when its spots are reserved for the
    queue, Busy after too many conflicts.
    """
    taken_over: dict[str, Hold] = {}
    queue = queue if queue and now < queue.until else None
    unless = queue_is_empty() if queue else None
    for _ in range(ATTEMPTS):
        try:
            _write_claim(org, session, number, hold_id, hold, taken_over=taken_over, unless=unless)
        except dynamodb.ConditionFailed as failed:
            if not failed.old:
                return False
            chunk = chunk_from(failed.old)
        else:
            return True
        current = chunk.holds.get(hold_id)
        # An earlier write of this claim succeeded and its reply was lost.
        if current and current.is_for(hold):
            return True
        if queue:
            unless = _queue_as_seen(chunk, hold.spots, queue, now)
        found = None if current or chunk.debt else to_take_over(chunk, hold.spots, now, rotation=zlib.crc32(hold_id.encode()))
        if found is None:
            return False
        taken_over = found
    raise Busy


def _queue_as_seen(chunk: Chunk, wanted: int, queue: Queue, now: datetime) -> Guard:
    """Return the guard of the next try, as the condition may have failed only because of the queue.

    Raises SessionFull when the spots are reserved.
    """
    if is_reserved(chunk, chunk.available(now), queue, now):
        raise SessionFull(free=0, wanted=wanted)
    return as_counted(chunk) if chunk.waiting_by_size else queue_is_empty()


def _write_claim(
    org: str, session: str, number: int, hold_id: str, hold: Hold, *, taken_over: dict[str, Hold], unless: Guard | None
) -> None:
    """Write the claim in one update. The holds that it takes over, and the queue in `unless`, must be unchanged since they were read."""
    replaced = list(taken_over.values())
    indexes = range(len(replaced))
    needed, extra = hold.spots - sum(old.freed for old in replaced), sum(old.extra for old in replaced)
    change = "SET #spots = #spots - :needed, h.#id = :hold"
    if extra:
        change += ", extra = extra - :extra"
    if replaced:
        change += " REMOVE " + ", ".join(f"h.#o{index}" for index in indexes)
    conditions = [ENOUGH_SPOTS, NO_DEBT, NOT_THERE_YET, *(f"h.#o{index} = :o{index}" for index in indexes)]
    values = {":needed": stored(needed), ":hold": hold_item(hold)} | {f":o{index}": hold_item(old) for index, old in enumerate(replaced)}
    dynamodb.update(
        config().rosters_table,
        keys.chunk(org, session, number),
        change,
        " AND ".join([*conditions, unless.condition] if unless else conditions),
        names={"#spots": "spots", "#id": hold_id} | {f"#o{index}": old_id for index, old_id in enumerate(taken_over)},
        values=values | ({":extra": stored(extra)} if extra else {}) | (unless.values if unless else {}),
        want="NONE",
    )
