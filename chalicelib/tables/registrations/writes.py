"""Writes that create and end a registration. Rows are written before the ledger confirms; without its hold, they are on no roster."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from chalicelib.config import config
from chalicelib.rules import times
from chalicelib.rules.registration_refusals import AlreadyRemoved
from chalicelib.rules.registrations import Registration
from chalicelib.tables import discounts, dynamodb, keys
from chalicelib.tables.conditions import NEW, THERE, AttributePath, Condition, Update, absent, equals, same_attempt
from chalicelib.tables.items import Item
from chalicelib.tables.registrations.participants import distinct, elsewhere, guard, guard_check, guard_deletions
from chalicelib.tables.registrations.rows import registration_from, registration_item

NOT_REMOVED = absent("removed_at")
NOT_CONFIRMED = absent("confirmed_at")


class ParticipantTaken(Exception):
    """Another registration has the same participant. The caller must look up whether it is on the roster."""

    def __init__(self, participant: str, id: str) -> None:
        self.participant = participant
        self.id = id


class ParticipantGuards(NamedTuple):
    """What keeps a customer's participants from being registered twice."""

    others: Sequence[str] = ()
    """The other addresses of the customer, under which another registration may have a participant."""
    reassigning: Collection[str] = ()
    """The ids of former registrations, known not to be on the roster, whose guards are taken over."""


ONE_ADDRESS = ParticipantGuards()


def write(registration: Registration, *, guarded: ParticipantGuards = ONE_ADDRESS) -> bool:
    """Write the row and its participants' guards before the spots are confirmed. False when this attempt was written before.

    Then it is rewritten, unless it is confirmed. Raises ParticipantTaken, AlreadyRemoved.
    """
    current = _write(registration, NEW, guarded)
    if current is None:
        return True
    if not current.confirmed_at:
        _write(registration, _unconfirmed(registration), guarded)
    return False


def write_with(registration: Registration, also: Sequence[dict[str, Any]], *, guarded: ParticipantGuards = ONE_ADDRESS) -> bool:
    """Write the row, its participants' guards and `also` in one transaction. False when this attempt was written before; it is unchanged.

    Raises AlsoRefused, ParticipantTaken, AlreadyRemoved.
    """
    return _write(registration, NEW, guarded, also) is None


def _write(
    registration: Registration, condition: Condition, guarded: ParticipantGuards, also: Sequence[dict[str, Any]] = ()
) -> Registration | None:
    """Write the row and the guards. Return the existing row of this attempt, which prevented the write; None when it succeeded."""
    row = dynamodb.put_write(config().rosters_table, registration_item(registration), condition)
    names, guards = _guards(registration, guarded, room=dynamodb.MOST_WRITES - 1 - len(also))
    try:
        dynamodb.transact([row, *guards, *also])
    except dynamodb.TransactionFailed as failed:
        row_now, *others = failed.reasons
        for name, taken in zip(names, others, strict=False):
            if taken is not None:
                raise ParticipantTaken(name, taken["registration"]["S"]) from None
        if row_now is None and also:
            raise dynamodb.AlsoRefused(others[len(names) :]) from None
        return _of_this_attempt(registration, row_now)
    return None


def _guards(registration: Registration, guarded: ParticipantGuards, *, room: int) -> tuple[list[str], list[dict[str, Any]]]:
    """Return the writes of guards and the checks under other addresses, at most `room`, and the participant of each."""
    names, pairs = distinct(registration), elsewhere(registration, guarded.others)
    checked = pairs[: room - len(names)]
    guards = [guard(registration, name, guarded.reassigning) for name in names]
    checks = [guard_check(registration, name, email, guarded.reassigning) for name, email in checked]
    return [*names, *(name for name, _ in checked)], [*guards, *checks]


def _of_this_attempt(registration: Registration, row: Item | None) -> Registration:
    current = registration_from(row) if row else None
    if current is None or current.removed_at or current.nonce != registration.nonce:
        raise AlreadyRemoved
    return current


def renew(registration: Registration, *, now: datetime) -> Registration | None:
    """Record a new try on the attempt's row, so that a concurrent clean-up cannot take it back, and return it.

    A confirmed row is unchanged. None when the row is gone or was removed.
    """
    change = Update().set(created_at=times.written(now), covers_from=times.written(registration.covers_from))
    try:
        renewed = dynamodb.update(config().rosters_table, row_key(registration), change, _unconfirmed(registration))
    except dynamodb.ConditionFailed as failed:
        current = registration_from(failed.old) if failed.old else None
        return current if current and current.nonce == registration.nonce and not current.removed_at else None
    return registration_from(renewed)


def delete_attempt(registration: Registration, *, also: Sequence[dict[str, Any]] = ()) -> bool:
    """Delete an unconfirmed attempt's row and its guards, and do `also`, in one transaction. False when that failed.

    A row that another try has rewritten is left to that try. The use of a discount code is returned too. The guard of a participant whom
    another registration has taken over is kept.
    """
    as_seen = same_attempt(registration.nonce) & NOT_CONFIRMED & as_written(registration)
    row = dynamodb.delete_write(config().rosters_table, row_key(registration), as_seen)
    names, also = distinct(registration), [*also, *discounts.return_writes(registration)]
    while True:
        try:
            dynamodb.transact([row, *also, *guard_deletions(registration, names)])
        except dynamodb.TransactionFailed as failed:
            id, others = failed.reasons[: len(also) + 1], failed.reasons[len(also) + 1 :]
            kept = [name for name, taken in zip(names, others, strict=True) if taken is None]
            if kept == names or any(reason is not None for reason in id):
                return False
            names = kept
        else:
            return True


def remove(registration: Registration, *, by: str, now: datetime, tell: bool = False) -> None:
    """Record the removal and delete the guards; the ledger must follow. Idempotent. `tell`: whether the booker gets an e-mail."""
    change = (
        Update()
        .set(removed_at=times.written(now), removed_by=by, tell_removed=tell or None)
        .default(confirmed_at=AttributePath.of("created_at"))
    )
    not_removed = same_attempt(registration.nonce) & NOT_REMOVED
    removal = dynamodb.update_write(config().rosters_table, row_key(registration), change, not_removed)
    try:
        dynamodb.transact([removal, *guard_deletions(registration)])
    except dynamodb.TransactionFailed:
        return


def mark_confirmed(org: str, session: str, id: str, *, now: datetime) -> Registration | None:
    """Record the ledger's confirmation on the row. None when there is no row; an earlier record stays."""
    change = Update().default(confirmed_at=times.written(now))
    try:
        changed = dynamodb.update(config().rosters_table, keys.registration(org, session, id), change, THERE)
    except dynamodb.ConditionFailed:
        return None
    return registration_from(changed)


def as_written(registration: Registration) -> Condition:
    """No other try of the attempt has rewritten the row."""
    return equals("created_at", times.written(registration.created_at))


def _unconfirmed(registration: Registration) -> Condition:
    """The attempt's row exists and may be rewritten."""
    return same_attempt(registration.nonce) & NOT_REMOVED & NOT_CONFIRMED


def row_key(registration: Registration) -> keys.Key:
    return keys.registration(registration.org, registration.session, registration.id)
