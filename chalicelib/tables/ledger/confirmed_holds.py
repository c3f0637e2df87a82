"""Writes that confirm holds: held spots become taken ones. Each requires the hold to be held still, by the same attempt."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from chalicelib.config import config
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.items import item
from chalicelib.tables.ledger.chunks import EXPIRES, HELD, NONCE, PAYER, PAYER_UNTIL, REGISTRATION, STATE, TAKEN, chunk_from
from chalicelib.tables.ledger.holds import HoldConfirmed, HoldGone, locate

STILL_HELD = "h.#id.#state = :held AND h.#id.#nonce = :nonce AND h.#id.#expires > :now"
NOBODY_PAYS = "(attribute_not_exists(h.#id.#payer_until) OR h.#id.#payer_until <= :now)"
"""No order that waits for its payment has the invitation of this hold."""


class HoldRunOut(HoldGone):
    """The hold has expired by our clock but still exists: a process with a slower clock may yet confirm it."""


class HoldAwaitsPayment(HoldGone):
    """The hold's invitation is in an order that waits for its payment."""


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
        current = chunk_from(failed.old).holds.get(hold_id) if failed.old else None
        if current is None:
            return _confirm_elsewhere(org, session, hold_id, nonce=nonce, registration=registration, chunk=chunk, now=now)
        if current.is_taken and current.nonce == nonce and current.registration == registration:
            return False
        if current.is_taken and current.nonce == nonce:
            raise HoldConfirmed(current) from None
        if current.nonce == nonce and (current.payer_until or 0) > now:
            raise HoldAwaitsPayment from None
        raise (HoldRunOut if current.nonce == nonce else HoldGone) from None
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
    for index, one in enumerate(confirmed):
        hold = f"h.#id{index}"
        names[f"#id{index}"], values[f":nonce{index}"], values[f":registration{index}"] = one
        sets += [f"{hold}.#state = :taken", f"{hold}.#registration = :registration{index}"]
        removes += [f"{hold}.{name}" for name in ("#expires", "#payer", "#payer_until")]
        conditions += [f"{hold}.#state = :held", f"{hold}.#nonce = :nonce{index}", f"{hold}.#expires > :now"]
        conditions += [f"{hold}.#payer = :registration{index}" if paid else NOBODY_PAYS.replace("#id", f"#id{index}")]
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
