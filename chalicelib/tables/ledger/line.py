"""Who is in line for spots, counted on the first chunk: so a claim of the public is refused in the very write that would take a spot.

`waits` counts the parties in line, `w1`, `w2` … those of each size. They change in the transactions that change the entries.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from chalicelib.rules.ledger import Chunk, SessionFull, count
from chalicelib.rules.waitlist import Line, reserved
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.items import Item, stored
from chalicelib.tables.ledger.chunks import SIZE, read

THERE = "attribute_exists(pk)"


class Guard(NamedTuple):
    """A part of a claim's condition, with its values."""

    condition: str
    values: Item


def line_write(org: str, session: str, spots: int, by: int) -> dict[str, Any]:
    """Return the write that counts a party of this size into the line (`by` 1) or out of it (-1), for a transaction."""
    return {
        "Update": {
            "TableName": settings().rosters_table,
            "Key": keys.chunk(org, session, 0).stored(),
            "UpdateExpression": f"ADD waits :by, {SIZE}{spots} :by",
            "ConditionExpression": THERE if by > 0 else f"{SIZE}{spots} > :none",
            "ExpressionAttributeValues": {":by": stored(by), **({} if by > 0 else {":none": stored(0)})},
        }
    }


def check_line(org: str, session: str, first: Chunk, line: Line, *, chunks: int, wanted: int, now: datetime) -> None:
    """Refuse the public when what is free is kept for those in line. Raises SessionFull."""
    if not first.waiting:
        return
    free = count([first] if chunks == 1 else read(org, session), now).free
    if reserved(first.waiting, free, line, now):
        raise SessionFull(free=0, wanted=wanted)


def nobody_waits() -> Guard:
    return Guard("NOT waits > :nobody", {":nobody": stored(0)})


def as_counted(chunk: Chunk) -> Guard:
    """Return the guard of a claim that was weighed: the line is still as it was seen, and no more spots are free.

    With fewer, what was too little for everybody in line is so all the more; so buyers do not stand in each other's way.
    """
    values = {":waits": stored(chunk.waits), ":free": stored(chunk.spots)}
    values |= {f":{SIZE}{size}": stored(many) for size, many in chunk.waiting.items()}
    same = [f"{SIZE}{size} = :{SIZE}{size}" for size in chunk.waiting]
    return Guard(" AND ".join(["waits = :waits", "#spots <= :free", *same]), values)


def recount_line(org: str, session: str, seen: Chunk, right: Mapping[int, int]) -> bool:
    """Make the counts of the line what they must be, if they are exactly as they were read. False when they are not any more."""
    sizes = sorted(seen.waiting.keys() | right.keys())
    same = [_as_seen(f"{SIZE}{size}", size in seen.waiting) for size in sizes]
    changes = ", ".join(["waits = :right", *(f"{SIZE}{size} = :right{size}" for size in sizes)])
    values = {":waits": stored(seen.waits), ":right": stored(sum(right.values()))}
    values |= {f":{SIZE}{size}": stored(seen.waiting.get(size, 0)) for size in sizes}
    values |= {f":right{size}": stored(right.get(size, 0)) for size in sizes}
    condition = " AND ".join([THERE, _as_seen("waits", seen.waits != 0), *same])
    try:
        requests.update(settings().rosters_table, keys.chunk(org, session, 0), f"SET {changes}", condition, values=values)
    except requests.ConditionFailed:
        return False
    return True


def _as_seen(counter: str, counted: bool) -> str:
    """Return the condition that a counter is as it was seen; one that was never counted is not there."""
    return f"{counter} = :{counter}" if counted else f"({counter} = :{counter} OR attribute_not_exists({counter}))"
