"""Room for a party on one chunk: expired holds are released, debts settled, and free spots moved from other chunks."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.rules.ledger import Chunk, SessionFull, count
from chalicelib.rules.rebalancing import gather
from chalicelib.rules.refusals import Busy, NotFound
from chalicelib.tables.ledger.chunks import read
from chalicelib.tables.ledger.holds import release_on
from chalicelib.tables.ledger.rebalancing import move, settle_debt

ATTEMPTS = 12


def chunk_with_room(org: str, session: str, wanted: int, *, now: datetime) -> int:
    """Return a chunk with `wanted` free spots, making room where needed. Raises SessionFull, NotFound, Busy."""
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
        if not clear_expired(org, session, chunks, now):
            make_room(org, session, chunks, wanted, now=now)
    raise Busy


def make_room(org: str, session: str, chunks: Sequence[Chunk], wanted: int, *, now: datetime) -> int | None:
    """Return a chunk with room for the party, moving spots between chunks where needed. None: read the ledger again."""
    if any(chunk.debt for chunk in chunks):
        if not settle_debt(org, session, chunks):
            clear_expired(org, session, chunks, now)
        return None
    able = [chunk for chunk in chunks if chunk.available(now) >= wanted]
    if able:
        return max(able, key=lambda chunk: chunk.available(now)).number
    if clear_expired(org, session, chunks, now):
        return None
    deltas = gather(chunks, wanted)
    if deltas:
        move(org, session, chunks, deltas)
        return max(deltas, key=lambda number: deltas[number])
    return None


def clear_expired(org: str, session: str, chunks: Sequence[Chunk], now: datetime) -> bool:
    """Release the expired holds, so that their spots can be moved or settle a debt. True when there were any."""
    expired = [(chunk.number, *held) for chunk in chunks for held in chunk.expired(now).items()]
    for number, hold_id, hold in expired:
        release_on(org, session, hold_id, hold, chunk=number)
    return bool(expired)
