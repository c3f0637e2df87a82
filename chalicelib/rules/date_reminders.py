"""The reminder before each date of a session: some hours before it starts, outside quiet hours. Pure: every function takes the moment."""

from datetime import datetime, timedelta

from chalicelib.rules.organisations import Organisation, QuietHours
from chalicelib.rules.registrations import Registration
from chalicelib.rules.reminders import quiet, quiet_hours_around
from chalicelib.rules.sessions import Meeting, Session

MOST_HOURS = 168
IN_TIME = timedelta(hours=1)
"""A reminder that quiet hours put off reaches people at least this long before the date, or else comes before the quiet hours."""
HELD = timedelta(minutes=15)
"""How long the schedule waits in quiet hours before it checks again."""
JUST_BEFORE = timedelta(minutes=1)
EARLIEST = timedelta(hours=MOST_HOURS + 24)
"""No reminder is earlier: the most hours, and a day for quiet hours."""


def hours_before(session: Session, organisation: Organisation) -> int:
    """Return how many hours before its dates a session reminds: its own number, or else the organisation's; 0 for no reminders."""
    return organisation.date_reminder_hours if session.date_reminder_hours is None else session.date_reminder_hours


def reminder_at(starts_at: datetime, hours: int, quiet_hours: QuietHours | None, zone: str) -> datetime:
    """Return when people are reminded of a date: so many hours before, or if that is in quiet hours, when these end.

    Where the date would then begin within the hour, they are reminded just before the quiet hours begin.
    """
    wanted = starts_at - timedelta(hours=hours)
    if quiet_hours is None or not quiet(quiet_hours, zone, wanted):
        return wanted
    began, ends = quiet_hours_around(wanted, quiet_hours, zone)
    return ends if ends + IN_TIME <= starts_at else began - JUST_BEFORE


def due_meetings(session: Session, organisation: Organisation, now: datetime) -> list[Meeting]:
    """Return the meetings that have not begun and whose reminder is due; none in quiet hours, as of a session that was moved then."""
    if session.cancelled_at or not hours_before(session, organisation) or _is_quiet(organisation, now):
        return []
    return [one for one in session.active_meetings if one.starts_at > now and _reminder_at(one, session, organisation) <= now]


def is_reminded(registration: Registration, meeting: Meeting, session: Session, organisation: Organisation) -> bool:
    """Whether a registration gets the reminder of a meeting: not if it was made when the reminder was due already."""
    made_at = registration.confirmed_at or registration.created_at
    return registration.covers(meeting) and made_at < _reminder_at(meeting, session, organisation)


def first_check(session: Session) -> datetime | None:
    """Return the earliest moment at which a reminder can be due, whatever the settings; None for a cancelled session."""
    return None if session.cancelled_at else session.starts_at - EARLIEST


def next_check(session: Session, organisation: Organisation, now: datetime) -> datetime | None:
    """Return the moment of the next reminder; None if none is left.

    Without reminders it is that of the earliest that could be due once they are turned on, as far as that lies ahead.
    """
    ahead = [] if session.cancelled_at else [one for one in session.active_meetings if one.starts_at > now]
    has_hours = hours_before(session, organisation) > 0
    moments = [_reminder_at(one, session, organisation) if has_hours else one.starts_at - EARLIEST for one in ahead]
    if has_hours and _is_quiet(organisation, now) and any(moment <= now for moment in moments):
        return now + HELD
    return min((moment for moment in moments if moment > now), default=None)


def _is_quiet(organisation: Organisation, now: datetime) -> bool:
    return quiet(organisation.quiet_hours, organisation.time_zone, now)


def _reminder_at(meeting: Meeting, session: Session, organisation: Organisation) -> datetime:
    hours = hours_before(session, organisation)
    return reminder_at(meeting.starts_at, hours, organisation.quiet_hours, organisation.time_zone)
