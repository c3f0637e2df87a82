"""The public calendar of an organisation: its open sessions by the days of their meetings, and the tags to filter by."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from chalicelib.operations import agenda
from chalicelib.operations.public_registration import SHOWN
from chalicelib.operations.sessions import SessionView
from chalicelib.rules import times
from chalicelib.rules.agenda import Days
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.session_filter import SessionFilter
from chalicelib.rules.sessions import Meeting
from chalicelib.tables import listed_meetings, sessions

AHEAD = timedelta(days=366)
ROWS_FOR_TAGS = 200
"""The number of coming meetings whose tags are offered: those that one request reads."""


class OpenMeeting(NamedTuple):
    """A meeting that is not over, with its session as the public sees it."""

    meeting: Meeting
    view: SessionView


def list_open_meetings(organisation: Organisation, days: Days, wanted: SessionFilter, *, now: datetime) -> dict[date, list[OpenMeeting]]:
    """Return the coming meetings of open, full and upcoming sessions on these days of the organisation's zone, by day and start.

    Three requests for up to a hundred sessions.
    """
    rows = agenda.read_rows(organisation.org, days, organisation.time_zone)
    listed = [one for one, facts in rows if one.ends_at > now and not facts.cancelled_at]
    views = _views(organisation, {one.session for one in listed}, now)
    found: dict[date, list[OpenMeeting]] = {}
    for one in listed:
        view = views.get(one.session)
        meeting = view.session.meeting(one.meeting) if view else None
        if view and meeting and view.state in SHOWN and wanted.matches(view.session, now) and wanted.suits(meeting, view.session.time_zone):
            found.setdefault(times.local(meeting.starts_at, organisation.time_zone).date(), []).append(OpenMeeting(meeting, view))
    return found


def coming_tags(org: str, *, now: datetime) -> list[str]:
    """Return the tags of the next meetings, in alphabetical order: one request."""
    tags = {tag.casefold(): tag for tag in listed_meetings.tags_between(org, now, now + AHEAD, limit=ROWS_FOR_TAGS)}
    return [tags[name] for name in sorted(tags)]


def _views(organisation: Organisation, wanted: Iterable[str], now: datetime) -> dict[str, SessionView]:
    known = sessions.several(organisation.org, wanted)
    ledgers = sessions.ledgers(list(known.values()))
    views = (SessionView.at(session, ledgers[name], now) for name, session in known.items() if ledgers[name])
    return {view.session.id: view.public(organisation.waitlist, now) for view in views}
