"""The agenda: the meetings of some days, by start, with their spots and state."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from chalicelib.rules.agenda import AgendaMeeting, Days, MeetingFilter, day_of, state_of
from chalicelib.rules.ledger import count
from chalicelib.rules.meetings import AgendaRow, agenda_rows
from chalicelib.tables import meetings, sessions
from chalicelib.tables.items import Item

OneMeeting = TypeVar("OneMeeting", AgendaRow, AgendaMeeting)
AT_ONCE = 300
"""The number of rows that one request reads."""


class MeetingPage(NamedTuple):
    items: list[AgendaMeeting]
    next: Item | None


def list_meetings(
    org: str, days: Days, zone: str, *, wanted: MeetingFilter, now: datetime, limit: int, start: Item | None = None
) -> MeetingPage:
    """Return a page of the meetings that start on these days of a time zone, by start; also cancelled ones and those that are over."""
    after = start["after"]["S"] if start else ""
    size = AT_ONCE if wanted != MeetingFilter() else limit + 1
    found = list(islice((row for row in _rows(org, days, zone, after=after, size=size) if wanted.matches(row.facts)), limit + 1))
    more = {"after": {"S": meetings.sort_key(found[limit - 1].meeting)}} if len(found) > limit else None
    return MeetingPage(with_spots(org, found[:limit], now), more)


def read_rows(org: str, days: Days, zone: str) -> list[AgendaRow]:
    """Return all meetings that start on these days of a time zone, without their spots: one request for some hundreds of them."""
    return list(_rows(org, days, zone, after="", size=AT_ONCE))


def with_spots(org: str, rows: Sequence[AgendaRow], now: datetime) -> list[AgendaMeeting]:
    """Return the meetings with spots and state: a request for each hundred sessions. Those of a session deleted meanwhile are left out."""
    ledgers = sessions.ledgers_of(org, {row.meeting.session: row.facts.chunks for row in rows})
    spots = {session: count(chunks, now) for session, chunks in ledgers.items() if chunks}
    return [
        AgendaMeeting(one, facts, spots[one.session], state_of(one, facts, spots[one.session].free, now))
        for one, facts in rows
        if one.session in spots
    ]


def by_day(found: Iterable[OneMeeting], zone: str) -> dict[date, list[OneMeeting]]:
    """Return meetings by the day on which they start in a time zone."""
    days: dict[date, list[OneMeeting]] = {}
    for one in found:
        days.setdefault(day_of(one.meeting, zone), []).append(one)
    return days


def _rows(org: str, days: Days, zone: str, *, after: str, size: int) -> Iterator[AgendaRow]:
    """Yield the meetings of some days, those on bare rows with the facts of their session. A row that disagrees with it is skipped."""
    first, end = (datetime.combine(day, time(), ZoneInfo(zone)) for day in (days.first, days.last + timedelta(days=1)))
    if not meetings.is_complete(org):
        yield from _unwritten(org, first, end, after)
        return
    found = meetings.between(org, first, end, after=after, limit=size)
    while some := list(islice(found, AT_ONCE)):
        known = sessions.several(org, {one.session for one, facts in some if facts is None})
        current = {row.meeting: row for session in known.values() for row in agenda_rows(session)}
        for one, facts in some:
            if facts is not None:
                yield AgendaRow(one, facts)
            elif row := current.get(one):
                yield row


def _unwritten(org: str, first: datetime, end: datetime, after: str) -> Iterator[AgendaRow]:
    """Yield the meetings of an organisation whose rows an earlier version has not written, from its sessions."""
    rows = (row for session in sessions.every(org) for row in agenda_rows(session))
    kept = [row for row in rows if first <= row.meeting.starts_at < end and meetings.sort_key(row.meeting) > after]
    return iter(sorted(kept, key=lambda row: meetings.sort_key(row.meeting)))
