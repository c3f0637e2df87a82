"""Chunks and holds as they are stored. One letter an attribute: a chunk is read and written whole, fifty holds at a time."""

import zlib
from typing import Any

from chalicelib.rules.ledger import Chunk, Hold
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.items import Item, stored

SIZE = "w"
"""Begins the attribute that counts the parties of a size in line; `waits` counts all of them."""


def empty(org: str, session: str, number: int, cap: int) -> Item:
    """Return the item of a chunk that nobody is on yet."""
    return {
        **keys.chunk(org, session, number).stored(),
        "cap": stored(cap),
        "spots": stored(cap),
        "extra": stored(0),
        "h": {"M": {}},
    }


def chunk_from(item: Item) -> Chunk:
    return Chunk(
        number=int(item["sk"]["S"].removeprefix(keys.LEDGER)),
        cap=int(item["cap"]["N"]),
        spots=int(item["spots"]["N"]),
        extra=int(item["extra"]["N"]),
        holds={key: hold_from(value["M"]) for key, value in item["h"]["M"].items()},
        debt="debt" in item,
        waiting=waiting_from(item),
        waits=int(item["waits"]["N"]) if "waits" in item else 0,
    )


def waiting_from(item: Item) -> dict[int, int]:
    """Return how many parties of each size are in line: each size is an attribute, so that it can be counted up and down by itself."""
    counts = {int(name[1:]): int(value["N"]) for name, value in item.items() if name[0] == SIZE and name[1:].isdecimal()}
    return {size: count for size, count in counts.items() if count}


def hold_from(stored_hold: dict[str, Any]) -> Hold:
    expires = stored_hold.get("e")
    became = stored_hold.get("r")
    return Hold(
        n=int(stored_hold["n"]["N"]),
        s=stored_hold["s"]["S"],
        v=stored_hold["v"]["S"],
        x=int(stored_hold["x"]["N"]) if "x" in stored_hold else 0,
        e=int(expires["N"]) if expires else None,
        r=became["S"] if became else None,
    )


def hold_item(hold: Hold) -> dict[str, Any]:
    """Return the hold as it is stored: what is nothing is left out, so that equal holds are stored equal."""
    kept = {"n": hold.n, "s": hold.s, "v": hold.v, "x": hold.x or None, "e": hold.e, "r": hold.r}
    return {"M": {key: stored(value) for key, value in kept.items() if value is not None}}


def read(org: str, session: str, *, consistent: bool = True) -> list[Chunk]:
    """Return every chunk of the session's ledger."""
    items = requests.query(
        TableName=settings().rosters_table,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :ledger)",
        ExpressionAttributeValues={":pk": {"S": keys.roster(org, session)}, ":ledger": {"S": keys.LEDGER}},
        ConsistentRead=consistent,
    )
    return [chunk_from(item) for item in items]


def free_spots(org: str, session: str) -> dict[int, int]:
    """Return how many spots each chunk would give at once, without its holds: cheap to read where there are many."""
    items = requests.query(
        TableName=settings().rosters_table,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :ledger)",
        ExpressionAttributeNames={"#spots": "spots"},
        ExpressionAttributeValues={":pk": {"S": keys.roster(org, session)}, ":ledger": {"S": keys.LEDGER}},
        ProjectionExpression="sk, #spots, debt",
        ConsistentRead=True,
    )
    return {int(item["sk"]["S"].removeprefix(keys.LEDGER)): int(item["spots"]["N"]) for item in items if "debt" not in item}


def read_chunk(org: str, session: str, number: int) -> Chunk | None:
    item = requests.get(settings().rosters_table, keys.chunk(org, session, number))
    return chunk_from(item) if item else None


def preferred(hold_id: str, chunks: int) -> int:
    """Return the chunk that a claim tries first: claims spread, and the same claim tries the same one again."""
    return zlib.crc32(hold_id.encode()) % max(1, chunks)
