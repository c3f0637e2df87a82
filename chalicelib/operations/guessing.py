"""Guessing invitation codes and discount codes is not worth it: a client address may be wrong ten times in ten minutes, everybody
together a thousand times an hour.

Who is right is not counted, so that a whole office may book behind one address. Counting a miss decides whether it is answered.
"""

from collections.abc import Iterable
from datetime import datetime

from chalicelib.rules.accounts import TooManyAttempts
from chalicelib.rules.codes import MISSES, MISSES_OF_ALL, MISSES_OF_ALL_WITHIN, MISSES_WITHIN
from chalicelib.rules.refusals import Refusal
from chalicelib.tables import keys, throttles
from chalicelib.tables.items import Item

LIMITS = (MISSES, MISSES_OF_ALL)


def counts(org: str, source: str) -> tuple[keys.Key, keys.Key]:
    """Return where the misses of this client address, and those of everybody, are counted."""
    return keys.throttle("codes", org, source), keys.throttle("codes", org)


def check_open(misses: Iterable[Item | None], *, now: datetime) -> None:
    """Refuse, right or wrong, whoever was wrong too often. Raises TooManyAttempts."""
    for count, most in zip(misses, LIMITS, strict=True):
        throttles.check(count, most=most, now=now)


def missed(org: str, source: str, wrong: Refusal, *, now: datetime) -> Refusal:
    """Count a wrong code and return what it is answered with: that it is wrong, or that there were too many."""
    of_address, of_all = counts(org, source)
    try:
        throttles.count(of_address, most=MISSES, within=MISSES_WITHIN, now=now)
        throttles.count(of_all, most=MISSES_OF_ALL, within=MISSES_OF_ALL_WITHIN, now=now)
    except TooManyAttempts as too_many:
        return too_many
    return wrong
