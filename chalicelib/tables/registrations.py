"""Registrations: a row each, and a row per participant that keeps the same person from being registered twice.

Rows are written before the ledger confirms; one that never got its hold stands on no roster and is swept away.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chalicelib.rules import times
from chalicelib.rules.money import Money
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import AlreadyRemoved, Registration, same_participant
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.items import Item, item, plain, stored

THERE = "attribute_exists(pk)"
NEW = "attribute_not_exists(pk)"
NOBODY_OR_MINE = "attribute_not_exists(pk) OR registration = :own"
OR_THIS_ONE = " OR registration = :over"
SAME_ATTEMPT = "nonce = :nonce"
NOT_REMOVED = "attribute_not_exists(removed_at)"
NOT_CONFIRMED = "attribute_not_exists(confirmed_at)"


class ParticipantTaken(Exception):
    """Another registration names the same participant; whether it stands must be looked up."""

    def __init__(self, participant: str, own: str) -> None:
        self.participant = participant
        self.own = own


def find(org: str, session: str, own: str) -> Registration | None:
    """Return the registration if there is a row of it, confirmed or not."""
    found = requests.get(settings().rosters_table, keys.registration(org, session, own))
    return registration_from(found) if found else None


def get(org: str, session: str, own: str) -> Registration:
    """Return the registration, or NotFound."""
    found = find(org, session, own)
    if found is None:
        raise NotFound
    return found


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


def _write(registration: Registration, condition: str, values: Item, over: Mapping[str, str]) -> Registration | None:
    """Write row and participants; return the row of this attempt that stands in the way, if there is one."""
    row: dict[str, Any] = {"TableName": settings().rosters_table, "Item": _item(registration), "ConditionExpression": condition}
    if values:
        row["ExpressionAttributeValues"] = values
    names = _distinct(registration)
    try:
        requests.transact([{"Put": row}, *({"Put": _guard(registration, name, over.get(name))} for name in names)])
    except requests.TransactionFailed as failed:
        row_now, *guards = failed.reasons
        for name, taken in zip(names, guards, strict=True):
            if taken is not None:
                raise ParticipantTaken(name, taken["registration"]["S"]) from None
        return _of_this_attempt(registration, row_now)
    return None


def _of_this_attempt(registration: Registration, row: Item | None) -> Registration:
    standing = registration_from(row) if row else None
    if standing is None or standing.removed_at or standing.nonce != registration.nonce:
        raise AlreadyRemoved
    return standing


def take_back(registration: Registration) -> None:
    """Delete a row that could not be confirmed, and let its participants go."""
    rosters = settings().rosters_table
    row = {
        "TableName": rosters,
        "Key": keys.registration(registration.org, registration.session, registration.id).stored(),
        "ConditionExpression": SAME_ATTEMPT,
        "ExpressionAttributeValues": {":nonce": stored(registration.nonce)},
    }
    try:
        requests.transact([{"Delete": row}, *_releases(registration)])
    except requests.TransactionFailed:
        return


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
        requests.transact([{"Update": removal}, *_releases(registration)])
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


def _distinct(registration: Registration) -> list[str]:
    return list({same_participant(name): name for name in registration.participants}.values())


def _guard(registration: Registration, name: str, over: str | None) -> dict[str, Any]:
    key = keys.participant(registration.org, registration.session, registration.email, name)
    return {
        "TableName": settings().rosters_table,
        "Item": {**key.stored(), "registration": stored(registration.id)},
        "ConditionExpression": NOBODY_OR_MINE + (OR_THIS_ONE if over else ""),
        "ExpressionAttributeValues": {":own": stored(registration.id), **({":over": stored(over)} if over else {})},
    }


def _releases(registration: Registration) -> list[dict[str, Any]]:
    return [
        {
            "Delete": {
                "TableName": settings().rosters_table,
                "Key": keys.participant(registration.org, registration.session, registration.email, name).stored(),
                "ConditionExpression": NOBODY_OR_MINE,
                "ExpressionAttributeValues": {":own": stored(registration.id)},
            }
        }
        for name in _distinct(registration)
    ]


def registration_from(entry: Item) -> Registration:
    values = plain(entry)
    named = ("created_at", "covers_from", "confirmed_at", "removed_at")
    moments: dict[str, Any] = {name: times.read(values[name]) for name in named if name in values}
    org, _, session = values["pk"].partition("#")
    read: dict[str, Any] = {name: values[name] for name in Registration.__dataclass_fields__ if name in values}
    return Registration(
        **{
            **read,
            "org": org,
            "session": session,
            "id": values["sk"].removeprefix(keys.REGISTRATION),
            "participants": tuple(values["participants"]),
            "price": Money(**values["price"]),
            "answers": tuple((question, answer) for question, answer in values.get("answers", {}).items()),
            **moments,
        }
    )


def _item(registration: Registration) -> Item:
    values = {name: getattr(registration, name) for name in Registration.__dataclass_fields__ if name not in {"org", "session", "id"}}
    return {
        **keys.registration(registration.org, registration.session, registration.id).stored(),
        **item(
            {
                **{name: value for name, value in values.items() if value != ""},
                "price": registration.price._asdict(),
                "answers": dict(registration.answers) or None,
                "created_at": times.written(registration.created_at),
                "covers_from": times.written(registration.covers_from),
                "confirmed_at": times.written(registration.confirmed_at) if registration.confirmed_at else None,
                "removed_at": times.written(registration.removed_at) if registration.removed_at else None,
            }
        ),
    }
