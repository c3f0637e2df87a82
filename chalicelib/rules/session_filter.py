"""The filter of a list of sessions."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple, get_args
from zoneinfo import ZoneInfo

from chalicelib.rules.contracts import tagged
from chalicelib.rules.meetings import ListedMeeting
from chalicelib.rules.related_sessions import is_related, may_be_related
from chalicelib.rules.sessions import Meeting, Session
from chalicelib.rules.text import has_words

Weekday = Literal["mo", "tu", "we", "th", "fr", "sa", "su"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)


class SessionBrief(NamedTuple):
    """What a filter compares, so far as it is read."""

    title: str = ""
    location: str = ""
    tags: tuple[str, ...] = ()
    series: str | None = None
    """None where it is not read."""
    time_zone: str = ""
    last_starts_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SessionFilter:
    """What a session must have. Empty fields do not filter."""

    tag: str = ""
    q: str = ""
    """Words, each of which begins a word of the title, the location or a tag."""
    first_day: date | None = None
    last_day: date | None = None
    weekday: Weekday | None = None
    """One meeting that is not over lies on a day from `first_day` to `last_day`, and on this weekday, in the zone of the session."""
    series: str = ""
    """The id of the series that it is part of."""
    related_to: Session | None = None
    """The session to which it is related."""

    def __bool__(self) -> bool:
        return self != SessionFilter()

    def matches(self, session: Session, now: datetime) -> bool:
        """Whether a session belongs in the list at a moment."""
        if not self.may_match(session):
            return False
        if self.related_to and not is_related(self.related_to, session):
            return False
        if not self._is_about_days:
            return True
        return any(self.suits(meeting, session.time_zone) for meeting in session.active_meetings if meeting.ends_at > now)

    def may_match(self, known: Session | SessionBrief) -> bool:
        """Whether a session with this title, location, tags and series may match: one that may not need not be read."""
        if self.tag and not tagged(known, self.tag):
            return False
        if self.series and known.series not in (None, self.series):
            return False
        if self.related_to and not may_be_related(self.related_to, known):
            return False
        return not self.q or has_words(self.q, known.title, known.location, *known.tags)

    @property
    def facts(self) -> set[str]:
        """The names of the facts of a session that tell whether it may match."""
        compared = (
            (self.tag, {"tags"}),
            (self.q, {"title", "location", "tags"}),
            (self.series, {"series"}),
            (self.related_to, {"tags", "series"}),
            (self._is_about_days, {"time_zone", "last_starts_at"}),
        )
        return {name for criterion, names in compared if criterion for name in names}

    @property
    def _is_about_days(self) -> bool:
        return bool(self.first_day or self.last_day or self.weekday)

    def may_match_at(self, meeting: ListedMeeting, known: SessionBrief) -> bool:
        """Whether a session that is listed at a meeting, its next one, may match: so far as its facts tell."""
        if not self.may_match(known):
            return False
        if not self._is_about_days:
            return True
        if meeting.last_end:
            return self.suits(meeting, known.time_zone)
        first, last = (_day(moment, known.time_zone) for moment in (meeting.starts_at, known.last_starts_at or meeting.starts_at))
        return first <= (self.last_day or first) and last >= (self.first_day or last)

    def suits(self, meeting: Meeting | ListedMeeting, zone: str) -> bool:
        """Whether a meeting lies on these days, and on this weekday, in a time zone."""
        day = _day(meeting.starts_at, zone)
        in_time = (self.first_day or day) <= day <= (self.last_day or day)
        return in_time and self.weekday in (None, WEEKDAYS[day.weekday()])


def _day(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()
