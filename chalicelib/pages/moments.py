"""Times as they are written on pages: where the session takes place, with the weekday."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from chalicelib.rules import times
from chalicelib.rules.sessions import Meeting, Session

NO_TIME = "Choose a date and a time."
NO_DAY = "Choose a date."
SKIPPED = "Clocks go forward at that hour, so this time does not exist. Choose another."


class NoSuchTimeError(ValueError):
    """What was typed is no time; the message tells what to do."""


def typed(text: str, zone: str) -> datetime:
    """Return the moment that a `datetime-local` field names in a zone. Raises NoSuchTimeError."""
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
    """Return what a `datetime-local` field shows for a moment."""
    return f"{times.local(moment, zone):%Y-%m-%dT%H:%M}"


def end_of(text: str, zone: str) -> datetime:
    """Return the moment at which the day that a `date` field names is over in a zone. Raises NoSuchTimeError."""
    try:
        return times.in_utc(datetime.combine(times.day(text.strip()) + timedelta(days=1), time(), ZoneInfo(zone)))
    except ValueError:
        raise NoSuchTimeError(NO_DAY) from None


def last_day(moment: datetime, zone: str) -> times.Day:
    """Return the last day on which it was still before the moment: of an end at midnight, the day before."""
    return times.local(moment - timedelta(seconds=1), zone).date()


def date(moment: datetime, zone: str) -> str:
    """Return `Tue 24 Nov 2026`."""
    return f"{times.local(moment, zone):%a %-d %b %Y}"


def day(one: times.Day) -> str:
    """Return `Tue 24 Nov 2026`, of a day of the calendar."""
    return f"{one:%a %-d %b %Y}"


def date_and_time(moment: datetime, zone: str) -> str:
    """Return `Tue 24 Nov 2026, 16:00`."""
    return f"{date(moment, zone)}, {times.local(moment, zone):%H:%M}"


def meeting(one: Meeting, zone: str) -> str:
    """Return `Tue 24 Nov 2026, 16:00–17:30`."""
    starts, ends = times.local(one.starts_at, zone), times.local(one.ends_at, zone)
    if starts.date() == ends.date():
        return f"{date_and_time(one.starts_at, zone)}–{ends:%H:%M}"
    return f"{date_and_time(one.starts_at, zone)} – {date_and_time(one.ends_at, zone)}"


def coming(session: Session, now: datetime) -> Meeting:
    """Return the meeting that is on or comes next, or the last one when none does."""
    return next((one for one in session.meetings if one.ends_at > now), session.meetings[-1])


def since(moment: datetime, zone: str, now: datetime) -> str:
    """Return `today, 16:00` or `24 Nov` or `24 Nov 2025`: as much as tells it apart."""
    then, today = times.local(moment, zone), times.local(now, zone)
    if then.date() == today.date():
        return f"today, {then:%H:%M}"
    return f"{then:%-d %b}" if then.year == today.year else f"{then:%-d %b %Y}"


def left(until: datetime, now: datetime) -> str:
    """Return roughly how long it is until then: `3 days`, `5 hours`."""
    minutes = max(0, int((until - now).total_seconds() // 60))
    for size, word in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            number = minutes // size
            return f"{number} {word}{'s' if number > 1 else ''}"
    return "less than a minute"
