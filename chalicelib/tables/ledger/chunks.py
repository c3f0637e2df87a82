"""The stored form of chunks and holds.

The attributes of a hold have one letter, because every read and write of a chunk is charged for its whole item, with up to fifty holds.
No other module knows the letters.
"""

import zlib
from typing import Any, Literal

from chalicelib.config import config
from chalicelib.rules.ledger import NOT_COUNTED, Chunk, Hold
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.items import Item, stored

SPOTS, STATE, NONCE, EXTRA, EXPIRES, REGISTRATION, PAYER, PAYER_UNTIL = "n", "s", "v", "x", "e", "r", "p", "u"
HELD, TAKEN = "H", "C"
STATES: dict[str, Literal["held", "taken"]] = {HELD: "held", TAKEN: "taken"}
STORED_STATES = {"held": HELD, "taken": TAKEN}

SIZE = "w"
"""The prefix of the attribute that counts the parties of one size in line. `waits` counts all of them, `unsure` the unconfirmed ones."""
LIVE = "live"
"""The attribute of the first chunk that counts the live entries of the waitlist, in line or not."""


def empty(org: str, session: str, number: int, cap: int) -> Item:
    """Return the item of a chunk without holds."""
    return {
        **keys.chunk(org, session, number).stored(),
        **({LIVE: stored(0)} if number == 0 else {}),
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
        waiting_by_size=queue_counts_from(item),
        waiting_parties=int(item["waits"]["N"]) if "waits" in item else 0,
        unconfirmed_parties=int(item["unsure"]["N"]) if "unsure" in item else 0,
        counted_waitlist_entries=int(item[LIVE]["N"]) if LIVE in item else NOT_COUNTED,
    )


def queue_counts_from(item: Item) -> dict[int, int]:
    """Return the parties in line, size → number. Each size has an attribute of its own, so that one can be changed without the others."""
    counts = {int(name[1:]): int(value["N"]) for name, value in item.items() if name[0] == SIZE and name[1:].isdecimal()}
    return {size: count for size, count in counts.items() if count}


def hold_from(stored_hold: dict[str, Any]) -> Hold:
    expires = stored_hold.get(EXPIRES)
    registration, payer, payer_until = (stored_hold.get(name) for name in (REGISTRATION, PAYER, PAYER_UNTIL))
    return Hold(
        spots=int(stored_hold[SPOTS]["N"]),
        state=STATES[stored_hold[STATE]["S"]],
        nonce=stored_hold[NONCE]["S"],
        extra=int(stored_hold[EXTRA]["N"]) if EXTRA in stored_hold else 0,
        expires_at=int(expires["N"]) if expires else None,
        registration=registration["S"] if registration else None,
        payer=payer["S"] if payer else None,
        payer_until=int(payer_until["N"]) if payer_until else None,
    )


def hold_item(hold: Hold) -> dict[str, Any]:
    """Return the stored form of a hold, without empty attributes, so that equal holds compare equal in conditions."""
    kept = {
        SPOTS: hold.spots,
        STATE: STORED_STATES[hold.state],
        NONCE: hold.nonce,
        EXTRA: hold.extra or None,
        EXPIRES: hold.expires_at,
        REGISTRATION: hold.registration,
        PAYER: hold.payer,
        PAYER_UNTIL: hold.payer_until,
    }
    return {"M": {key: stored(value) for key, value in kept.items() if value is not None}}


def read(org: str, session: str, *, consistent: bool = True) -> list[Chunk]:
    """Return all chunks of the session's ledger."""
    items = dynamodb.query(
        TableName=config().rosters_table,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :ledger)",
        ExpressionAttributeValues={":pk": {"S": keys.roster(org, session)}, ":ledger": {"S": keys.LEDGER}},
        ConsistentRead=consistent,
    )
    return [chunk_from(item) for item in items]


def free_spots(org: str, session: str) -> dict[int, int]:
    """Return the free spots of each chunk that may be claimed, number → spots. Holds are not transferred."""
    items = dynamodb.query(
        TableName=config().rosters_table,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :ledger)",
        ExpressionAttributeNames={"#spots": "spots"},
        ExpressionAttributeValues={":pk": {"S": keys.roster(org, session)}, ":ledger": {"S": keys.LEDGER}},
        ProjectionExpression="sk, #spots, debt",
        ConsistentRead=True,
    )
    return {int(item["sk"]["S"].removeprefix(keys.LEDGER)): int(item["spots"]["N"]) for item in items if "debt" not in item}


def read_chunk(org: str, session: str, number: int) -> Chunk | None:
    item = dynamodb.get(config().rosters_table, keys.chunk(org, session, number))
    return chunk_from(item) if item else None


def preferred(hold_id: str, chunks: int) -> int:
    """Return the chunk that a claim tries first. Claims are spread evenly; a retry tries the same chunk."""
    # `hash` of a text differs between processes; a retry elsewhere must find the same chunk.
    return zlib.crc32(hold_id.encode()) % max(1, chunks)
