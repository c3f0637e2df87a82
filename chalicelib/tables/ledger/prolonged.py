"""Holds that last longer than they were claimed for."""

from chalicelib.config import config
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.ledger.chunks import hold_item
from chalicelib.tables.ledger.holds import AS_SEEN, ATTEMPTS, HoldGone, Located, locate


def prolong(org: str, session: str, hold_id: str, *, nonce: str, chunk: int, until: int) -> Located:
    """Prolong a held hold at least until a moment, in seconds since 1970, and return it; also an expired one whose spots nobody has
    taken. Safe to repeat.

    Raises HoldGone, also for a confirmed one.
    """
    for _ in range(ATTEMPTS):
        found = locate(org, session, hold_id, chunk=chunk)
        if found is None or found.hold.nonce != nonce or found.hold.is_taken:
            raise HoldGone
        longer = found.hold._replace(expires_at=max(until, found.hold.expires_at or 0))
        try:
            dynamodb.update(
                config().rosters_table,
                keys.chunk(org, session, found.chunk),
                "SET h.#id = :longer",
                AS_SEEN,
                names={"#id": hold_id},
                values={":longer": hold_item(longer), ":seen": hold_item(found.hold)},
                want="NONE",
            )
        except dynamodb.ConditionFailed:
            continue  # It was taken over, moved or prolonged meanwhile.
        return Located(found.chunk, longer)
    raise HoldGone
