"""The counts of the queue, on chunk 0: there the write of a public claim can refuse itself while parties are in line.

`waits` counts all parties in line; `w1`, `w2` … those of each size. The transactions that change the entries change the counts.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from chalicelib.config import config
from chalicelib.rules.ledger import Chunk, SessionFull, count
from chalicelib.rules.waitlist import Queue, reserved
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.items import Item, stored
from chalicelib.tables.ledger.chunks import SIZE, read

THERE = "attribute_exists(pk)"


class Guard(NamedTuple):
    """A part of a claim's condition, with its values."""

    condition: str
    values: Item


def queue_write(org: str, session: str, spots: int, by: int, *, unconfirmed: bool = False) -> dict[str, Any]:
    """Return the transaction write that counts a party of this size into the queue (`by` 1) or out of it (-1)."""
    unsure = ", unsure :by" if unconfirmed else ""
    return {
        "Update": {
            "TableName": config().rosters_table,
            "Key": keys.chunk(org, session, 0).stored(),
            "UpdateExpression": f"ADD waits :by, {SIZE}{spots} :by{unsure}",
            "ConditionExpression": THERE if by > 0 else f"{SIZE}{spots} > :none",
            "ExpressionAttributeValues": {":by": stored(by), **({} if by > 0 else {":none": stored(0)})},
        }
    }


def confirm_write(org: str, session: str) -> dict[str, Any]:
    """Return the transaction write that counts a party in line among the confirmed ones."""
    return {
        "Update": {
            "TableName": config().rosters_table,
            "Key": keys.chunk(org, session, 0).stored(),
            "UpdateExpression": "ADD unsure :out",
            "ConditionExpression": "unsure > :none",
            "ExpressionAttributeValues": {":out": stored(-1), ":none": stored(0)},
        }
    }


def is_reserved(first: Chunk, free: int, queue: Queue, now: datetime) -> bool:
    """Whether the free spots of the session are kept from the public, by the counts on its first chunk."""
    return reserved(first.waiting_by_size, free, queue, now, unconfirmed=first.unconfirmed_parties)


def check_queue(org: str, session: str, first: Chunk, queue: Queue, *, chunks: int, wanted: int, now: datetime) -> None:
    """Raise SessionFull when the free spots are reserved for the queue."""
    if not first.waiting_by_size:
        return
    free = count([first] if chunks == 1 else read(org, session), now).free
    if is_reserved(first, free, queue, now):
        raise SessionFull(free=0, wanted=wanted)


def queue_is_empty() -> Guard:
    return Guard("NOT waits > :nobody", {":nobody": stored(0)})


def as_counted(chunk: Chunk) -> Guard:
    """Return the guard of a claim that `reserved` allowed: the queue is unchanged, and no more spots are free than were seen.

    Fewer free spots are no conflict: if they were too few for every party in line, they still are. So buyers do not block each other.
    """
    values = {":waits": stored(chunk.waiting_parties), ":free": stored(chunk.spots)}
    values |= {f":{SIZE}{size}": stored(many) for size, many in chunk.waiting_by_size.items()}
    same = [f"{SIZE}{size} = :{SIZE}{size}" for size in chunk.waiting_by_size]
    if chunk.unconfirmed_parties:  # A party that is confirmed meanwhile may keep spots that it did not keep before.
        values[":unsure"] = stored(chunk.unconfirmed_parties)
        same.append("unsure = :unsure")
    return Guard(" AND ".join(["waits = :waits", "#spots <= :free", *same]), values)


def recount_queue(org: str, session: str, seen: Chunk, right: Mapping[int, int], unconfirmed: int = 0) -> bool:
    """Correct the counts of the queue to `right`. False when they have changed since they were read."""
    sizes = sorted(seen.waiting_by_size.keys() | right.keys())
    same = [_as_seen(f"{SIZE}{size}", size in seen.waiting_by_size) for size in sizes]
    changes = ", ".join(["waits = :right", "unsure = :sure", *(f"{SIZE}{size} = :right{size}" for size in sizes)])
    values = {":waits": stored(seen.waiting_parties), ":right": stored(sum(right.values()))}
    values |= {":unsure": stored(seen.unconfirmed_parties), ":sure": stored(unconfirmed)}
    values |= {f":{SIZE}{size}": stored(seen.waiting_by_size.get(size, 0)) for size in sizes}
    values |= {f":right{size}": stored(right.get(size, 0)) for size in sizes}
    condition = " AND ".join(
        [THERE, _as_seen("waits", seen.waiting_parties != 0), _as_seen("unsure", seen.unconfirmed_parties != 0), *same]
    )
    try:
        dynamodb.update(config().rosters_table, keys.chunk(org, session, 0), f"SET {changes}", condition, values=values)
    except dynamodb.ConditionFailed:
        return False
    return True


def _as_seen(name: str, counted: bool) -> str:
    """Return the condition that a count is unchanged. A count that was never written is absent."""
    return f"{name} = :{name}" if counted else f"({name} = :{name} OR attribute_not_exists({name}))"
