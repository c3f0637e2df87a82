"""The calendar feed of a member of staff: the dates that they see in the agenda."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from chalicelib.operations import links
from chalicelib.operations.agenda import read_rows
from chalicelib.rules import times
from chalicelib.rules.agenda import MOST_DAYS, Days, MeetingFilter, seen_by
from chalicelib.rules.calendar import planned
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import organisations, staff

DAYS_BACK = 7


def read_feed(token: str, *, now: datetime) -> str:
    """Return the calendar file of the feed's member: last week and the coming weeks, 62 days in all. Raises NotFound.

    A leader gets the dates that they lead. The file of a day is the same until a date changes.
    """
    member = links.check_agenda_token(staff.get(*links.read_agenda_token(token)), token)
    organisation = organisations.get(member.org)
    if not organisation.admits(member, now):
        raise NotFound
    zone = organisation.time_zone
    today = times.local(now, zone).date()
    first = today - timedelta(days=DAYS_BACK)
    wanted = seen_by(member, MeetingFilter())
    rows = [row for row in read_rows(member.org, Days(first, first + timedelta(days=MOST_DAYS - 1)), zone) if wanted.matches(row.facts)]
    from chalicelib.emails.calendar_file import calendar_file  # slow to load, and needed here only

    events = (planned(row, url=links.url(f"/o/{member.org}/sessions/{row.meeting.session}/meetings/{row.meeting.meeting}")) for row in rows)
    return calendar_file(events, method="PUBLISH", stamp=datetime.combine(today, time(), ZoneInfo(zone)))


def renew_feed(member: StaffMember) -> StaffMember:
    """Give the member's calendar feed a new URL, so that the old URL stops working. Raises ChangedMeanwhile."""
    return staff.renew_feed(member)
