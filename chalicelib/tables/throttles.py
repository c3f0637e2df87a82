"""Counts of what may be tried only so often, exact under any race, forgotten when their time is over."""

from datetime import datetime, timedelta

from chalicelib.rules.accounts import TooManyAttempts
from chalicelib.settings import settings
from chalicelib.tables import requests
from chalicelib.tables.items import Item, stored
from chalicelib.tables.keys import Key

NEW_OR_FEWER = "attribute_not_exists(pk) OR (forget_at > :now AND tries < :most)"
OVER = "forget_at <= :now"
THERE = "attribute_exists(pk)"


def count(key: Key, *, most: int, within: timedelta, now: datetime) -> None:
    """Count one more attempt. Raises TooManyAttempts when there were `most` since the first one, less than `within` ago."""
    moment = int(now.timestamp())
    ends = moment + int(within.total_seconds())
    while True:
        if _add(key, most, moment, ends):
            return
        old = _begin_again(key, moment, ends)
        if old is None:
            return
        if int(old["tries"]["N"]) >= most:
            raise TooManyAttempts(retry_after=int(old["forget_at"]["N"]) - moment)


def check(entry: Item | None, *, most: int, now: datetime) -> None:
    """Refuse whoever has tried that often by this count, as stored. Raises TooManyAttempts."""
    if entry is None:
        return
    moment, ends = int(now.timestamp()), int(entry["forget_at"]["N"])
    if ends > moment and int(entry["tries"]["N"]) >= most:
        raise TooManyAttempts(retry_after=ends - moment)


def forget(key: Key) -> None:
    """Begin to count from nothing."""
    try:
        requests.delete(settings().memory_table, key, THERE)
    except requests.ConditionFailed:
        return


def _add(key: Key, most: int, moment: int, ends: int) -> bool:
    try:
        requests.update(
            settings().memory_table,
            key,
            "SET tries = if_not_exists(tries, :none) + :one, forget_at = if_not_exists(forget_at, :ends)",
            NEW_OR_FEWER,
            values={":none": stored(0), ":one": stored(1), ":most": stored(most), ":now": stored(moment), ":ends": stored(ends)},
        )
    except requests.ConditionFailed:
        return False
    return True


def _begin_again(key: Key, moment: int, ends: int) -> Item | None:
    """Count this attempt as the first of a new time if the old one is over, else return the count as it stands."""
    try:
        requests.update(
            settings().memory_table,
            key,
            "SET tries = :one, forget_at = :ends",
            OVER,
            values={":one": stored(1), ":ends": stored(ends), ":now": stored(moment)},
        )
    except requests.ConditionFailed as failed:
        return failed.old or {"tries": stored(0), "forget_at": stored(ends)}
    return None
