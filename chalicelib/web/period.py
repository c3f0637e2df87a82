"""The period that a query asks for: `from` and `to`, each a day in the organisation's zone or a moment."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from pydantic_core import PydanticCustomError

from chalicelib.rules import times
from chalicelib.rules.agenda import MOST_DAYS, WEEK, Days
from chalicelib.rules.refusals import Fault, ValidationFailed
from chalicelib.rules.translation import N_

T = TypeVar("T")
DAY_LENGTH = len("2026-11-24")
ENDS_BEFORE_IT_BEGINS = ("ends_before_it_begins", N_("This day is before the first one. Choose a later one."))
TOO_LONG = ("too_long", N_("A period has at most 62 days. Choose an earlier end."))


def period(query: Mapping[str, str], zone: str) -> tuple[datetime | None, datetime | None]:
    """Return the first and the last moment of the period, None where it is open. Raises ValidationFailed."""
    found, faults = _ends(query, lambda text: _first_moment(text, zone), lambda text: _last_moment(text, zone))
    if faults:
        raise ValidationFailed(faults)
    return found.get("from"), found.get("to")


def days(query: Mapping[str, str]) -> tuple[times.Day | None, times.Day | None]:
    """Return the first and the last day of the period, None where it is left out. Raises ValidationFailed."""
    found, faults = given_days(query)
    if faults:
        raise ValidationFailed(faults)
    return found.get("from"), found.get("to")


def given_days(query: Mapping[str, str]) -> tuple[dict[str, date], list[Fault]]:
    """Return the days `from` and `to` as far as they are given, and the faults of those that are no days."""
    return _ends(query, times.day, times.day)


def agenda_days(query: Mapping[str, str], today: date) -> Days:
    """Return the days from `from` until `to`, by default a week from today. Raises ValidationFailed, also for more than 62 days."""
    found, faults = given_days(query)
    first = found.get("from", today)
    last = found.get("to", first + timedelta(days=WEEK - 1))
    if last < first or last - first > timedelta(days=MOST_DAYS):
        faults.append(("/to", *(ENDS_BEFORE_IT_BEGINS if last < first else TOO_LONG)))
    if faults:
        raise ValidationFailed(faults)
    return Days(first, last)


def _ends(query: Mapping[str, str], first: Callable[[str], T], last: Callable[[str], T]) -> tuple[dict[str, T], list[Fault]]:
    """Return `from` as read by `first`, and `to` as read by `last`, as far as they are given, and the faults of refused ones."""
    found: dict[str, T] = {}
    faults: list[Fault] = []
    for name, read in (("from", first), ("to", last)):
        try:
            if text := query.get(name, "").strip():
                found[name] = read(text)
        except PydanticCustomError as error:
            faults.append((f"/{name}", error.type, error.message()))
    return found, faults


def _first_moment(text: str, zone: str) -> datetime:
    """Return the moment that the text is, or at which its day begins."""
    if len(text) > DAY_LENGTH:
        return times.moment(text)
    return datetime.combine(times.day(text), time(), ZoneInfo(zone))


def _last_moment(text: str, zone: str) -> datetime:
    """Return the moment that the text is, or the last second of its day."""
    first = _first_moment(text, zone)
    return first if len(text) > DAY_LENGTH else first + timedelta(days=1) - timedelta(seconds=1)
