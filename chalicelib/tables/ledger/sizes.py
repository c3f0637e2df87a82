"""Spots that move: between chunks, or in and out of a session. Rare, so these are transactions; each chunk must be as it was read."""

from collections.abc import Iterable, Sequence
from typing import Any

from chalicelib.rules.ledger import Chunk
from chalicelib.rules.resizing import Deltas, grown, settled, shrunk
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.items import stored
from chalicelib.tables.ledger.chunks import empty

CAP_AS_READ = "#cap = :cap"
SPOTS_AS_READ = "#spots = :spots"
SPARE_SPOTS = "#spots >= :given"
NEW = "attribute_not_exists(pk)"


def move(org: str, session: str, chunks: Sequence[Chunk], deltas: Deltas) -> bool:
    """Move free spots between chunks. False when somebody took them meanwhile; nothing has changed then."""
    writes = [_change(org, session, chunk, deltas[chunk.number]) for chunk in chunks if chunk.number in deltas]
    return _all_or_none(writes)


def settle(org: str, session: str, chunks: Sequence[Chunk]) -> bool:
    """Once no more is in use than a smaller session has, bring every chunk above zero and open the session's claims again."""
    deltas = settled(chunks)
    if deltas is None:
        return False
    return _all_or_none([_exact(org, session, chunk, deltas.get(chunk.number, 0), debt=False) for chunk in chunks])


def resize_writes(org: str, session: str, chunks: Sequence[Chunk], by: int) -> tuple[list[dict[str, Any]], int]:
    """Return the writes that change the session's spots by so many, to be made with its header, and how many chunks there are then."""
    if by > 0:
        deltas, fresh = grown(chunks, by)
        writes = [_change(org, session, chunk, deltas[chunk.number]) for chunk in chunks if chunk.number in deltas]
        numbers = range(len(chunks), len(chunks) + len(fresh))
        return [*writes, *(_new(org, session, number, cap) for number, cap in zip(numbers, fresh, strict=True))], len(chunks) + len(fresh)
    deltas = shrunk(chunks, -by)
    below_zero = any(chunk.spots + deltas.get(chunk.number, 0) < 0 for chunk in chunks)
    if below_zero:
        return [_exact(org, session, chunk, deltas.get(chunk.number, 0), debt=len(chunks) > 1) for chunk in chunks], len(chunks)
    return [_change(org, session, chunk, deltas[chunk.number]) for chunk in chunks if chunk.number in deltas], len(chunks)


def _change(org: str, session: str, chunk: Chunk, by: int) -> dict[str, Any]:
    if by > 0:
        return _update(org, session, chunk, by, condition=CAP_AS_READ, values={})
    return _update(org, session, chunk, by, condition=f"{CAP_AS_READ} AND {SPARE_SPOTS}", values={":given": stored(-by)})


def _exact(org: str, session: str, chunk: Chunk, by: int, *, debt: bool) -> dict[str, Any]:
    tail = ", debt = :debt" if debt else " REMOVE debt"
    values = {":spots": stored(chunk.spots), **({":debt": stored(True)} if debt else {})}
    return _update(org, session, chunk, by, condition=f"{CAP_AS_READ} AND {SPOTS_AS_READ}", values=values, tail=tail)


def _update(org: str, session: str, chunk: Chunk, by: int, *, condition: str, values: dict[str, Any], tail: str = "") -> dict[str, Any]:
    return {
        "Update": {
            "TableName": settings().rosters_table,
            "Key": keys.chunk(org, session, chunk.number).stored(),
            "UpdateExpression": f"SET #cap = #cap + :by, #spots = #spots + :by{tail}",
            "ConditionExpression": condition,
            "ExpressionAttributeNames": {"#cap": "cap", "#spots": "spots"},
            "ExpressionAttributeValues": {":by": stored(by), ":cap": stored(chunk.cap), **values},
        }
    }


def _new(org: str, session: str, number: int, cap: int) -> dict[str, Any]:
    return {"Put": {"TableName": settings().rosters_table, "Item": empty(org, session, number, cap), "ConditionExpression": NEW}}


def _all_or_none(writes: Iterable[dict[str, Any]]) -> bool:
    try:
        requests.transact(writes)
    except requests.TransactionFailed:
        return False
    return True
