"""A reservation: the spots of many invitations, held together on a session's ledger until each invitation gets its own.

On each chunk it is one hold, of a whole number of parties. Its id names the job and the chunk; the ledger's invariant covers it like any
other hold.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from chalicelib.rules.jobs import LONGEST
from chalicelib.rules.ledger import MOST_EXTRA, Chunk

PREFIX = "job-"
LASTS = LONGEST + timedelta(hours=1)
"""Longer than a job may run. What a job has not used by then is free again."""


class ReservedChunk(NamedTuple):
    """The part of a reservation on one chunk."""

    chunk: int
    parties: int
    moved: int = 0
    """How many free spots come to the chunk from others first; negative for those that it gives away."""
    extra: bool = False
    """Whether its spots are extra ones."""


def hold_id(job: str, share: ReservedChunk) -> str:
    """Return the id of a share's hold."""
    return f"{prefix(job)}{'x' if share.extra else share.chunk}"


def prefix(job: str) -> str:
    """Return how the ids of all holds of a job's reservation begin."""
    return f"{PREFIX}{job}-"


def is_reservation(hold: str) -> bool:
    """Whether the id of a hold is that of a reservation."""
    return hold.startswith(PREFIX)


def spread(chunks: Sequence[Chunk], size: int, parties: int) -> list[ReservedChunk]:
    """Return the shares of as many parties of this size as have room, at most `parties`.

    Where the spots that remain on several chunks make a further party together, they move to one of them. Chunks in debt have no room.
    """
    free = {chunk.number: 0 if chunk.debt else max(0, chunk.spots) for chunk in chunks}
    given: dict[int, int] = {}
    for number, spots in free.items():
        given[number] = min(parties - sum(given.values()), spots // size)
    rest = {number: spots - given[number] * size for number, spots in free.items()}
    moved = dict.fromkeys(free, 0)
    while sum(given.values()) < parties and sum(rest.values()) >= size:
        target = max(rest, key=lambda number: rest[number])
        _gather(rest, moved, target, size)
        given[target] += 1
        rest[target] -= size
    return [ReservedChunk(number, given[number], moved[number]) for number in free if given[number] or moved[number]]


def _gather(rest: dict[int, int], moved: dict[int, int], target: int, size: int) -> None:
    """Move spots of other chunks to the target, until it has `size`."""
    for number in rest:
        by = min(size - rest[target], rest[number]) if number != target else 0
        if by > 0:
            rest[number], rest[target] = rest[number] - by, rest[target] + by
            moved[number], moved[target] = moved[number] - by, moved[target] + by


def extra_share(chunks: Sequence[Chunk], size: int, parties: int) -> ReservedChunk:
    """Return the share of parties that get extra spots, which are all on the first chunk; as many as the session may have."""
    left = MOST_EXTRA - chunks[0].extra
    return ReservedChunk(chunks[0].number, min(parties, max(0, left) // size), extra=True)


def share_of(shares: Sequence[ReservedChunk], index: int) -> ReservedChunk | None:
    """Return the share of the party with this index, counted over all shares; None beyond them."""
    for share in shares:
        if index < share.parties:
            return share
        index -= share.parties
    return None
