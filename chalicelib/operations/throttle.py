"""Throttles guesses of invitation and discount codes: ten wrong codes in ten minutes per client address, a thousand an hour in
total.

Only wrong codes count, so that a whole office can book from one address. The refusal is chosen after counting, so that concurrent
guesses cannot exceed the limit.
"""

from collections.abc import Iterable
from datetime import datetime

from chalicelib.rules.auth import TooManyAttempts
from chalicelib.rules.codes import MISSES, MISSES_OF_ALL, MISSES_OF_ALL_WITHIN, MISSES_WITHIN
from chalicelib.rules.refusals import Refusal
from chalicelib.tables import keys, throttle
from chalicelib.tables.items import Item

LIMITS = (MISSES, MISSES_OF_ALL)


def wrong_code_keys(org: str, source: str) -> tuple[keys.Key, keys.Key]:
    """Return the keys of the counts: of this client address, and in total."""
    return keys.throttle("codes", org, source), keys.throttle("codes", org)


def check_open(misses: Iterable[Item | None], *, now: datetime) -> None:
    """Raise TooManyAttempts if a limit is reached, even for a right code. `misses` are the counts' rows as read."""
    for count, most in zip(misses, LIMITS, strict=True):
        throttle.check(count, most=most, now=now)


def count_wrong_code(org: str, source: str, wrong: Refusal, *, now: datetime) -> Refusal:
    """Count a wrong code and return the refusal to raise: `wrong`, or TooManyAttempts over the limit."""
    of_address, of_all = wrong_code_keys(org, source)
    try:
        throttle.count(of_address, most=MISSES, within=MISSES_WITHIN, now=now)
        throttle.count(of_all, most=MISSES_OF_ALL, within=MISSES_OF_ALL_WITHIN, now=now)
    except TooManyAttempts as too_many:
        return too_many
    return wrong
