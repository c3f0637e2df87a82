"""A one-second memory of "full", for the public path: in a rush, those who lose cost nothing.

It only ever refuses early; about whoever passes it the ledger decides. Every release in this process opens it again.
Staff never meet it.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from chalicelib.rules.ledger import SessionFull

SECONDS = 1.0
MOST_SESSIONS = 1000
_full: dict[tuple[str, str], tuple[float, int]] = {}
_turns = [threading.Lock() for _ in range(64)]


def close(org: str, session: str, refused: SessionFull) -> None:
    """Remember how many spots were free when a party was refused."""
    if len(_full) >= MOST_SESSIONS:
        _full.clear()
    _full[org, session] = (time.monotonic() + SECONDS, refused.free)


def check(org: str, session: str, wanted: int) -> None:
    """Refuse a party that would have been refused within the last second."""
    until, free = _full.get((org, session), (0.0, 0))
    if free < wanted and time.monotonic() < until:
        raise SessionFull(free=free, wanted=wanted)


@contextmanager
def turn(org: str, session: str) -> Iterator[None]:
    """Wait for one's turn: of all threads of this process, one at a time asks about a session (or one that shares its lock)."""
    with _turns[hash((org, session)) % len(_turns)]:
        yield


def reopen(org: str, session: str) -> None:
    _full.pop((org, session), None)
