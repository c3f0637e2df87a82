"""Moments in UTC, days of a calendar, zones by their IANA names."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime, PlainValidator
from pydantic_core import PydanticCustomError

RFC_3339 = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)[Tt ](?P<time>\d\d:\d\d(:\d\d)?)(?P<fraction>\.\d+)?(?P<offset>[Zz]|[+-]\d\d:\d\d)?", re.ASCII
)
"""A moment; parts of seconds are left out, and the offset may be missing."""
WRITTEN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
"""A stored moment: Python reads more that is a moment to ISO 8601. Its own parser of formats takes thirty times as long."""
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
"""Year, month and day: Python reads more that is a date to ISO 8601, and to few people."""
ONLY_HERE = ("posix/", "posixrules", "right/", "localtime")
"""Files that some systems keep beside the zones, and others do not."""


def moment(value: object) -> datetime:
    """Return the moment in RFC 3339 text; a datetime is returned as it is. Numbers, which pydantic reads as seconds, are refused."""
    read = value if isinstance(value, datetime) else _parsed(value)
    if read is None:
        raise PydanticCustomError("not_a_time", "Write the time as 2026-11-24T16:00:00Z.")
    if read.tzinfo is None:
        raise PydanticCustomError("time_zone_missing", "Write the time with its offset, such as 2026-11-24T16:00:00Z.")
    return in_utc(read)


def precise_moment(value: object) -> datetime:
    """Return the moment in RFC 3339 text as `moment` does, to the millisecond."""
    whole = moment(value)
    found = RFC_3339.fullmatch(value) if isinstance(value, str) else None
    fraction = float(found["fraction"] or 0) if found else 0.0
    return whole + timedelta(milliseconds=int(fraction * 1000))


def _parsed(value: object) -> datetime | None:
    found = RFC_3339.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    try:
        return datetime.fromisoformat(f"{found['day']}T{found['time']}{found['offset'] or ''}".upper())
    except ValueError:
        return None


def in_utc(moment: datetime) -> datetime:
    """Return the moment in UTC, to the second. Refuses years outside 1971 to 9998."""
    if 1970 < moment.year < 9999:  # others may have no time in UTC
        in_utc = moment.astimezone(UTC)
        if 1970 < in_utc.year < 9999:
            return in_utc.replace(microsecond=0)
    raise PydanticCustomError("impossible_date", "Use a date between 1971 and 9998.")


def day(value: object) -> date:
    """Return the day in text such as 2026-11-24; a date is returned as it is. Numbers and midnights, which pydantic reads, are refused."""
    read = value if type(value) is date else _parsed_day(value)
    if read is None:
        raise PydanticCustomError("not_a_date", "Write the date as 2026-11-24.")
    if not 1970 < read.year < 9999:
        raise PydanticCustomError("impossible_date", "Use a date between 1971 and 9998.")
    return read


def last_day(value: object) -> date:
    """Return the day in text as `day` does; of a moment, the day that it is written with."""
    read = _parsed(value)
    return day(read.date() if read else value)


def _parsed_day(value: object) -> date | None:
    if not isinstance(value, str) or not DAY.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def zone(name: str) -> str:
    """Return the name of a time zone. Refuses names that exist on this machine only, or nowhere."""
    if name.startswith(ONLY_HERE) or not _known(name):
        raise PydanticCustomError("unknown_time_zone", "Use an IANA time zone such as Europe/Paris.")
    return name


def _known(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def written(moment: datetime) -> str:
    """Return the moment as RFC 3339 text in UTC, to the second. Such texts sort in order of time."""
    in_utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return in_utc.isoformat()[:19] + "Z"


def read(text: str) -> datetime:
    """Return the moment of a text as `written` returns it. Raises ValueError for any other text."""
    if not WRITTEN.fullmatch(text):
        raise ValueError(f"no written moment: {text!r}")
    return datetime.fromisoformat(text)


def local(moment: datetime, zone_name: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone_name))


Moment = Annotated[datetime, PlainValidator(moment, json_schema_input_type=AwareDatetime)]
PreciseMoment = Annotated[datetime, PlainValidator(precise_moment, json_schema_input_type=AwareDatetime)]
Day = Annotated[date, PlainValidator(day, json_schema_input_type=date)]
LastDay = Annotated[date, PlainValidator(last_day, json_schema_input_type=date | AwareDatetime)]
Zone = Annotated[str, AfterValidator(zone)]
