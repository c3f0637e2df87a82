"""Where spots go when a session changes its size, a party fits no single chunk, or a debt is settled.

Every function returns what each chunk's `spots` (and with it its `cap`) changes by; nothing is written here.
"""

from collections.abc import Sequence

from chalicelib.rules.ledger import CHUNK_SIZE, Chunk

Deltas = dict[int, int]


def grown(chunks: Sequence[Chunk], more: int) -> tuple[Deltas, list[int]]:
    """Return what existing chunks get and the sizes of new ones: debts are paid and chunks below fifty filled first."""
    deltas: Deltas = {}
    for chunk in chunks:
        room = min(more, max(0, CHUNK_SIZE - chunk.cap, -chunk.spots))
        if room:
            deltas[chunk.number] = room
            more -= room
    fresh = [CHUNK_SIZE] * (more // CHUNK_SIZE) + ([more % CHUNK_SIZE] if more % CHUNK_SIZE else [])
    return deltas, fresh


def shrunk(chunks: Sequence[Chunk], fewer: int) -> Deltas:
    """Return what chunks give up: every free spot before any chunk goes below zero."""
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


def gathered(chunks: Sequence[Chunk], wanted: int) -> Deltas | None:
    """Return the moves after which one chunk has `wanted` spots; None when all together have too few."""
    return brought_to(chunks, max(chunks, key=lambda chunk: chunk.spots).number, wanted)


def brought_to(chunks: Sequence[Chunk], number: int, wanted: int) -> Deltas | None:
    """Return the moves after which this chunk has `wanted` spots; None when all together have too few."""
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


def settled(chunks: Sequence[Chunk]) -> Deltas | None:
    """Return the moves after which no chunk is below zero; None while the session as a whole still is."""
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
