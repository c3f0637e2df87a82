"""Dates and times on staff pages, in the language of the page, in the session's time zone and with the weekday."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from chalicelib import i18n
from chalicelib.pages import dates
from chalicelib.rules import times
from chalicelib.rules.sessions import Meeting, Session

RANGE = re.compile(r"(?<=\d)–(?=\d)")


def unbroken(format: Callable[..., str]) -> Callable[..., str]:
    """Return the format with hours at whose dash a line never breaks: `16:00–17:30`. E-mails have a style for this instead."""
    return lambda *values, **named: RANGE.sub(f"{i18n.JOINER}–{i18n.JOINER}", format(*values, **named))


@dataclass(frozen=True)
class Moments:
    """The dates and times of templates in one language."""

    locale: str

    def date(self, moment: datetime, zone: str) -> str:
        """Return `Tue 24 Nov 2026`."""
        return i18n.short_date(times.local(moment, zone), self.locale)

    def day(self, one: times.Day) -> str:
        """Return a calendar day as `Tue 24 Nov 2026`."""
        return i18n.short_date(one, self.locale)

    def date_and_time(self, moment: datetime, zone: str) -> str:
        """Return `Tue 24 Nov 2026, 16:00`."""
        return i18n.date_and_time(moment, zone, self.locale)

    def meeting(self, one: Meeting, zone: str) -> str:
        """Return `Tue 24 Nov 2026, 16:00–17:30`."""
        return unbroken(i18n.short_date_and_times)(one, zone, self.locale)

    def there(self, one: Meeting, zone: str, home: str, now: datetime) -> str:
        """Return when a meeting of a calendar in the zone `home` is in its own: `Lisbon: 18:00–19:00`, with the date if that is another."""
        days = {times.local(one.starts_at, of).date() for of in (zone, home)}
        at = (
            i18n.hours(one.starts_at, one.ends_at, zone, self.locale) if len(days) == 1 else i18n.short_meeting(one, zone, now, self.locale)
        )
        said = i18n.translation(self.locale).pgettext("a city, and the time there", "%(city)s: %(time)s")
        return said % {"city": i18n.city(zone, self.locale), "time": at}

    def since(self, moment: datetime, zone: str, now: datetime) -> str:
        """Return a past moment as `today, 16:00`, or else as `24 Nov`, with the year unless it is the current one."""
        then, today = times.local(moment, zone), times.local(now, zone)
        if then.date() == today.date():
            return i18n.translation(self.locale).gettext("today, %(time)s") % {"time": i18n.clock(then, self.locale)}
        return i18n.short_day_of_year(then, self.locale, year=then.year != today.year)

    def left(self, until: datetime, now: datetime) -> str:
        """Return the time until a moment in its largest whole unit: `3 days`, `5 hours`."""
        texts, minutes = i18n.translation(self.locale), max(0, int((until - now).total_seconds() // 60))
        days, hours = minutes // 1440, minutes // 60
        if days:
            return texts.ngettext("%(num)d day", "%(num)d days", days) % {"num": days}
        if hours:
            return texts.ngettext("%(num)d hour", "%(num)d hours", hours) % {"num": hours}
        if minutes:
            return texts.ngettext("%(num)d minute", "%(num)d minutes", minutes) % {"num": minutes}
        return texts.gettext("less than a minute")

    @staticmethod
    def coming(session: Session, now: datetime) -> Meeting:
        """Return the current or next meeting of a session, or its last one when all have ended."""
        return next((one for one in session.active_meetings if one.ends_at > now), session.active_meetings[-1])

    field = staticmethod(dates.field)
    last_day = staticmethod(dates.last_day)
