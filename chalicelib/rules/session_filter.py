"""The filter of a list of sessions."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from chalicelib.rules.contracts import tagged
from chalicelib.rules.sessions import Meeting, Session
from chalicelib.rules.text import has_words

Weekday = Literal["mo", "tu", "we", "th", "fr", "sa", "su"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)


@dataclass(frozen=True, slots=True)
class SessionFilter:
    """What a session must have. Empty fields do not filter."""

    tag: str = ""
    q: str = ""
    """Words, each of which begins a word of the title, the place or a tag."""
    first_day: date | None = None
    last_day: date | None = None
    weekday: Weekday | None = None
    """One meeting that is not over lies on a day from `first_day` to `last_day`, and on this weekday, in the zone of the session."""
    series: str = ""
    """The id of the series that it is part of."""

    def __bool__(self) -> bool:
        return self != SessionFilter()

    def matches(self, session: Session, now: datetime) -> bool:
        """Whether a session belongs in the list at a moment."""
        if self.tag and not tagged(session, self.tag):
            return False
        if self.series and self.series != session.series:
            return False
        if self.q and not has_words(self.q, session.title, session.place, *session.tags):
            return False
        if not (self.first_day or self.last_day or self.weekday):
            return True
        return any(self.suits(meeting, session.time_zone) for meeting in session.active_meetings if meeting.ends_at > now)

    def suits(self, meeting: Meeting, zone: str) -> bool:
        """Whether a meeting lies on these days, and on this weekday, in a time zone."""
        day = meeting.starts_at.astimezone(ZoneInfo(zone)).date()
        in_time = (self.first_day or day) <= day <= (self.last_day or day)
        return in_time and self.weekday in (None, WEEKDAYS[day.weekday()])
