"""A one-second cache of "session full" for public claims: in a rush, refused parties cost no request to DynamoDB.

The cache can only refuse; the ledger decides about every other claim. A release in this process forgets the session.
Claims of staff do not use it.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from chalicelib.rules.ledger import SessionFull

SECONDS = 1.0
MOST_SESSIONS = 1000
_full: dict[tuple[str, str], tuple[float, int]] = {}
_locks = [threading.Lock() for _ in range(64)]


def close(org: str, session: str, refused: SessionFull) -> None:
    """Cache the number of free spots at a refusal."""
    if len(_full) >= MOST_SESSIONS:
        _full.clear()
    _full[org, session] = (time.monotonic() + SECONDS, refused.free)


def check(org: str, session: str, wanted: int) -> None:
    """Raise SessionFull for a party larger than the number of free spots in the cache."""
    until, free = _full.get((org, session), (0.0, 0))
    if free < wanted and time.monotonic() < until:
        raise SessionFull(free=free, wanted=wanted)


@contextmanager
def lock(org: str, session: str) -> Iterator[None]:
    """Hold the session's lock: one thread of this process at a time reads its full ledger. Some sessions share a lock."""
    with _locks[hash((org, session)) % len(_locks)]:
        yield


def reopen(org: str, session: str) -> None:
    _full.pop((org, session), None)
