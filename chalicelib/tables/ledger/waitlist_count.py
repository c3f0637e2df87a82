"""The counts of the queue, on chunk 0: there the write of a public claim can refuse itself while parties are in line.

`waits` counts all parties in line; `w1`, `w2` … those of each size; `live` all live entries, with an offer or held back too, so that
who joins learns its position without a look at them. The transactions that change the entries change the counts.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from chalicelib.config import config
from chalicelib.rules.ledger import NOT_COUNTED, Chunk, SessionFull, count
from chalicelib.rules.waitlist import Queue, reserved
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.items import Item, stored
from chalicelib.tables.ledger.chunks import LIVE, SIZE, read

THERE = "attribute_exists(pk)"
COUNT_LIVE = f"SET {LIVE} = if_not_exists({LIVE}, :unknown) + :by_live"


class Guard(NamedTuple):
    """A part of a claim's condition, with its values."""

    condition: str
    values: Item


def queue_write(org: str, session: str, spots: int, by: int, *, unconfirmed: bool = False, live: int = 0) -> dict[str, Any]:
    """Return the transaction write that counts a party of this size into the queue (`by` 1) or out of it (-1).

    `live`: what it adds to the number of live entries.
    """
    unsure = ", unsure :by" if unconfirmed else ""
    condition, values = (THERE, {":by": by}) if by > 0 else (f"{SIZE}{spots} > :none", {":by": by, ":none": 0})
    change = f"ADD waits :by, {SIZE}{spots} :by{unsure}"
    if live:
        return _write(org, session, f"{COUNT_LIVE} {change}", condition, values | _live_values(live))
    return _write(org, session, change, condition, values)


def live_write(org: str, session: str, by: int) -> dict[str, Any]:
    """Return the transaction write that counts an entry which is not in line among the live ones (`by` 1) or no more (-1)."""
    return _write(org, session, COUNT_LIVE, THERE, _live_values(by))


def confirm_write(org: str, session: str) -> dict[str, Any]:
    """Return the transaction write that counts a party in line among the confirmed ones."""
    return _write(org, session, "ADD unsure :out", "unsure > :none", {":out": -1, ":none": 0})


def _live_values(by: int) -> dict[str, int]:
    return {":by_live": by, ":unknown": NOT_COUNTED}


def _write(org: str, session: str, change: str, condition: str, values: Mapping[str, int]) -> dict[str, Any]:
    return {
        "Update": {
            "TableName": config().rosters_table,
            "Key": keys.chunk(org, session, 0).stored(),
            "UpdateExpression": change,
            "ConditionExpression": condition,
            "ExpressionAttributeValues": {name: stored(value) for name, value in values.items()},
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


def recount_queue(org: str, session: str, seen: Chunk, right: Mapping[int, int], unconfirmed: int = 0, *, live: int) -> bool:
    """Correct the counts of the queue to `right`, and that of the live entries. False when they have changed since they were read."""
    counts = {"waits": (seen.waiting_parties, sum(right.values())), "unsure": (seen.unconfirmed_parties, unconfirmed)}
    sizes = sorted(seen.waiting_by_size.keys() | right.keys())
    counts |= {f"{SIZE}{size}": (seen.waiting_by_size.get(size, 0), right.get(size, 0)) for size in sizes}
    absent = {name for name, (was, _) in counts.items() if was == 0} | ({LIVE} if seen.counted_waitlist_entries == NOT_COUNTED else set())
    counts[LIVE] = (seen.counted_waitlist_entries, live)
    changes = ", ".join(f"{name} = :new_{name}" for name in counts)
    condition = " AND ".join([THERE, *(_as_seen(name, name not in absent) for name in counts)])
    values = {f":{name}": stored(was) for name, (was, _) in counts.items()}
    values |= {f":new_{name}": stored(is_right) for name, (_, is_right) in counts.items()}
    try:
        dynamodb.update(config().rosters_table, keys.chunk(org, session, 0), f"SET {changes}", condition, values=values)
    except dynamodb.ConditionFailed:
        return False
    return True


def _as_seen(name: str, counted: bool) -> str:
    """Return the condition that a count is unchanged. A count that was never written is absent."""
    return f"{name} = :{name}" if counted else f"({name} = :{name} OR attribute_not_exists({name}))"
