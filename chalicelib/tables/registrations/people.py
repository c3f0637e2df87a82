"""A row per participant keeps the same person from being registered twice for a session by one address."""

from typing import Any

from chalicelib.rules.registrations import Registration, same_participant
from chalicelib.settings import settings
from chalicelib.tables import keys
from chalicelib.tables.items import stored

NOBODY_OR_MINE = "attribute_not_exists(pk) OR registration = :own"
OR_THIS_ONE = " OR registration = :over"


def distinct(registration: Registration) -> list[str]:
    return list({same_participant(name): name for name in registration.participants}.values())


def guard(registration: Registration, name: str, over: str | None) -> dict[str, Any]:
    key = keys.participant(registration.org, registration.session, registration.email, name)
    return {
        "TableName": settings().rosters_table,
        "Item": {**key.stored(), "registration": stored(registration.id)},
        "ConditionExpression": NOBODY_OR_MINE + (OR_THIS_ONE if over else ""),
        "ExpressionAttributeValues": {":own": stored(registration.id), **({":over": stored(over)} if over else {})},
    }


def guard_key(registration: Registration, name: str) -> keys.Key:
    return keys.participant(registration.org, registration.session, registration.email, name)


def releases(registration: Registration, names: list[str] | None = None) -> list[dict[str, Any]]:
    return [
        {
            "Delete": {
                "TableName": settings().rosters_table,
                "Key": keys.participant(registration.org, registration.session, registration.email, name).stored(),
                "ConditionExpression": NOBODY_OR_MINE,
                "ExpressionAttributeValues": {":own": stored(registration.id)},
            }
        }
        for name in (distinct(registration) if names is None else names)
    ]
