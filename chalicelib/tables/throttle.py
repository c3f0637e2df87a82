"""Throttles: counts of attempts, exact under any race, deleted when their time is over."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from chalicelib.config import config
from chalicelib.rules.auth import TooManyAttempts
from chalicelib.tables import dynamodb
from chalicelib.tables.conditions import NEW, THERE, Condition, Update, above, at_most, below
from chalicelib.tables.items import Item, stored
from chalicelib.tables.keys import Key


def count(key: Key, *, most: int, within: timedelta, now: datetime, by: int = 1) -> None:
    """Count an attempt, or `by` of them at once, at most `most`. Raises TooManyAttempts when there would be more than `most` since the
    first one, which is less than `within` ago.
    """
    moment = int(now.timestamp())
    ends = moment + int(within.total_seconds())
    while True:
        if _add(key, most, moment, ends, by):
            return
        old = _begin_again(key, moment, ends, by)
        if old is None:
            return
        if int(old["tries"]["N"]) > most - by:
            raise TooManyAttempts(retry_after=int(old["forget_at"]["N"]) - moment)


class Attempts(NamedTuple):
    """Attempts to count, with their limit."""

    key: Key
    most: int
    within: timedelta
    by: int = 1


def count_together(wanted: Sequence[Attempts], *, now: datetime) -> dict[Key, int] | None:
    """Count all of these or none, in one request. Return empty when all were counted, else the seconds until each that was at its limit
    begins anew, by its key. None, with nothing counted, while another request counts one of them: then `count` counts each by itself.
    """
    moment, ended = int(now.timestamp()), set[Key]()
    while True:
        try:
            dynamodb.transact([_write(one, moment, begins=one.key in ended) for one in wanted], after_conflicts=False)
        except dynamodb.TransactionFailed as failed:
            found = {one: old for one, old in zip(wanted, failed.reasons, strict=True) if old is not None}
        else:
            return {}
        left = {one: int(old["forget_at"]["N"]) - moment if old else 0 for one, old in found.items()}
        refused = {one.key: left[one] for one, old in found.items() if left[one] > 0 and int(old["tries"]["N"]) > one.most - one.by}
        if refused or not found:
            return refused or None
        ended = (ended - {one.key for one in found}) | {one.key for one, old in found.items() if old and left[one] <= 0}


def _write(wanted: Attempts, moment: int, *, begins: bool) -> dict[str, Any]:
    """Return the write that adds attempts, or that begins a new count with them when the time of the old one is over."""
    ends = moment + int(wanted.within.total_seconds())
    if begins:
        return dynamodb.update_write(config().memory_table, wanted.key, _beginning(wanted.by, ends), over(moment))
    return dynamodb.update_write(
        config().memory_table, wanted.key, _adding(wanted.by, ends), new_or_fewer(wanted.most - wanted.by + 1, moment)
    )


def find(key: Key) -> Item | None:
    """Return the stored count."""
    return dynamodb.get(config().memory_table, key)


def check(row: Item | None, *, most: int, now: datetime) -> None:
    """Raise TooManyAttempts when the stored count has reached `most`."""
    if row is None:
        return
    moment, ends = int(now.timestamp()), int(row["forget_at"]["N"])
    if ends > moment and int(row["tries"]["N"]) >= most:
        raise TooManyAttempts(retry_after=ends - moment)


def forget(key: Key) -> None:
    """Reset the count."""
    try:
        dynamodb.delete(config().memory_table, key, THERE)
    except dynamodb.ConditionFailed:
        return


def _add(key: Key, most: int, moment: int, ends: int, by: int) -> bool:
    try:
        dynamodb.update(config().memory_table, key, _adding(by, ends), new_or_fewer(most - by + 1, moment))
    except dynamodb.ConditionFailed:
        return False
    return True


def _adding(by: int, ends: int) -> Update:
    return Update().add(tries=by).default(forget_at=ends)


def _beginning(by: int, ends: int) -> Update:
    return Update().set(tries=by, forget_at=ends)


def new_or_fewer(most: int, moment: int) -> Condition:
    """There is no count yet, or one below `most` whose time is not over."""
    return NEW | (above("forget_at", moment) & below("tries", most))


def over(moment: int) -> Condition:
    """The time in which attempts are counted is over."""
    return at_most("forget_at", moment)


def _begin_again(key: Key, moment: int, ends: int, by: int) -> Item | None:
    """Start a new count with this attempt if the old one's time is over; else return the old count."""
    try:
        dynamodb.update(config().memory_table, key, _beginning(by, ends), over(moment))
    except dynamodb.ConditionFailed as failed:
        return failed.old or {"tries": stored(0), "forget_at": stored(ends)}
    return None
