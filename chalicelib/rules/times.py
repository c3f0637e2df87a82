"""Moments in UTC, zones by their IANA names."""

from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime
from pydantic_core import PydanticCustomError

ONLY_HERE = ("posix/", "posixrules", "right/", "localtime")
"""Files that some systems keep beside the zones, and others do not."""


def in_utc(moment: datetime) -> datetime:
    """Return the moment in UTC, to the second; refuse years that calendars do not hold."""
    if not 1970 < moment.year < 9999:
        raise PydanticCustomError("impossible_date", "Use a date between 1971 and 9998.")
    return moment.astimezone(UTC).replace(microsecond=0)


def zone(name: str) -> str:
    """Return the name of a time zone that exists, on this machine and on any other."""
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
    """Return the moment as RFC 3339 in UTC, to the second: its text sorts as the time does."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def local(moment: datetime, zone_name: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone_name))


Moment = Annotated[AwareDatetime, AfterValidator(in_utc)]
Zone = Annotated[str, AfterValidator(zone)]
