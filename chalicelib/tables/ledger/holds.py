"""What happens to a hold: it is confirmed, it ends, or its extra spots stay for good. Always only as it was seen."""

from typing import Any

from chalicelib.rules.ledger import Chunk, Hold
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.items import stored
from chalicelib.tables.ledger import gate
from chalicelib.tables.ledger.chunks import chunk_from, hold_item, read, read_chunk

STILL_HELD = "h.#id.#s = :held AND h.#id.#v = :nonce AND h.#id.#e > :now"
AS_SEEN = "h.#id = :seen"
ATTEMPTS = 12


class HoldGone(Exception):
    """The hold has run out, was taken over, or has ended."""


class HoldRunOut(HoldGone):
    """The hold has run out by our clock and is still there: whoever has a slower one may confirm it yet."""


class HoldConfirmed(Exception):
    """The hold is confirmed. `hold` says for which registration."""

    def __init__(self, hold: Hold) -> None:
        self.hold = hold


def confirm(org: str, session: str, hold_id: str, *, nonce: str, registration: str, chunk: int, now: int) -> bool:
    """Turn the held spots into taken ones for this registration. `now` in seconds.

    True when this call did it, False when it had been done for the same registration already.
    Raises HoldConfirmed when it was done for another one, HoldGone when there is nothing left to confirm.
    """
    try:
        requests.update(
            settings().rosters_table,
            keys.chunk(org, session, chunk),
            "SET h.#id.#s = :confirmed, h.#id.#r = :registration REMOVE h.#id.#e",
            STILL_HELD,
            names={"#id": hold_id, "#s": "s", "#v": "v", "#e": "e", "#r": "r"},
            values={
                ":confirmed": stored("C"),
                ":held": stored("H"),
                ":nonce": stored(nonce),
                ":now": stored(now),
                ":registration": stored(registration),
            },
            want="NONE",
        )
    except requests.ConditionFailed as failed:
        standing = chunk_from(failed.old).holds.get(hold_id) if failed.old else None
        if standing is None:
            return _confirm_elsewhere(org, session, hold_id, nonce=nonce, registration=registration, chunk=chunk, now=now)
        if standing.s == "C" and standing.v == nonce and standing.r == registration:
            return False
        if standing.s == "C" and standing.v == nonce:
            raise HoldConfirmed(standing) from None
        raise (HoldRunOut if standing.v == nonce else HoldGone) from None
    return True


def _confirm_elsewhere(org: str, session: str, hold_id: str, *, nonce: str, registration: str, chunk: int, now: int) -> bool:
    found = locate(org, session, hold_id, chunk=chunk)
    if found is None or found[0] == chunk:
        raise HoldGone
    return confirm(org, session, hold_id, nonce=nonce, registration=registration, chunk=found[0], now=now)


def locate(org: str, session: str, hold_id: str, *, chunk: int) -> tuple[int, Hold] | None:
    """Return where the hold lies and what it is: on the chunk where it was first tried, else on any other; None when it is nowhere."""
    likely = read_chunk(org, session, chunk)
    if likely and hold_id in likely.holds:
        return chunk, likely.holds[hold_id]
    return next(((other.number, other.holds[hold_id]) for other in read(org, session) if hold_id in other.holds), None)


def release(org: str, session: str, hold_id: str, seen: Hold, *, chunk: int) -> bool:
    """End the hold and give its spots back, if it is still the attempt that was seen. Extras go with it.

    True when this call freed it, False when it was gone. Raises HoldConfirmed when it was held and is confirmed by now.
    """
    for _ in range(ATTEMPTS):
        try:
            _write_release(org, session, hold_id, seen, chunk=chunk)
        except requests.ConditionFailed as failed:
            standing = chunk_from(failed.old).holds.get(hold_id) if failed.old else None
            if standing is None:
                found = locate(org, session, hold_id, chunk=chunk)
                if found is None:
                    return False
                chunk, standing = found
            if standing.v != seen.v:
                return False
            if standing.s == "C" and seen.s == "H":
                raise HoldConfirmed(standing) from None
            seen = standing
        else:
            gate.reopen(org, session)
            return True
    return False


def release_on(org: str, session: str, hold_id: str, seen: Hold, *, chunk: int) -> bool:
    """End the hold on this one chunk, if it is exactly as it was seen; for a hold that lies on two."""
    try:
        _write_release(org, session, hold_id, seen, chunk=chunk)
    except requests.ConditionFailed:
        return False
    return True


def release_write(org: str, session: str, hold_id: str, seen: Hold, *, chunk: int) -> dict[str, Any]:
    """Return the write that ends the hold exactly as it was seen, for a transaction."""
    return {
        "Update": {
            "TableName": settings().rosters_table,
            "Key": keys.chunk(org, session, chunk).stored(),
            "UpdateExpression": "SET #spots = #spots + :back, extra = extra - :x REMOVE h.#id",
            "ConditionExpression": AS_SEEN,
            "ExpressionAttributeNames": {"#id": hold_id, "#spots": "spots"},
            "ExpressionAttributeValues": {":back": stored(seen.back), ":x": stored(seen.x), ":seen": hold_item(seen)},
        }
    }


def recount(org: str, session: str, chunk: Chunk) -> bool:
    """Make `spots` and `extra` of a chunk fit its holds again, if it is exactly as it was read."""
    right = chunk.cap - sum(hold.back for hold in chunk.holds.values())
    extra = sum(hold.x for hold in chunk.holds.values())
    try:
        requests.update(
            settings().rosters_table,
            keys.chunk(org, session, chunk.number),
            "SET #spots = :right, extra = :extra",
            "#cap = :cap AND #spots = :spots AND h = :holds",
            names={"#spots": "spots", "#cap": "cap"},
            values={
                ":right": stored(right),
                ":extra": stored(extra),
                ":cap": stored(chunk.cap),
                ":spots": stored(chunk.spots),
                ":holds": {"M": {key: hold_item(hold) for key, hold in chunk.holds.items()}},
            },
        )
    except requests.ConditionFailed:
        return False
    return True


def keeping_write(org: str, session: str, hold_id: str, seen: Hold, *, chunk: int) -> dict[str, Any]:
    """Return the write that turns the hold's extra spots into spots of the session, to be made with its header."""
    return {
        "Update": {
            "TableName": settings().rosters_table,
            "Key": keys.chunk(org, session, chunk).stored(),
            "UpdateExpression": "SET #cap = #cap + :x, extra = extra - :x, h.#id = :plain",
            "ConditionExpression": AS_SEEN,
            "ExpressionAttributeNames": {"#id": hold_id, "#cap": "cap"},
            "ExpressionAttributeValues": {":x": stored(seen.x), ":seen": hold_item(seen), ":plain": hold_item(seen._replace(x=0))},
        }
    }


def _write_release(org: str, session: str, hold_id: str, seen: Hold, *, chunk: int) -> None:
    requests.update(
        settings().rosters_table,
        keys.chunk(org, session, chunk),
        "SET #spots = #spots + :back, extra = extra - :x REMOVE h.#id",
        AS_SEEN,
        names={"#id": hold_id, "#spots": "spots"},
        values={":back": stored(seen.back), ":x": stored(seen.x), ":seen": hold_item(seen)},
        want="NONE",
    )
