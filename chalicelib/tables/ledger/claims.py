"""Taking spots: one conditional update on one chunk decides, and its failure shows why.

Promises: never more spots than there are; the same claim (id and nonce) made again is the same claim; a reply that was lost is
recognised by the nonce in the old image; holds that have run out are taken over in the write that needs their spots.
Source of the pattern: docs/decisions.md, "A spot is one conditional update on a chunk".
"""

import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chalicelib.rules.ledger import MOST_EXTRA, Chunk, Hold, SessionFull, TooManyExtras, count, to_take_over
from chalicelib.rules.refusals import Busy, NotFound
from chalicelib.rules.resizing import gathered
from chalicelib.rules.waitlist import Line, reserved
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.items import stored
from chalicelib.tables.ledger import gate
from chalicelib.tables.ledger.chunks import chunk_from, free_spots, hold_item, preferred, read
from chalicelib.tables.ledger.holds import release_on
from chalicelib.tables.ledger.line import Guard, as_counted, nobody_waits
from chalicelib.tables.ledger.sizes import move, settle

ENOUGH_SPOTS = "#spots >= :needed"
NOT_THERE_YET = "attribute_not_exists(h.#id)"
NO_DEBT = "attribute_not_exists(debt)"
ROOM_FOR_EXTRA = "extra <= :room"
ATTEMPTS = 12


def claim(org: str, session: str, hold_id: str, hold: Hold, *, chunks: int, now: datetime) -> int:
    """Take the hold's spots and return the number of the chunk that it lies in.

    Raises SessionFull when the session has too few, counting what has run out as free; Busy when too much changed meanwhile.
    """
    seat = _claim_quickly(org, session, hold_id, hold, chunks=chunks, now=now)
    return claim_patiently(org, session, hold_id, hold, now=now)[0] if seat is None else seat


def claim_publicly(org: str, session: str, hold_id: str, hold: Hold, *, chunks: int, line: Line, now: datetime) -> int:
    """Claim as `claim` does, but in a rush: one at a time takes the long look at the ledger, and what it finds turns the others away.

    Spots that are kept for the line are not given. Of a session with one chunk the claim itself makes sure of that.
    """
    gate.check(org, session, hold.n)
    seat = _claim_quickly(org, session, hold_id, hold, chunks=chunks, now=now, line=line if chunks == 1 else None)
    if seat is not None:
        return seat
    with gate.turn(org, session):
        gate.check(org, session, hold.n)
        try:
            return claim_patiently(org, session, hold_id, hold, now=now, line=line)[0]
        except SessionFull as full:
            gate.close(org, session, full)
            raise


def _claim_quickly(org: str, session: str, hold_id: str, hold: Hold, *, chunks: int, now: datetime, line: Line | None = None) -> int | None:
    """Claim on the chunk that is the claim's own, else on one that shows room. None when no first look finds any."""
    first = preferred(hold_id, chunks)
    if _claim_on(org, session, first, hold_id, hold, now=now, line=line):
        return first
    return _claim_where_free(org, session, hold_id, hold, now=now) if chunks > 1 else None


def _claim_where_free(org: str, session: str, hold_id: str, hold: Hold, *, now: datetime) -> int | None:
    """Claim on a chunk that shows enough free spots; different claims begin at different ones. None when none shows enough."""
    for _ in range(ATTEMPTS):
        able = [number for number, spots in free_spots(org, session).items() if spots >= hold.n]
        if not able:
            return None
        number = able[preferred(hold_id, len(able))]
        if _claim_on(org, session, number, hold_id, hold, now=now):
            return number
    return None


