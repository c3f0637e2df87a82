"""Moves of spots between chunks, when a session changes its size, a party fits into no single chunk, or a debt is settled.

Every function returns deltas, chunk number → change of its `spots` and `cap`. Nothing is written here.
"""

from collections.abc import Sequence

from chalicelib.rules.ledger import CHUNK_SIZE, Chunk

Deltas = dict[int, int]


def grow(chunks: Sequence[Chunk], more: int) -> tuple[Deltas, list[int]]:
    """Return the deltas of existing chunks and the sizes of new ones. Debts are settled first, then chunks below fifty are filled."""
    deltas: Deltas = {}
    for chunk in chunks:
        room = min(more, max(0, CHUNK_SIZE - chunk.cap, -chunk.spots))
        if room:
            deltas[chunk.number] = room
            more -= room
    fresh = [CHUNK_SIZE] * (more // CHUNK_SIZE) + ([more % CHUNK_SIZE] if more % CHUNK_SIZE else [])
    return deltas, fresh


def shrink(chunks: Sequence[Chunk], fewer: int) -> Deltas:
    """Return the deltas that remove `fewer` spots: all free spots before any chunk goes below zero."""
    deltas: Deltas = {}
    for chunk in sorted(chunks, key=lambda chunk: -chunk.spots):
        given = min(fewer, max(0, chunk.spots))
        if given:
            deltas[chunk.number] = -given
            fewer -= given
    for chunk in chunks:
        given = min(fewer, max(0, chunk.cap + deltas.get(chunk.number, 0)))
        if given:
            deltas[chunk.number] = deltas.get(chunk.number, 0) - given
            fewer -= given
    return deltas


def gather(chunks: Sequence[Chunk], wanted: int) -> Deltas | None:
    """Return the deltas after which the chunk with most free spots has `wanted` of them; None when the session has too few."""
    return gather_on(chunks, max(chunks, key=lambda chunk: chunk.spots).number, wanted)


def gather_on(chunks: Sequence[Chunk], number: int, wanted: int) -> Deltas | None:
    """Return the deltas after which chunk `number` has `wanted` free spots; None when the session has too few."""
    if sum(chunk.spots for chunk in chunks) < wanted:
        return None
    missing = wanted - next(chunk.spots for chunk in chunks if chunk.number == number)
    deltas: Deltas = {}
    for chunk in chunks:
        given = min(missing, chunk.spots) if chunk.number != number else 0
        if given > 0:
            deltas[chunk.number] = -given
            missing -= given
    return {**deltas, number: -sum(deltas.values())} if deltas else {}


def settle_debts(chunks: Sequence[Chunk]) -> Deltas | None:
    """Return the deltas after which no chunk is below zero; None while the session's sum is below zero."""
    if sum(chunk.spots for chunk in chunks) < 0:
        return None
    owed = sum(-chunk.spots for chunk in chunks if chunk.spots < 0)
    deltas = {chunk.number: -chunk.spots for chunk in chunks if chunk.spots < 0}
    for chunk in chunks:
        given = min(owed, max(0, chunk.spots))
        if given:
            deltas[chunk.number] = -given
            owed -= given
    return deltas
