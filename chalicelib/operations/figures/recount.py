"""Counts the figures of sessions that have changed: when a report is read, each minute, and all of them each hour."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from chalicelib.operations.figures.codes import recount_codes
from chalicelib.operations.turns import Turns
from chalicelib.rules.attendance import OPENS, MeetingCounts
from chalicelib.rules.figures import SessionRows, debts_of, facts_of, invoice_numbers
from chalicelib.rules.invoices import Invoice
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import attendance, booking_context, dynamodb, figures, invoices, keys, organisations
from chalicelib.tables.attendance import MeetingKey
from chalicelib.tables.booking_context import Roster
from chalicelib.tables.clock import Due
from chalicelib.tables.figures import ChangedSession, CountedMeanwhile, Figures, Header
from chalicelib.tables.keys import Key

MOST_AT_ONCE = 10
"""So many sessions a reader waits for: a report then takes at most twenty requests."""
MOST_A_RUN = 1000
MOST_CHANGED = 1000
ATTEMPTS = 5


class _Count(NamedTuple):
    """A count of a session: its figures, None when it is gone, and the count before it."""

    session: str
    figures: Figures | None
    was: Header

    @property
    def digest(self) -> str:
        return sha256(figures.packed(self.figures).encode()).hexdigest() if self.figures else ""


def refresh(org: str, zone: str, *, now: datetime, most: int = MOST_AT_ONCE) -> bool:
    """Count the sessions of an organisation that have changed, at most so many. False when others have changed, too."""
    changed = figures.changed_sessions(org, limit=most + 1)
    _recount(org, zone, changed[:most], now=now)
    return len(changed) <= most


def recount_stale(*, now: datetime, most: int = MOST_A_RUN, turns: Turns | None = None) -> int:
    """Count changed sessions of all organisations, at most so many, and return how many."""
    changed = {keys.figures_stale(one.org, one.session): one for one in figures.longest_changed(limit=most)}

    def count_some(org: str, rows: Sequence[Key]) -> int:
        _recount(org, organisations.get(org).time_zone, [changed[row] for row in rows], now=now)
        return len(rows)

    return (turns or Turns()).take("counted", [Due(one.org, key) for key, one in changed.items()], count_some, at_once=MOST_AT_ONCE)


def recount_some(org: str, sessions: Sequence[str], *, now: datetime) -> list[str]:
    """Count some sessions anew. Return those whose figures were wrong although nothing was noted as changed."""
    changed = figures.changed_sessions(org, limit=MOST_CHANGED)
    return _miscounted(org, figures.headers(org, sessions), {one.session for one in changed}, now=now)


def recount_everything(org: str, sessions: Iterable[str], *, now: datetime) -> list[str]:
    """Count all sessions of an organisation anew. Return those whose figures were wrong although nothing was noted as changed.

    The first time, the codes are counted as well: an earlier version has counted nothing.
    """
    known, changed = figures.all_headers(org), figures.changed_sessions(org, limit=MOST_CHANGED)
    every = {id: known.get(id, Header()) for id in sorted({*sessions, *known})}
    miscounted = _miscounted(org, every, {one.session for one in changed}, now=now)
    complete(org)
    figures.forget_changes(changed)
    return miscounted


def complete(org: str) -> None:
    """Count the codes, unless that was done, and note that every session of the organisation has its figures."""
    if not figures.is_complete(org):
        recount_codes(org)
        figures.note_complete(org)


def _miscounted(org: str, headers: Mapping[str, Header], stale: Collection[str], *, now: datetime) -> list[str]:
    zone, every, differing = organisations.get(org).time_zone, list(headers), list[_Count]()
    for first in range(0, len(every), MOST_AT_ONCE):
        differing += _count(org, zone, {id: headers[id] for id in every[first : first + MOST_AT_ONCE]}, now=now)
    # No fault: the session was never counted, or by the days of another time zone.
    return [one.session for one in differing if one.session not in stale and one.was.zone == zone]


def _recount(org: str, zone: str, changed: Sequence[ChangedSession], *, now: datetime) -> None:
    if changed:
        _count(org, zone, figures.headers(org, [one.session for one in changed]), now=now)
        figures.forget_changes(changed)


def _count(org: str, zone: str, headers: Mapping[str, Header], *, now: datetime) -> list[_Count]:
    """Count sessions anew and write what differs; return it. `headers` were read before. Raises CountedMeanwhile."""
    for _ in range(ATTEMPTS):
        counted = [one for one in _counts(org, zone, headers, now=now) if one.digest != one.was.digest]
        try:
            figures.write([_writes(org, one, zone) for one in counted])
        except CountedMeanwhile:
            headers = figures.headers(org, list(headers))
        else:
            return counted
    raise CountedMeanwhile


def _writes(org: str, one: _Count, zone: str) -> dynamodb.Writes:
    if one.figures is None:
        return figures.delete_writes(org, one.session, one.was)
    return figures.put_writes(org, one.figures, one.was, digest=one.digest, zone=zone)


def _counts(org: str, zone: str, headers: Mapping[str, Header], *, now: datetime) -> list[_Count]:
    rosters = {session: _roster(org, session) for session in headers}
    found = [roster for roster in rosters.values() if roster]
    begun = [(one.session.id, meeting.id) for one in found for meeting in one.session.meetings if meeting.starts_at - OPENS <= now]
    counted = attendance.counts_of(org, begun)
    numbers = [number for one in found for number in invoice_numbers(one.registrations)]
    issued = {invoice.number: invoice for invoice in (invoices.several(org, numbers) if numbers else ())}
    return [
        _Count(session, _figures(rows, counted, issued, zone) if (rows := rosters[session]) else None, was)
        for session, was in headers.items()
    ]


def _figures(roster: Roster, counted: Mapping[MeetingKey, MeetingCounts], issued: Mapping[str, Invoice], zone: str) -> Figures:
    session = roster.session
    counts = {meeting.id: counted[key] for meeting in session.meetings if (key := (session.id, meeting.id)) in counted}
    rows = SessionRows(
        session=session,
        registrations=roster.registrations,
        invitations=roster.invitations,
        waitlist=roster.waitlist,
        holds=roster.holds(),
        invoices=[issued[number] for number in invoice_numbers(roster.registrations) if number in issued],
        attendance={meeting: one.counts.of(one.covered) for meeting, one in counts.items()},
    )
    return Figures(session.id, session.title, session.tags, facts_of(rows, zone), debts_of(rows))


def _roster(org: str, session: str) -> Roster | None:
    try:
        return booking_context.roster(org, session)
    except NotFound:
        return None
