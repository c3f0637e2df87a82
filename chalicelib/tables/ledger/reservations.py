"""The writes of a reservation: it is made in one transaction; invitations claim from it party by party, and the rest is released.

Such a claim takes spots off the reservation's hold and adds the invitation's own hold, in one update of one chunk. So the spots are held
all the time, and the chunk's `spots` do not change.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from chalicelib.config import config
from chalicelib.rules.ledger import MOST_EXTRA, Chunk, Hold
from chalicelib.rules.refusals import Busy
from chalicelib.rules.reservations import ReservedChunk, hold_id, prefix
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.items import stored
from chalicelib.tables.ledger.chunks import EXTRA, NONCE, SPOTS, chunk_from, hold_item, read
from chalicelib.tables.ledger.claims import ATTEMPTS, ENOUGH_SPOTS, NO_DEBT, NOT_THERE_YET
from chalicelib.tables.ledger.holds import release
from chalicelib.tables.ledger.rebalancing import settle_debt
from chalicelib.tables.ledger.room import clear_expired

CAP_AS_READ = "#cap = :cap"


def ready_chunks(org: str, session: str, *, now: datetime) -> list[Chunk] | None:
    """Return the ledger without expired holds and debts that can be settled. None when it was tidied and must be read again."""
    chunks = read(org, session)
    if clear_expired(org, session, chunks, now):
        return None
    if any(chunk.debt for chunk in chunks) and settle_debt(org, session, chunks):
        return None
    return chunks


def reserve_writes(
    org: str, session: str, chunks: Sequence[Chunk], shares: Iterable[ReservedChunk], size: int, hold: Hold, job: str
) -> list[dict[str, Any]]:
    """Return the transaction writes that hold the shares, each of parties of this size. `hold` has the nonce and the end.

    They fail, all together, when a chunk has fewer spots than it was read with, or a share is held already.
    """
    known = {chunk.number: chunk for chunk in chunks}
    by_chunk: dict[int, list[ReservedChunk]] = {}
    for share in shares:
        by_chunk.setdefault(share.chunk, []).append(share)
    return [_reserve_write(org, session, known[number], on_it, size, hold, job) for number, on_it in by_chunk.items()]


def _reserve_write(
    org: str, session: str, chunk: Chunk, shares: Sequence[ReservedChunk], size: int, hold: Hold, job: str
) -> dict[str, Any]:
    moved = sum(share.moved for share in shares)
    needed = sum(share.parties * size for share in shares if not share.extra) - moved
    extra = sum(share.parties * size for share in shares if share.extra)
    names, values, sets, conditions = dict[str, str](), dict[str, Any](), list[str](), list[str]()
    if needed:
        names["#spots"], values[":needed"] = "spots", stored(needed)
        sets, conditions = ["#spots = #spots - :needed"], [ENOUGH_SPOTS, NO_DEBT]
    if moved:
        names["#cap"], values[":cap"], values[":moved"] = "cap", stored(chunk.cap), stored(moved)
        sets, conditions = [*sets, "#cap = #cap + :moved"], [*conditions, CAP_AS_READ]
    if extra:
        values |= {":x": stored(extra), ":room": stored(MOST_EXTRA - extra)}
        sets, conditions = [*sets, "extra = extra + :x"], [*conditions, "extra <= :room"]
    for index, share in enumerate(one for one in shares if one.parties):
        spots = share.parties * size
        names[f"#h{index}"], values[f":h{index}"] = hold_id(job, share), hold_item(_of_share(hold, spots, extra=share.extra))
        sets, conditions = [*sets, f"h.#h{index} = :h{index}"], [*conditions, f"attribute_not_exists(h.#h{index})"]
    return {
        "Update": {
            "TableName": config().rosters_table,
            "Key": keys.chunk(org, session, chunk.number).stored(),
            "UpdateExpression": "SET " + ", ".join(sets),
            "ConditionExpression": " AND ".join(conditions),
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
        }
    }


def _of_share(hold: Hold, spots: int, *, extra: bool) -> Hold:
    return hold._replace(spots=spots, extra=spots if extra else 0)


def claim_reserved(org: str, session: str, share: ReservedChunk, job: str, *, to: str, hold: Hold, reserved: Hold) -> bool:
    """Turn a party of the reservation into the hold `to`. True also when that was done before; False when too little is reserved.

    `reserved` has the reservation's nonce.
    """
    last = False
    for _ in range(ATTEMPTS):
        try:
            _write_claim(org, session, share, job, to=to, hold=hold, reserved=reserved, last=last)
        except dynamodb.ConditionFailed as failed:
            holds = chunk_from(failed.old).holds if failed.old else {}
            # A lost reply, or a repeated step: the invitation has its hold.
            if to in holds:
                return holds[to].is_for(hold)
            left = holds.get(hold_id(job, share))
            if left is None or not left.is_for(reserved) or left.spots < hold.spots:
                return False
            last = left.spots == hold.spots
        else:
            return True
    raise Busy


def _write_claim(org: str, session: str, share: ReservedChunk, job: str, *, to: str, hold: Hold, reserved: Hold, last: bool) -> None:
    """Write the claim. `last`: the party is all that is left of the share, whose hold goes then."""
    less = "h.#reserved.#spots = h.#reserved.#spots - :size"
    less_extra = ", h.#reserved.#extra = h.#reserved.#extra - :size" if share.extra else ""
    dynamodb.update(
        config().rosters_table,
        keys.chunk(org, session, share.chunk),
        "SET h.#id = :hold REMOVE h.#reserved" if last else f"SET h.#id = :hold, {less}{less_extra}",
        f"h.#reserved.#nonce = :nonce AND h.#reserved.#spots {'=' if last else '>'} :size AND {NOT_THERE_YET}",
        names={
            "#reserved": hold_id(job, share),
            "#id": to,
            "#spots": SPOTS,
            "#nonce": NONCE,
            **({"#extra": EXTRA} if share.extra and not last else {}),
        },
        values={":size": stored(hold.spots), ":hold": hold_item(hold), ":nonce": stored(reserved.nonce)},
        want="NONE",
    )


def release_reservation(org: str, session: str, job: str) -> None:
    """Free the rest of the job's reservation. Safe to repeat."""
    left = [(chunk.number, id, held) for chunk in read(org, session) for id, held in chunk.holds.items() if id.startswith(prefix(job))]
    for number, id, held in left:
        release(org, session, id, held, chunk=number)
