"""Uses of a code. A booking writes its use together with its registration's row, so that there is never one without the other;
whoever ends a booking that did not come through takes both back together, exactly as they were seen."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.rules import times
from chalicelib.rules.codes import Code, Use
from chalicelib.rules.registrations import Registration
from chalicelib.settings import settings
from chalicelib.tables import keys, registrations, requests
from chalicelib.tables.codes.rows import expression, use_values
from chalicelib.tables.items import Item, stored

ENOUGH_LEFT = "#left >= :n"
NOT_USED_BY_THIS = "attribute_not_exists(h.#id)"
NOT_ARCHIVED = "attribute_not_exists(archived_at)"
NOT_RUN_OUT = "(attribute_not_exists(expires_at) OR expires_at > :now)"
SAME_ATTEMPT = "h.#id.v = :nonce"
AS_SEEN = "h.#id = :seen"
AS_READ = "version = :version"


def use_write(code: Code, own: str, use: Use, *, now: datetime) -> dict[str, Any]:
    """Return the write that takes the uses for a registration, to be made with its row."""
    change, values = expression(replace(code, left=code.left - use.n), ["#left = #left - :n", "h.#id = :use"])
    values |= {":n": stored(use.n), ":use": use_values(use), ":now": stored(times.written(now))}
    return _update(code.org, code.code, change, f"{ENOUGH_LEFT} AND {NOT_USED_BY_THIS} AND {NOT_ARCHIVED} AND {NOT_RUN_OUT}", own, values)


def renew_use(registration: Registration, *, now: datetime) -> bool:
    """Note that the booking is tried once more, so that nobody takes its use back as it was before. False when somebody has."""
    return _change(registration, "SET h.#id.#at = :at", {":at": stored(now.isoformat())}, {"#at": "at"})


def finish_use(registration: Registration) -> bool:
    """Note that the spots are taken: the use is final. False when there is no such use."""
    return _change(registration, "SET h.#id.f = :yes", {":yes": stored(True)}, {})


def give_back(registration: Registration, code: Code, seen: Use) -> bool:
    """Take back a booking that did not come through: its use, row and participants, all as they were seen. False if something changed."""
    return registrations.take_back(registration, also=[_return(code, registration.id, seen)])


def return_use(code: Code, own: str, seen: Use) -> bool:
    """Make the uses of a registration that is no more available again. False when the code is not as it was seen."""
    try:
        requests.transact([_return(code, own, seen)])
    except requests.TransactionFailed:
        return False
    return True


def _return(code: Code, own: str, seen: Use) -> dict[str, Any]:
    change, values = expression(replace(code, left=code.left + seen.n), ["#left = #left + :n"], ["h.#id"])
    values |= {":n": stored(seen.n), ":seen": use_values(seen), ":version": stored(code.version)}
    return _update(code.org, code.code, change, f"{AS_SEEN} AND {AS_READ}", own, values)


def _change(registration: Registration, change: str, values: Item, names: dict[str, str]) -> bool:
    try:
        requests.update(
            settings().codes_table,
            keys.code(registration.org, registration.code),
            change,
            SAME_ATTEMPT,
            names={"#id": registration.id, **names},
            values={":nonce": stored(registration.nonce), **values},
            want="NONE",
        )
    except requests.ConditionFailed:
        return False
    return True


def _update(org: str, code: str, change: str, condition: str, own: str, values: Item) -> dict[str, Any]:
    return {
        "Update": {
            "TableName": settings().codes_table,
            "Key": keys.code(org, code).stored(),
            "UpdateExpression": change,
            "ConditionExpression": condition,
            "ExpressionAttributeNames": {"#left": "left", "#id": own},
            "ExpressionAttributeValues": values,
        }
    }
