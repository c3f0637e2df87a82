"""Guard rows, one per participant, which prevent one customer from registering the same person twice for a session."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import reduce
from operator import or_
from typing import Any

from chalicelib.config import config
from chalicelib.rules.registrations import Registration, same_participant
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.conditions import NEW, Condition, equals
from chalicelib.tables.items import stored


def distinct(registration: Registration) -> list[str]:
    return list({same_participant(name): name for name in registration.participants}.values())


def guard(registration: Registration, name: str, reassigning: Collection[str] = ()) -> dict[str, Any]:
    """Return the write that names the registration as a participant's, or takes it over from a former one. It fails when another has it."""
    row = {**guard_key(registration, name).stored(), "registration": stored(registration.id)}
    return dynamodb.put_write(config().rosters_table, row, _free(registration, reassigning))


def elsewhere(registration: Registration, others: Sequence[str]) -> list[tuple[str, str]]:
    """Return each participant with each other address of the customer, under which another registration may have it."""
    return [(name, email) for name in distinct(registration) for email in others]


def guard_check(registration: Registration, name: str, email: str, reassigning: Collection[str]) -> dict[str, Any]:
    """Return the check that no registration under another address of the customer has the participant, but a former one."""
    key = guard_key(replace(registration, email=email), name)
    return dynamodb.check(config().rosters_table, key, _free(registration, reassigning))


def _free(registration: Registration, reassigning: Collection[str]) -> Condition:
    former = (equals("registration", id) for id in reassigning)
    return reduce(or_, former, unassigned_or_own(registration))


def unassigned_or_own(registration: Registration) -> Condition:
    """The participant is named by no other registration."""
    return NEW | equals("registration", registration.id)


def guard_key(registration: Registration, name: str) -> keys.Key:
    return keys.participant(registration.org, registration.session, registration.email, name)


def guard_deletions(registration: Registration, names: list[str] | None = None) -> list[dict[str, Any]]:
    """Return the writes that delete the guards of these names, by default of all participants. One that another registration has stays."""
    return [
        dynamodb.delete_write(config().rosters_table, guard_key(registration, name), unassigned_or_own(registration))
        for name in (distinct(registration) if names is None else names)
    ]
