"""Holds of invitations in an order that waits for its payment: until then, nobody else can accept these invitations."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from chalicelib.config import config
from chalicelib.rules.registrations import Registration
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.items import item
from chalicelib.tables.ledger.chunks import EXPIRES, HELD, NONCE, PAYER, PAYER_UNTIL, STATE, hold_item
from chalicelib.tables.ledger.holds import AS_SEEN, ATTEMPTS, locate_hold

NAMES = {"#state": STATE, "#nonce": NONCE, "#expires": EXPIRES, "#payer": PAYER, "#payer_until": PAYER_UNTIL}
NO_OTHER_PAYER = "(attribute_not_exists({hold}.#payer) OR {hold}.#payer = :payer{index} OR {hold}.#payer_until <= :now)"


class PaymentHold(NamedTuple):
    """A hold that is reserved for a line of an order. `prolonged`: it would expire before the time to pay ends."""

    hold_id: str
    nonce: str
    payer: str
    prolonged: bool


def payment_hold_write(org: str, session: str, number: int, holds: Sequence[PaymentHold], *, until: int, now: int) -> dict[str, Any]:
    """Return the transaction write that reserves holds of one chunk for their payers until a moment.

    It fails unless each is held at `now` and reserved for nobody else, and lasts until then, or is to be prolonged.
    """
    names, sets, conditions = dict(NAMES), list[str](), list[str]()
    values: dict[str, Any] = {":held": HELD, ":now": now, ":until": until}
    for index, one in enumerate(holds):
        hold = f"h.#id{index}"
        names[f"#id{index}"], values[f":nonce{index}"], values[f":payer{index}"] = one.hold_id, one.nonce, one.payer
        sets += [f"{hold}.#payer = :payer{index}", f"{hold}.#payer_until = :until"]
        sets += [f"{hold}.#expires = :until"] if one.prolonged else []
        conditions += [f"{hold}.#state = :held", f"{hold}.#nonce = :nonce{index}"]
        conditions += [f"{hold}.#expires > :now"] if one.prolonged else [f"{hold}.#expires >= :until"]
        conditions += [NO_OTHER_PAYER.format(hold=hold, index=index)]
    return {
        "Update": {
            "TableName": config().rosters_table,
            "Key": keys.chunk(org, session, number).stored(),
            "UpdateExpression": f"SET {', '.join(sets)}",
            "ConditionExpression": " AND ".join(conditions),
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": item(values),
        }
    }


def end_payment_hold(registration: Registration) -> None:
    """End the reservation of an invitation for this line of an order: others can accept it again. Its hold stays. Safe to repeat."""
    for _ in range(ATTEMPTS):
        found = locate_hold(registration)
        if found is None or found.hold.payer != registration.id or found.hold.is_taken:
            return
        again = found.hold._replace(payer=None, payer_until=None)
        try:
            dynamodb.update(
                config().rosters_table,
                keys.chunk(registration.org, registration.session, found.chunk),
                "SET h.#id = :again",
                AS_SEEN,
                names={"#id": registration.hold},
                values={":again": hold_item(again), ":seen": hold_item(found.hold)},
                want="NONE",
            )
        except dynamodb.ConditionFailed:
            continue  # It was confirmed, released or moved meanwhile.
        return
