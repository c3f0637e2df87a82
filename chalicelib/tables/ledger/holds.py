"""Writes to a hold: confirm it, release it, make its extra spots permanent. Each requires the hold to be unchanged since it was read."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from chalicelib.config import config
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.ledger import Chunk, Hold
from chalicelib.rules.registrations import Registration
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.items import item, stored
from chalicelib.tables.ledger import full_cache
from chalicelib.tables.ledger.chunks import (
    EXPIRES,
    HELD,
    NONCE,
    PAYER,
    PAYER_UNTIL,
    REGISTRATION,
    STATE,
    TAKEN,
    chunk_from,
    hold_item,
    read,
    read_chunk,
)

STILL_HELD = "h.#id.#state = :held AND h.#id.#nonce = :nonce AND h.#id.#expires > :now"
NOBODY_PAYS = "(attribute_not_exists(h.#id.#payer_until) OR h.#id.#payer_until <= :now)"
"""No order that waits for its payment has the invitation of this hold."""
AS_SEEN = "h.#id = :seen"
ATTEMPTS = 12


class HoldGone(Exception):
    """The hold expired, was taken over, or was released."""


class HoldRunOut(HoldGone):
    """The hold has expired by our clock but still exists: a process with a slower clock may yet confirm it."""


class HoldAwaitsPayment(HoldGone):
    """An order that is to be paid first has the invitation of this hold."""


class HoldConfirmed(Exception):
    """The hold is confirmed. `hold.registration` is its registration."""

    def __init__(self, hold: Hold) -> None:
        self.hold = hold


HOLD_NAMES = {
    "#state": STATE,
    "#nonce": NONCE,
    "#expires": EXPIRES,
    "#registration": REGISTRATION,
    "#payer": PAYER,
    "#payer_until": PAYER_UNTIL,
}


def confirm(org: str, session: str, hold_id: str, *, nonce: str, registration: str, chunk: int, now: int) -> bool:
    """Turn held spots into taken ones for this registration. `now` is in seconds since 1970.

    True when this call confirmed it, False when it was confirmed for the same registration before. Raises HoldConfirmed when it was
    confirmed for another registration, HoldAwaitsPayment while an order has it that is to be paid first, HoldRunOut when it has expired
    but still exists, HoldGone otherwise.
    """
    try:
        dynamodb.update(
            config().rosters_table,
            keys.chunk(org, session, chunk),
            "SET h.#id.#state = :taken, h.#id.#registration = :registration REMOVE h.#id.#expires, h.#id.#payer, h.#id.#payer_until",
            f"{STILL_HELD} AND {NOBODY_PAYS}",
            names={"#id": hold_id, **HOLD_NAMES},
            values=item({":taken": TAKEN, ":held": HELD, ":nonce": nonce, ":now": now, ":registration": registration}),
            want="NONE",
        )
    except dynamodb.ConditionFailed as failed:
        standing = chunk_from(failed.old).holds.get(hold_id) if failed.old else None
        if standing is None:
            return _confirm_elsewhere(org, session, hold_id, nonce=nonce, registration=registration, chunk=chunk, now=now)
        if standing.is_taken and standing.nonce == nonce and standing.registration == registration:
            return False
        if standing.is_taken and standing.nonce == nonce:
            raise HoldConfirmed(standing) from None
        if standing.nonce == nonce and (standing.payer_until or 0) > now:
            raise HoldAwaitsPayment from None
        raise (HoldRunOut if standing.nonce == nonce else HoldGone) from None
    return True


class Confirmed(NamedTuple):
    """A hold of a chunk that a transaction confirms for a registration."""

    hold_id: str
    nonce: str
    registration: str


def confirm_holds_write(
    org: str, session: str, number: int, confirmed: Sequence[Confirmed], *, now: int, paid: bool = False
) -> dict[str, Any]:
    """Return the transaction write that confirms holds of one chunk. It fails unless each is still held at `now`.

    `paid`: each must be kept for its registration, which is paid. Otherwise it must be kept for none.
    """
    names = dict(HOLD_NAMES)
    values: dict[str, Any] = {":taken": TAKEN, ":held": HELD, ":now": now}
    sets, removes, conditions = list[str](), list[str](), list[str]()
    for place, one in enumerate(confirmed):
        hold = f"h.#id{place}"
        names[f"#id{place}"], values[f":nonce{place}"], values[f":registration{place}"] = one
        sets += [f"{hold}.#state = :taken", f"{hold}.#registration = :registration{place}"]
        removes += [f"{hold}.{name}" for name in ("#expires", "#payer", "#payer_until")]
        conditions += [f"{hold}.#state = :held", f"{hold}.#nonce = :nonce{place}", f"{hold}.#expires > :now"]
        conditions += [f"{hold}.#payer = :registration{place}" if paid else NOBODY_PAYS.replace("#id", f"#id{place}")]
    return {
        "Update": {
            "TableName": config().rosters_table,
            "Key": keys.chunk(org, session, number).stored(),
            "UpdateExpression": f"SET {', '.join(sets)} REMOVE {', '.join(removes)}",
            "ConditionExpression": " AND ".join(conditions),
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": item(values),
        }
    }


def _confirm_elsewhere(org: str, session: str, hold_id: str, *, nonce: str, registration: str, chunk: int, now: int) -> bool:
    # `chunk` is a hint: the claim may have succeeded on another chunk than the one that it tried first.
    found = locate(org, session, hold_id, chunk=chunk)
    if found is None or found.chunk == chunk:
        raise HoldGone
    return confirm(org, session, hold_id, nonce=nonce, registration=registration, chunk=found.chunk, now=now)


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


def locate_hold(thing: Registration | Invitation) -> Located | None:
    """Return the hold of a registration or an invitation. It may belong to another attempt: see `Hold.is_for`."""
    hold_id = thing.hold if isinstance(thing, Registration) else thing.id
    return locate(thing.org, thing.session, hold_id, chunk=thing.chunk)


def hold_of(thing: Registration | Invitation) -> Hold | None:
    """Return the hold that `locate_hold` finds."""
    found = locate_hold(thing)
    return found.hold if found else None


def release(org: str, session: str, hold_id: str, seen: Hold, *, chunk: int) -> bool:
    """Release the hold and free its spots, if it still belongs to the attempt of `seen`. Its extras end with it.

    True when this call released it, False when it was gone. Raises HoldConfirmed when it was confirmed since it was read.
    """
    for _ in range(ATTEMPTS):
        try:
            _write_release(org, session, hold_id, seen, chunk=chunk)
        except dynamodb.ConditionFailed as failed:
            standing = chunk_from(failed.old).holds.get(hold_id) if failed.old else None
            if standing is None:
                found = locate(org, session, hold_id, chunk=chunk)
                if found is None:
                    return False
                chunk, standing = found
            if not standing.is_for(seen):
                return False
            if standing.is_taken and seen.state == "held":
                raise HoldConfirmed(standing) from None
            # The same attempt has been resized or has moved: release it as it is now.
            seen = standing
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
