"""The partitions of sparse indexes in which the clock finds the due rows of all organisations, by time."""

from typing import Literal
from zlib import crc32

ClockKind = Literal["invitations", "waitlists", "portal", "jobs", "unsent", "gathering"]
PARTITIONS = 8
"""Of each kind. A run asks each once, whatever the number of organisations; one takes 1,000 writes a second."""


def clock(kind: ClockKind, org: str) -> str:
    """Return the partition with what the clock must look at, of this kind, for the organisation and those that share it."""
    return f"#{kind}#{crc32(org.encode()) % PARTITIONS}"


def clocks(kind: ClockKind) -> list[str]:
    """Return all partitions of a kind."""
    return [f"#{kind}#{number}" for number in range(PARTITIONS)]
