"""Claims of extra spots: they take no free ones, and all of a session's extras are on its first chunk."""

from datetime import datetime

from chalicelib.config import config
from chalicelib.rules.ledger import MOST_EXTRA, Chunk, Hold, TooManyExtras
from chalicelib.rules.refusals import Busy, NotFound
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.items import stored
from chalicelib.tables.ledger.chunks import chunk_from, hold_item
from chalicelib.tables.ledger.claims import ATTEMPTS, NOT_THERE_YET
from chalicelib.tables.ledger.holds import release_on

ROOM_FOR_EXTRA = "extra <= :room"


def claim_extra(org: str, session: str, hold_id: str, hold: Hold, *, now: datetime) -> int:
    """Add the hold with all its spots as extras, which take no free ones, and return its chunk.

    Raises TooManyExtras above fifty live extras, NotFound, Busy.
    """
    for _ in range(ATTEMPTS):
        old = _write_extra(org, session, hold_id, hold)
        if old is None:
            return 0
        current = old.holds.get(hold_id)
        # An earlier write of this claim succeeded and its reply was lost.
        if current and current.is_for(hold):
            return 0
        run_out = {id: held for id, held in old.expired(now).items() if held.extra}
        if current or not run_out:
            raise Busy if current else TooManyExtras
        for id, held in run_out.items():
            release_on(org, session, id, held, chunk=0)
    raise Busy


def _write_extra(org: str, session: str, hold_id: str, hold: Hold) -> Chunk | None:
    """Write the hold on chunk 0, where all extras are. Return None, or the chunk as it was when the condition failed."""
    try:
        dynamodb.update(
            config().rosters_table,
            keys.chunk(org, session, 0),
            "SET h.#id = :hold, extra = extra + :x",
            f"{NOT_THERE_YET} AND {ROOM_FOR_EXTRA}",
            names={"#id": hold_id},
            values={":hold": hold_item(hold), ":x": stored(hold.extra), ":room": stored(MOST_EXTRA - hold.extra)},
            want="NONE",
        )
    except dynamodb.ConditionFailed as failed:
        if not failed.old:
            raise NotFound from None
        return chunk_from(failed.old)
    return None