def claim_patiently(org: str, session: str, hold_id: str, hold: Hold, *, now: datetime, line: Line | None = None) -> tuple[int, Hold]:
    """Claim with the whole ledger in view: for a party that no first try could seat, and for a claim that may have been made before.

    Return where the hold lies and what it is. What an earlier attempt under this id still holds is freed first. With `line`, it is the
    public that claims: what is kept for the line is not given.
    """
    seemed_full = False
    for _ in range(ATTEMPTS):
        chunks = read(org, session)
        if not chunks:
            raise NotFound
        standing = [(chunk.number, chunk.holds[hold_id]) for chunk in chunks if hold_id in chunk.holds]
        for number, held in standing:
            if held.v == hold.v:
                return number, held
        if any(release_on(org, session, hold_id, held, chunk=number) for number, held in standing if held.s == "H"):
            continue
        free = count(chunks, now).free
        if line and reserved(chunks[0].waiting, free, line, now):
            raise SessionFull(free=0, wanted=hold.n)
        if free < hold.n:
            # Chunks are read one by one: a spot that moved meanwhile may be missing from one look, not from two in a row.
            if seemed_full or len(chunks) == 1:
                raise SessionFull(free=free, wanted=hold.n)
            seemed_full = True
            continue
        seemed_full = False
        # Each claim looks round from a place of its own, so that large parties do not all gather spots on the same chunk.
        first = preferred(hold_id, len(chunks))
        seat = _make_room(org, session, [*chunks[first:], *chunks[:first]], hold.n, now=now)
        alone = line if len(chunks) == 1 else None
        if seat is not None and _claim_on(org, session, seat, hold_id, hold, now=now, line=alone):
            return seat, hold
    raise Busy


def seat(org: str, session: str, wanted: int, *, now: datetime) -> int:
    """Return a chunk that shows so many free spots, making room if that is what it takes. Raises SessionFull, NotFound."""
    for _ in range(ATTEMPTS):
        chunks = read(org, session)
        if not chunks:
            raise NotFound
        free = count(chunks, now).free
        if free < wanted:
            raise SessionFull(free=free, wanted=wanted)
        able = [chunk.number for chunk in chunks if chunk.spots >= wanted and not chunk.debt]
        if able:
            return able[0]
        if not _clear_expired(org, session, chunks, now):
            _make_room(org, session, chunks, wanted, now=now)
    raise Busy


def claim_write(org: str, session: str, number: int, hold_id: str, hold: Hold) -> dict[str, Any]:
    """Return the write that takes free spots of this chunk, for a transaction."""
    return {
        "Update": {
            "TableName": settings().rosters_table,
            "Key": keys.chunk(org, session, number).stored(),
            "UpdateExpression": "SET #spots = #spots - :needed, h.#id = :hold",
            "ConditionExpression": f"{ENOUGH_SPOTS} AND {NO_DEBT} AND {NOT_THERE_YET}",
            "ExpressionAttributeNames": {"#spots": "spots", "#id": hold_id},
            "ExpressionAttributeValues": {":needed": stored(hold.n), ":hold": hold_item(hold)},
        }
    }


def claim_extra(org: str, session: str, hold_id: str, hold: Hold, *, now: datetime) -> int:
    """Add the hold as extra spots (`x = n`), which take nothing from the free ones. Raises TooManyExtras beyond fifty live ones."""
    for _ in range(ATTEMPTS):
        old = _write_extra(org, session, hold_id, hold)
        if old is None:
            return 0
        standing = old.holds.get(hold_id)
        if standing and standing.v == hold.v:
            return 0
        run_out = {own: held for own, held in old.expired(now).items() if held.x}
        if standing or not run_out:
            raise Busy if standing else TooManyExtras
        for own, held in run_out.items():
            release_on(org, session, own, held, chunk=0)
    raise Busy


def _write_extra(org: str, session: str, hold_id: str, hold: Hold) -> Chunk | None:
    """Write the hold on the first chunk, where all extras are; return None, or the chunk that has no room for it."""
    try:
        requests.update(
            settings().rosters_table,
            keys.chunk(org, session, 0),
            "SET h.#id = :hold, extra = extra + :x",
            f"{NOT_THERE_YET} AND {ROOM_FOR_EXTRA}",
            names={"#id": hold_id},
            values={":hold": hold_item(hold), ":x": stored(hold.x), ":room": stored(MOST_EXTRA - hold.x)},
            want="NONE",
        )
    except requests.ConditionFailed as failed:
        if not failed.old:
            raise NotFound from None
        return chunk_from(failed.old)
    return None


