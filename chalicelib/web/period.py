"""The period that a query asks for: `from` and `to`, each a day in the organisation's zone or a moment."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pydantic_core import PydanticCustomError

from chalicelib.rules import times
from chalicelib.rules.agenda import MOST_DAYS, WEEK, Days
from chalicelib.rules.refusals import Fault, ValidationFailed
from chalicelib.rules.translation import N_

DAY_LENGTH = len("2026-11-24")
ENDS_BEFORE_IT_BEGINS = ("ends_before_it_begins", N_("This day is before the first one. Choose a later one."))
TOO_LONG = ("too_long", N_("A period has at most 62 days. Choose an earlier end."))


def period(query: Mapping[str, str], zone: str) -> tuple[datetime | None, datetime | None]:
    """Return the first and the last moment of the period, None where it is open. Raises ValidationFailed."""
    found: dict[str, datetime | None] = {}
    errors: list[Fault] = []
    for name in ("from", "to"):
        try:
            found[name] = _moment(query.get(name, "").strip(), zone, whole_day=name == "to")
        except PydanticCustomError as error:
            errors.append((f"/{name}", error.type, error.message()))
    if errors:
        raise ValidationFailed(errors)
    return found["from"], found["to"]


def days(query: Mapping[str, str]) -> tuple[times.Day | None, times.Day | None]:
    """Return the first and the last day of the period, None where it is left out. Raises ValidationFailed."""
    found: dict[str, times.Day | None] = {}
    errors: list[Fault] = []
    for name in ("from", "to"):
        text = query.get(name, "").strip()
        try:
            found[name] = times.day(text) if text else None
        except PydanticCustomError as error:
            errors.append((f"/{name}", error.type, error.message()))
    if errors:
        raise ValidationFailed(errors)
    return found["from"], found["to"]


def _moment(text: str, zone: str, *, whole_day: bool) -> datetime | None:
    if not text:
        return None
    if len(text) > DAY_LENGTH:
        return times.moment(text)
    midnight = datetime.combine(times.day(text), time(), ZoneInfo(zone))
    return midnight + timedelta(days=1) - timedelta(seconds=1) if whole_day else midnight


def agenda_days(query: Mapping[str, str], today: date) -> Days:
    """Return the days from `from` until `to`, by default a week from today. Raises ValidationFailed, also for more than 62 days."""
    found: dict[str, date] = {}
    errors: list[Fault] = []
    for name in ("from", "to"):
        try:
            if given := query.get(name, "").strip():
                found[name] = times.day(given)
        except PydanticCustomError as error:
            errors.append((f"/{name}", error.type, error.message()))
    first = found.get("from", today)
    last = found.get("to", first + timedelta(days=WEEK - 1))
    if last < first or last - first > timedelta(days=MOST_DAYS):
        errors.append(("/to", *(ENDS_BEFORE_IT_BEGINS if last < first else TOO_LONG)))
    if errors:
        raise ValidationFailed(errors)
    return Days(first, last)
