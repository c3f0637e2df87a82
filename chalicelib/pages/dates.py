"""Dates and times in the fields of forms, in the time zone of the session."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from chalicelib.rules import times
from chalicelib.rules.translation import N_

NO_TIME = N_("Choose a date and a time.")
NO_DAY = N_("Choose a date.")
SKIPPED = N_("Clocks go forward at that hour, so this time does not exist. Choose another.")


class NoSuchTimeError(ValueError):
    """The text is not a valid date or time. The message tells the user what to do."""


def typed(text: str, zone: str, *, was: datetime | None = None, ends: bool = False) -> datetime:
    """Return the moment of a `datetime-local` field in a time zone. Raises NoSuchTimeError when it is malformed, or skipped by the clocks.

    An unchanged field means the stored moment `was`: it cannot show seconds, nor which of the two repeated hours in autumn. If the field
    `ends` something, a date without a time means the end of that day.
    """
    if was and text.strip() == field(was, zone):
        return was
    if ends and times.DAY.fullmatch(text.strip()):
        return end_of(text, zone)
    try:
        local = datetime.fromisoformat(text.strip())
    except ValueError:
        raise NoSuchTimeError(NO_TIME) from None
    if local.tzinfo or not 1970 < local.year < 9998:
        raise NoSuchTimeError(NO_TIME)
    moment = local.replace(tzinfo=ZoneInfo(zone))
    if times.local(times.in_utc(moment), zone).replace(tzinfo=None) != local.replace(microsecond=0):
        raise NoSuchTimeError(SKIPPED)
    return moment


def field(moment: datetime, zone: str) -> str:
    """Return a moment as the value of a `datetime-local` field in a time zone."""
    return f"{times.local(moment, zone):%Y-%m-%dT%H:%M}"


def end_of(text: str, zone: str) -> datetime:
    """Return the end of the day in a `date` field: the next midnight in a time zone, as UTC. Raises NoSuchTimeError if it is malformed."""
    try:
        return times.in_utc(datetime.combine(times.day(text.strip()) + timedelta(days=1), time(), ZoneInfo(zone)))
    except ValueError:
        raise NoSuchTimeError(NO_DAY) from None


def last_day(moment: datetime, zone: str) -> times.Day:
    """Return the last day before an end, in a time zone: of an end at midnight, the previous day."""
    return times.local(moment - timedelta(seconds=1), zone).date()