def _claim_on(org: str, session: str, number: int, hold_id: str, hold: Hold, *, now: datetime, line: Line | None = None) -> bool:
    """Try one chunk: True when the hold is on it, False when it has too few spots.

    With `line` the chunk is the session's only one, and the public claims: SessionFull when its spots are kept for those in line.
    """
    taken_over: dict[str, Hold] = {}
    line = line if line and now < line.until else None
    unless = nobody_waits() if line else None
    for _ in range(ATTEMPTS):
        try:
            _write_claim(org, session, number, hold_id, hold, taken_over=taken_over, unless=unless)
        except requests.ConditionFailed as failed:
            if not failed.old:
                return False
            chunk = chunk_from(failed.old)
            standing = chunk.holds.get(hold_id)
            if standing and standing.v == hold.v:
                return True
            if line:
                if reserved(chunk.waiting, chunk.within_reach(now), line, now):
                    raise SessionFull(free=0, wanted=hold.n) from None
                unless = as_counted(chunk) if chunk.waiting else nobody_waits()
            found = None if standing or chunk.debt else to_take_over(chunk, hold.n, now, turn=zlib.crc32(hold_id.encode()))
            if found is None:
                return False
            taken_over = found
        else:
            return True
    raise Busy


def _write_claim(
    org: str, session: str, number: int, hold_id: str, hold: Hold, *, taken_over: dict[str, Hold], unless: Guard | None
) -> None:
    """Write the claim in one update; holds that it takes over, and the line if it is looked at, must be exactly as they were seen."""
    freed = sum(old.back for old in taken_over.values())
    names = {"#spots": "spots", "#id": hold_id}
    values = {":needed": stored(hold.n - freed), ":hold": hold_item(hold)}
    conditions = [ENOUGH_SPOTS, NO_DEBT, NOT_THERE_YET]
    removed = []
    for place, (old_id, old) in enumerate(taken_over.items()):
        names[f"#o{place}"] = old_id
        values[f":o{place}"] = hold_item(old)
        conditions.append(f"h.#o{place} = :o{place}")
        removed.append(f"h.#o{place}")
    change = "SET #spots = #spots - :needed, h.#id = :hold"
    extra = sum(old.x for old in taken_over.values())
    if extra:
        change += ", extra = extra - :extra"
        values[":extra"] = stored(extra)
    if removed:
        change += " REMOVE " + ", ".join(removed)
    if unless:
        conditions.append(unless.condition)
        values |= unless.values
    requests.update(
        settings().rosters_table,
        keys.chunk(org, session, number),
        change,
        " AND ".join(conditions),
        names=names,
        values=values,
        want="NONE",
    )


def _make_room(org: str, session: str, chunks: Sequence[Chunk], wanted: int, *, now: datetime) -> int | None:
    """Return a chunk with room for the party, moving spots between chunks if that is what it takes; None to look again."""
    if any(chunk.debt for chunk in chunks):
        if not settle(org, session, chunks):
            _clear_expired(org, session, chunks, now)
        return None
    able = [chunk for chunk in chunks if chunk.within_reach(now) >= wanted]
    if able:
        return max(able, key=lambda chunk: chunk.within_reach(now)).number
    if _clear_expired(org, session, chunks, now):
        return None
    deltas = gathered(chunks, wanted)
    if deltas:
        move(org, session, chunks, deltas)
        return max(deltas, key=lambda number: deltas[number])
    return None


def _clear_expired(org: str, session: str, chunks: Sequence[Chunk], now: datetime) -> bool:
    """Free what has run out, exactly as it was seen, so that its spots can be moved or pay a debt. True when there was something."""
    expired = [(chunk.number, *entry) for chunk in chunks for entry in chunk.expired(now).items()]
    for number, hold_id, hold in expired:
        release_on(org, session, hold_id, hold, chunk=number)
    return bool(expired)
