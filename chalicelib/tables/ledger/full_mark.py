"""The mark that a session of several chunks was found full. All functions share it, where the full cache belongs to one process.

A public request reads the mark with all else that it needs, so that in a rush a refused party costs no read of the ledger and no write.
A mark refuses for at most five seconds after its ledger was read, and the stream removes it when spots become free. So a free spot is
refused for a moment at most: until the stream has followed, never longer than five seconds. It never refuses staff.
"""

import time
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from chalicelib.config import config
from chalicelib.rules.ledger import Chunk, SessionFull, count
from chalicelib.rules.refusals import Busy
from chalicelib.rules.waitlist import Queue
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.conditions import ALWAYS
from chalicelib.tables.items import Item, item
from chalicelib.tables.ledger.chunks import read
from chalicelib.tables.ledger.waitlist_count import is_reserved

SECONDS = 5.0
READS = 2
"""A query is no snapshot of all chunks: one read may miss a spot that moves meanwhile, two in a row cannot."""


def moment() -> float:
    """Return the seconds since 1970 by the clock of the machine."""
    return time.time()


class FullMark(NamedTuple):
    """The number of free spots at a refusal, and the moment until which it refuses, in seconds since 1970."""

    free: int
    until: float

    @property
    def is_current(self) -> bool:
        """Whether it still refuses. One from a function whose clock is ahead waits until it could have been written by our clock."""
        return 0 < self.until - moment() <= SECONDS

    def refuses(self, wanted: int) -> bool:
        return self.free < wanted and self.is_current


def full_mark_from(row: Item | None) -> FullMark | None:
    return FullMark(int(row["free"]["N"]), float(row["until"]["N"])) if row else None


def mark_full(org: str, session: str, refused: SessionFull, *, read_at: float) -> None:
    """Write the mark. `read_at`: seconds since 1970, before the ledger was read. A mark may replace a
    later one: both were true within five seconds. While DynamoDB is busy, none is written: it only saves work.
    """
    until = read_at + SECONDS
    row = {**keys.full_session(org, session).stored(), **item({"free": refused.free, "until": until, "forget_at": int(until) + 1})}
    with suppress(Busy):
        dynamodb.put(config().memory_table, row, ALWAYS)


def remove_full_mark(org: str, session: str) -> None:
    """Remove the mark, if there is one: spots are free."""
    dynamodb.delete(config().memory_table, keys.full_session(org, session), ALWAYS)


def check_full_mark(org: str, session: str, mark: FullMark | None, *, first: Chunk, queue: Queue, wanted: int, now: datetime) -> None:
    """Raise SessionFull by a current mark. One that has run out is renewed or removed by a read of the ledger, before anything is written.

    The ledger is read too while parties are in line, who are counted on the first chunk: its free spots may be reserved for them.
    """
    if mark and mark.refuses(wanted):
        raise SessionFull(free=mark.free, wanted=wanted)
    has_run_out = mark is not None and mark.free < wanted
    if not has_run_out and not first.waiting_by_size:
        return
    read_at = moment()
    free = _free(org, session, queue, wanted, now)
    if free < wanted:
        refused = SessionFull(free=free, wanted=wanted)
        mark_full(org, session, refused, read_at=read_at)
        raise refused
    if has_run_out:
        remove_full_mark(org, session)


def _free(org: str, session: str, queue: Queue, wanted: int, now: datetime) -> int:
    """Return the spots that are free for the public, none while they are reserved for the queue. Too few are counted again."""
    free = 0
    for _ in range(READS):
        chunks = read(org, session)
        free = count(chunks, now).free
        free = 0 if is_reserved(chunks[0], free, queue, now) else free
        if free >= wanted:
            break
    return free
