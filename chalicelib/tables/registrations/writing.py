"""A registration begins and ends. Rows are written before the ledger confirms; one that never got its hold stands on no roster."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from chalicelib.rules import times
from chalicelib.rules.registrations import AlreadyRemoved, Registration
from chalicelib.settings import settings
from chalicelib.tables import discounts, keys, requests
from chalicelib.tables.items import Item, stored
from chalicelib.tables.registrations.people import distinct, guard, releases
from chalicelib.tables.registrations.rows import registration_from, registration_item

THERE = "attribute_exists(pk)"
NEW = "attribute_not_exists(pk)"
SAME_ATTEMPT = "nonce = :nonce"
NOT_REMOVED = "attribute_not_exists(removed_at)"
NOT_CONFIRMED = "attribute_not_exists(confirmed_at)"
AS_WRITTEN = "created_at = :created"


class ParticipantTaken(Exception):
    """Another registration names the same participant; whether it stands must be looked up."""

    def __init__(self, participant: str, own: str) -> None:
        self.participant = participant
        self.own = own


def write(registration: Registration, *, over: Mapping[str, str] | None = None) -> bool:
    """Write the row and its participants before its spots are confirmed. False when this attempt was written before.

    Then it is written anew, unless it is confirmed: that one stays as it is. `over` names, for a participant, a registration that is known
    not to stand. Raises ParticipantTaken, AlreadyRemoved.
    """
    standing = _write(registration, NEW, {}, over or {})
    if standing is None:
        return True
    if not standing.confirmed_at:
        _write(registration, f"{SAME_ATTEMPT} AND {NOT_REMOVED} AND {NOT_CONFIRMED}", {":nonce": stored(registration.nonce)}, over or {})
    return False


def write_with(registration: Registration, also: Sequence[dict[str, Any]], *, over: Mapping[str, str] | None = None) -> bool:
    """Write row, participants and what else there is, all or none. False when this attempt was written before: then it stays as it was.

    Raises AlsoRefused, ParticipantTaken, AlreadyRemoved.
    """
    return _write(registration, NEW, {}, over or {}, also) is None


def _write(
    registration: Registration, condition: str, values: Item, over: Mapping[str, str], also: Sequence[dict[str, Any]] = ()
) -> Registration | None:
    """Write row and participants; return the row of this attempt that stands in the way, if there is one."""
    row: dict[str, Any] = {"TableName": settings().rosters_table, "Item": registration_item(registration), "ConditionExpression": condition}
    if values:
        row["ExpressionAttributeValues"] = values
    names = distinct(registration)
    try:
        requests.transact([{"Put": row}, *({"Put": guard(registration, name, over.get(name))} for name in names), *also])
    except requests.TransactionFailed as failed:
        row_now, *others = failed.reasons
        for name, taken in zip(names, others, strict=False):
            if taken is not None:
                raise ParticipantTaken(name, taken["registration"]["S"]) from None
        if row_now is None and also:
            raise requests.AlsoRefused(others[len(names) :]) from None
        return _of_this_attempt(registration, row_now)
    return None


def _of_this_attempt(registration: Registration, row: Item | None) -> Registration:
    standing = registration_from(row) if row else None
    if standing is None or standing.removed_at or standing.nonce != registration.nonce:
        raise AlreadyRemoved
    return standing


def renew(registration: Registration, *, now: datetime) -> Registration | None:
    """Note on an attempt's row that it is tried once more, so that nobody takes it back as it was before, and return it.

    One that is confirmed stays as it is. None when it is there no more, or was removed.
    """
    try:
        renewed = requests.update(
            settings().rosters_table,
            keys.registration(registration.org, registration.session, registration.id),
            "SET created_at = :now, covers_from = :now",
            f"{SAME_ATTEMPT} AND {NOT_REMOVED} AND {NOT_CONFIRMED}",
            values={":now": stored(times.written(now)), ":nonce": stored(registration.nonce)},
        )
    except requests.ConditionFailed as failed:
        standing = registration_from(failed.old) if failed.old else None
        return standing if standing and standing.nonce == registration.nonce and not standing.removed_at else None
    return registration_from(renewed)


def take_back(registration: Registration, *, also: Sequence[dict[str, Any]] = ()) -> bool:
    """Delete an attempt's row, unless it is confirmed, let its participants go, and do `also`: all or none. False when it could not be.

    A row that another try has written anew meanwhile is that one's to take back. Its use of a discount code goes with it. A participant
    whom another registration has taken over meanwhile is not let go.
    """
    row = {
        "TableName": settings().rosters_table,
        "Key": keys.registration(registration.org, registration.session, registration.id).stored(),
        "ConditionExpression": f"{SAME_ATTEMPT} AND {NOT_CONFIRMED} AND {AS_WRITTEN}",
        "ExpressionAttributeValues": {":nonce": stored(registration.nonce), ":created": stored(times.written(registration.created_at))},
    }
    names, also = distinct(registration), [*also, *discounts.return_writes(registration)]
    while True:
        try:
            requests.transact([{"Delete": row}, *also, *releases(registration, names)])
        except requests.TransactionFailed as failed:
            own, others = failed.reasons[: len(also) + 1], failed.reasons[len(also) + 1 :]
            kept = [name for name, taken in zip(names, others, strict=True) if taken is None]
            if kept == names or any(reason is not None for reason in own):
                return False
            names = kept
        else:
            return True


def remove(registration: Registration, *, by: str, now: datetime) -> None:
    """Note that it was removed and let its participants go; the ledger must follow. Removed already: nothing changes."""
    removal = {
        "TableName": settings().rosters_table,
        "Key": keys.registration(registration.org, registration.session, registration.id).stored(),
        "UpdateExpression": "SET removed_at = :now, removed_by = :by, confirmed_at = if_not_exists(confirmed_at, created_at)",
        "ConditionExpression": f"{SAME_ATTEMPT} AND {NOT_REMOVED}",
        "ExpressionAttributeValues": {
            ":now": stored(times.written(now)),
            ":by": stored(by),
            ":nonce": stored(registration.nonce),
        },
    }
    try:
        requests.transact([{"Update": removal}, *releases(registration)])
    except requests.TransactionFailed:
        return


def mark_confirmed(org: str, session: str, own: str, *, now: datetime) -> Registration | None:
    """Note on the row what the ledger has decided. None when there is no such row; the first note stays."""
    try:
        changed = requests.update(
            settings().rosters_table,
            keys.registration(org, session, own),
            "SET confirmed_at = if_not_exists(confirmed_at, :now)",
            THERE,
            values={":now": stored(times.written(now))},
        )
    except requests.ConditionFailed:
        return None
    return registration_from(changed)
