"""Moves of spots between chunks, and changes of a session's size. They are rare, so transactions are affordable.

Each write requires the chunk's `cap` as it was read; settling a debt, and going below zero, its `spots` too.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from chalicelib.config import config
from chalicelib.rules.ledger import Chunk
from chalicelib.rules.rebalancing import Deltas, grow, settle_debts, shrink
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.items import stored
from chalicelib.tables.ledger.chunks import empty

CAP_AS_READ = "#cap = :cap"
SPOTS_AS_READ = "#spots = :spots"
SPARE_SPOTS = "#spots >= :given"
NEW = "attribute_not_exists(pk)"


def move(org: str, session: str, chunks: Sequence[Chunk], deltas: Deltas) -> bool:
    """Move free spots between chunks. False, with nothing changed, when a claim took them in the meantime."""
    writes = [_change(org, session, chunk, deltas[chunk.number]) for chunk in chunks if chunk.number in deltas]
    return _all_or_none(writes)


def settle_debt(org: str, session: str, chunks: Sequence[Chunk]) -> bool:
    """Settle the debt of a session that was made smaller than its use, and allow claims again.

    False while more spots are in use than the session has, or when a chunk changed since it was read.
    """
    deltas = settle_debts(chunks)
    if deltas is None:
        return False
    return _all_or_none([_exact(org, session, chunk, deltas.get(chunk.number, 0), debt=False) for chunk in chunks])


def resize_writes(org: str, session: str, chunks: Sequence[Chunk], by: int) -> tuple[list[dict[str, Any]], int]:
    """Return the transaction writes that change the session's spots by `by`, and the new number of chunks for the session's row."""
    if by > 0:
        deltas, fresh = grow(chunks, by)
        writes = [_change(org, session, chunk, deltas[chunk.number]) for chunk in chunks if chunk.number in deltas]
        numbers = range(len(chunks), len(chunks) + len(fresh))
        return [*writes, *(_new(org, session, number, cap) for number, cap in zip(numbers, fresh, strict=True))], len(chunks) + len(fresh)
    deltas = shrink(chunks, -by)
    below_zero = any(chunk.spots + deltas.get(chunk.number, 0) < 0 for chunk in chunks)
    if below_zero:
        # A chunk below zero refuses claims itself. Only with several chunks must the debt close the others too.
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
            "TableName": config().rosters_table,
            "Key": keys.chunk(org, session, chunk.number).stored(),
            "UpdateExpression": f"SET #cap = #cap + :by, #spots = #spots + :by{tail}",
            "ConditionExpression": condition,
            "ExpressionAttributeNames": {"#cap": "cap", "#spots": "spots"},
            "ExpressionAttributeValues": {":by": stored(by), ":cap": stored(chunk.cap), **values},
        }
    }


def _new(org: str, session: str, number: int, cap: int) -> dict[str, Any]:
    return {"Put": {"TableName": config().rosters_table, "Item": empty(org, session, number, cap), "ConditionExpression": NEW}}


def _all_or_none(writes: Iterable[dict[str, Any]]) -> bool:
    try:
        dynamodb.transact(writes)
    except dynamodb.TransactionFailed:
        return False
    return True
