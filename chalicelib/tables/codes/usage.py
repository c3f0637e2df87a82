"""Uses of a code.

A booking writes its use and its registration's row in one transaction, so that neither exists without the other.
The end of a failed booking takes both back in one transaction too, if they are unchanged since they were read.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.config import config
from chalicelib.rules import times
from chalicelib.rules.codes import Code, Use
from chalicelib.rules.registrations import Registration
from chalicelib.tables import dynamodb, keys, registrations
from chalicelib.tables.codes.rows import USES, with_version_and_stage
from chalicelib.tables.conditions import Condition, Update, above, absent, as_read, at_least, equals

NOT_ARCHIVED = absent("archived_at")


def use_write(code: Code, id: str, use: Use, *, now: datetime) -> dict[str, Any]:
    """Return the write that takes the uses for a registration, for the transaction that writes its row."""
    return uses_write(code, {id: use}, now=now)


def uses_write(code: Code, uses: Mapping[str, Use], *, now: datetime) -> dict[str, Any]:
    """Return the write that takes the uses for several registrations that are booked together, registration id → use."""
    taken = sum(use.redemptions for use in uses.values())
    change = with_version_and_stage(replace(code, left=code.left - taken), Update().add(left=-taken))
    condition = enough_left(taken) & NOT_ARCHIVED & not_run_out(now)
    for id, use in uses.items():
        change, condition = change.set_in(("h", id), USES.write(use)), condition & not_used_by_this(id)
    return _update(code, change, condition)


def enough_left(redemptions: int) -> Condition:
    return at_least("left", redemptions)


def not_used_by_this(id: str) -> Condition:
    """The registration has no use of the code yet."""
    return absent(("h", id))


def not_run_out(now: datetime) -> Condition:
    return absent("expires_at") | above("expires_at", times.written(now))


def renew_use(registration: Registration, *, now: datetime) -> bool:
    """Record a new try of the booking, so that a concurrent clean-up cannot take its use back. False when one has."""
    return _change(registration, "at", now.isoformat())


def finish_use(registration: Registration) -> bool:
    """Make the use final, once the spots are taken. False when there is no such use."""
    return _change(registration, "f", True)


def delete_failed_booking(registration: Registration, code: Code, seen: Use) -> bool:
    """Delete a failed booking: its use, row and participants. False when one of them has changed since it was read."""
    return registrations.delete_attempt(registration, also=[_return(code, registration.id, seen)])


def return_use(code: Code, id: str, seen: Use) -> bool:
    """Return the uses of an ended registration to the code. False when the code has changed since it was read."""
    try:
        dynamodb.transact([_return(code, id, seen)])
    except dynamodb.TransactionFailed:
        return False
    return True


def _return(code: Code, id: str, seen: Use) -> dict[str, Any]:
    change = with_version_and_stage(replace(code, left=code.left + seen.redemptions), Update().add(left=seen.redemptions).remove(("h", id)))
    return _update(code, change, as_seen(id, seen) & as_read(code.version))


def as_seen(id: str, seen: Use) -> Condition:
    """The registration's use is unchanged since it was read."""
    return equals(("h", id), USES.write(seen))


def _change(registration: Registration, name: str, value: Any) -> bool:
    """Change one attribute of the use of this attempt. False when there is no such use."""
    use = ("h", registration.id)
    key, same_attempt = keys.code(registration.org, registration.code), equals((*use, "v"), registration.nonce)
    try:
        dynamodb.update(config().codes_table, key, Update().set_in((*use, name), value), same_attempt, want="NONE")
    except dynamodb.ConditionFailed:
        return False
    return True


def _update(code: Code, change: Update, condition: Condition) -> dict[str, Any]:
    return dynamodb.update_write(config().codes_table, keys.code(code.org, code.code), change, condition)
