"""Where a hold is, and writes that release it or make its extra spots permanent. Each requires the hold to be as it was read."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from chalicelib.config import config
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.ledger import Chunk, Hold
from chalicelib.rules.registrations import Registration
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.items import stored
from chalicelib.tables.ledger import full_cache
from chalicelib.tables.ledger.chunks import chunk_from, hold_item, read, read_chunk

AS_SEEN = "h.#id = :seen"
ATTEMPTS = 12


class HoldGone(Exception):
    """The hold expired, was taken over, or was released."""


class HoldConfirmed(Exception):
    """The hold is confirmed. `hold.registration` is its registration."""

    def __init__(self, hold: Hold) -> None:
        self.hold = hold


class Located(NamedTuple):
    """A hold, and the number of its chunk."""

    chunk: int
    hold: Hold


def locate(org: str, session: str, hold_id: str, *, chunk: int) -> Located | None:
    """Return the hold, or None. `chunk`, on which it was tried first, is read before all others."""
    likely = read_chunk(org, session, chunk)
    if likely and hold_id in likely.holds:
        return Located(chunk, likely.holds[hold_id])
    return next((Located(other.number, other.holds[hold_id]) for other in read(org, session) if hold_id in other.holds), None)


def locate_hold(party: Registration | Invitation) -> Located | None:
    """Return the hold of a registration or an invitation. It may belong to another attempt: see `Hold.is_for`."""
    hold_id = party.hold if isinstance(party, Registration) else party.id
    return locate(party.org, party.session, hold_id, chunk=party.chunk)


def hold_of(party: Registration | Invitation) -> Hold | None:
    """Return the hold that `locate_hold` finds."""
    found = locate_hold(party)
    return found.hold if found else None


def release(org: str, session: str, hold_id: str, seen: Hold, *, chunk: int) -> bool:
    """Release the hold and free its spots, if it still belongs to the attempt of `seen`. Its extras end with it.

    True when this call released it, False when it was gone. Raises HoldConfirmed when it was confirmed since it was read.
    """
    for _ in range(ATTEMPTS):
        try:
            _write_release(org, session, hold_id, seen, chunk=chunk)
        except dynamodb.ConditionFailed as failed:
            current = chunk_from(failed.old).holds.get(hold_id) if failed.old else None
            if current is None:
                found = locate(org, session, hold_id, chunk=chunk)
                if found is None:
                    return False
                chunk, current = found
            if not current.is_for(seen):
                return False
            if current.is_taken and seen.state == "held":
                raise HoldConfirmed(current) from None
            # The same attempt has been resized or has moved: release it as it is now.
            seen = current
        else:
            full_cache.reopen(org, session)
            return True
    return False


def release_on(org: str, session: str, hold_id: str, seen: Hold, *, chunk: int) -> bool:
    """Release the hold on this chunk only, if it equals `seen`; for a hold that is on two chunks."""
    try:
        _write_release(org, session, hold_id, seen, chunk=chunk)
    except dynamodb.ConditionFailed:
        return False
    return True


def release_write(org: str, session: str, hold_id: str, seen: Hold, *, chunk: int) -> dict[str, Any]:
    """Return the transaction write that releases the hold, if it equals `seen`."""
    return {
        "Update": {
            "TableName": config().rosters_table,
            "Key": keys.chunk(org, session, chunk).stored(),
            "UpdateExpression": "SET #spots = #spots + :back, extra = extra - :x REMOVE h.#id",
            "ConditionExpression": AS_SEEN,
            "ExpressionAttributeNames": {"#id": hold_id, "#spots": "spots"},
            "ExpressionAttributeValues": {":back": stored(seen.freed), ":x": stored(seen.extra), ":seen": hold_item(seen)},
        }
    }


def recount(org: str, session: str, chunk: Chunk) -> bool:
    """Correct `spots` and `extra` of a chunk by its holds. False when the chunk has changed since it was read."""
    right = chunk.cap - sum(hold.freed for hold in chunk.holds.values())
    extra = sum(hold.extra for hold in chunk.holds.values())
    try:
        dynamodb.update(
            config().rosters_table,
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
    except dynamodb.ConditionFailed:
        return False
    return True


def keep_extra_write(org: str, session: str, hold_id: str, seen: Hold, *, chunk: int) -> dict[str, Any]:
    """Return the transaction write that turns the hold's extras into spots of the session; the session's row changes with it."""
    return {
        "Update": {
            "TableName": config().rosters_table,
            "Key": keys.chunk(org, session, chunk).stored(),
            "UpdateExpression": "SET #cap = #cap + :x, extra = extra - :x, h.#id = :plain",
            "ConditionExpression": AS_SEEN,
            "ExpressionAttributeNames": {"#id": hold_id, "#cap": "cap"},
            "ExpressionAttributeValues": {":x": stored(seen.extra), ":seen": hold_item(seen), ":plain": hold_item(seen._replace(extra=0))},
        }
    }


def _write_release(org: str, session: str, hold_id: str, seen: Hold, *, chunk: int) -> None:
    dynamodb.update(
        config().rosters_table,
        keys.chunk(org, session, chunk),
        "SET #spots = #spots + :back, extra = extra - :x REMOVE h.#id",
        AS_SEEN,
        names={"#id": hold_id, "#spots": "spots"},
        values={":back": stored(seen.freed), ":x": stored(seen.extra), ":seen": hold_item(seen)},
        want="NONE",
    )


def same_holds_checks(org: str, session: str, chunks: Iterable[Chunk]) -> list[dict[str, Any]]:
    """Return transaction checks that the chunks have exactly the holds that were read: nobody has booked, answered or left since."""
    return [
        {
            "ConditionCheck": {
                "TableName": config().rosters_table,
                "Key": keys.chunk(org, session, chunk.number).stored(),
                "ConditionExpression": "h = :holds",
                "ExpressionAttributeValues": {":holds": {"M": {key: hold_item(hold) for key, hold in chunk.holds.items()}}},
            }
        }
        for chunk in chunks
    ]
