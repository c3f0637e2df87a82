"""Throttles: counts of attempts, exact under any race, deleted when their time is over."""

from datetime import datetime, timedelta

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
        dynamodb.update(config().memory_table, key, Update().add(tries=by).default(forget_at=ends), new_or_fewer(most - by + 1, moment))
    except dynamodb.ConditionFailed:
        return False
    return True


def new_or_fewer(most: int, moment: int) -> Condition:
    """There is no count yet, or one below `most` whose time is not over."""
    return NEW | (above("forget_at", moment) & below("tries", most))


def over(moment: int) -> Condition:
    """The time in which attempts are counted is over."""
    return at_most("forget_at", moment)


def _begin_again(key: Key, moment: int, ends: int, by: int) -> Item | None:
    """Start a new count with this attempt if the old one's time is over; else return the old count."""
    try:
        dynamodb.update(config().memory_table, key, Update().set(tries=by, forget_at=ends), over(moment))
    except dynamodb.ConditionFailed as failed:
        return failed.old or {"tries": stored(0), "forget_at": stored(ends)}
    return None
