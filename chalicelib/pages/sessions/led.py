"""The pages of leaders: the coming dates of their sessions, and the people of a session, without prices and settings."""

from datetime import timedelta

from chalicelib.operations import agenda, sessions
from chalicelib.pages.answers import Answer, Html
from chalicelib.pages.views import Visit
from chalicelib.rules import times
from chalicelib.rules.agenda import MOST_DAYS, Days, MeetingFilter, seen_by


def led_agenda(visit: Visit) -> Answer:
    """Show the dates of the coming two months that the member leads, by day."""
    zone, now = visit.home.time_zone, visit.call.now
    today = times.local(now, zone).date()
    days = Days(today, today + timedelta(days=MOST_DAYS - 1))
    found = agenda.read_agenda(visit.org, days, zone, sought=seen_by(visit.staff, MeetingFilter()), now=now)
    return Html("sessions/led_agenda.html", {"days": agenda.by_day(found, zone)})


def led_session(visit: Visit) -> Answer:
    roster = sessions.read_roster(visit.org, visit["session"], now=visit.call.now)
    data = {
        "view": roster.session,
        "session": roster.session.session,
        "registrations": roster.registrations,
        "invited": [view for view in roster.invitations if view.is_live],
        "waiting": roster.waitlist,
    }
    return Html("sessions/led.html", data)
