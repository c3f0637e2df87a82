"""Compares the rows of meetings with their sessions, and writes or deletes what differs.

The first repair of an organisation writes the rows of sessions that an earlier version has stored.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from chalicelib.rules.meetings import ListedMeeting, MeetingSessionFacts, agenda_rows, has_facts_on_rows, listed
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.sessions import Session
from chalicelib.tables import meetings, sessions
from chalicelib.tables.meetings import StoredRow


class MeetingDrift(NamedTuple):
    """How the rows of an organisation's meetings differ from its sessions."""

    incomplete: list[str]
    """Sessions without some of their rows, or with other facts on them."""
    bare: list[str]
    """Sessions with rows that only lack facts: an earlier version or a long edit has written them."""
    strays: list[tuple[ListedMeeting, int]]
    """Rows without a meeting, each with the version of the session that wrote it."""


def drifting(org: str, every: Iterable[Session]) -> MeetingDrift:
    rows = meetings.every(org)
    known = {session.id: session for session in every}
    return MeetingDrift(*_lacking(rows, known.values()), _strays(rows, known))


def lacking(org: str, some: Sequence[Session]) -> tuple[list[str], list[str]]:
    """Return, of some sessions, those that are incomplete and those with bare rows."""
    return _lacking(meetings.several(org, [row.meeting for session in some for row in agenda_rows(session)]), some)


def strays_among(org: str, rows: Mapping[ListedMeeting, StoredRow]) -> list[tuple[ListedMeeting, int]]:
    """Return the strays among some rows."""
    return _strays(rows, sessions.several(org, {row.session for row in rows}))


def _lacking(rows: Mapping[ListedMeeting, StoredRow], some: Iterable[Session]) -> tuple[list[str], list[str]]:
    incomplete, bare = [], []
    for session in some:
        expected = {row.meeting: row.facts if has_facts_on_rows(session) else None for row in agenda_rows(session)}
        different = [one for one, facts in expected.items() if one not in rows or rows[one].facts != facts]
        if any(one not in rows or not _lacks_facts(rows[one].facts) for one in different):
            incomplete.append(session.id)
        elif different:
            bare.append(session.id)
    return incomplete, bare


def _lacks_facts(facts: MeetingSessionFacts | None) -> bool:
    """Whether a row is bare, or of an earlier version, which did not write the series."""
    return facts is None or facts.series is None


def _strays(rows: Mapping[ListedMeeting, StoredRow], known: Mapping[str, Session]) -> list[tuple[ListedMeeting, int]]:
    return [(row, there.version) for row, there in rows.items() if row.session not in known or row not in listed(known[row.session])]


def write_missing(org: str, session_id: str) -> bool:
    """Write the rows and facts that a session lacks as it is now. False if it has them all, or is gone."""
    with suppress(NotFound):
        return bool(meetings.write_missing(sessions.get(org, session_id)))
    return False


def delete_strays(org: str, strays: Iterable[tuple[ListedMeeting, int]]) -> Iterator[ListedMeeting]:
    """Delete rows whose place is that of no meeting of their session as it is now, and yield them."""
    found = list(strays)
    known = sessions.several(org, {row.session for row, _ in found})
    for row, version in found:
        session = known.get(row.session)
        if session and (version > session.version or meetings.sort_key(row) in map(meetings.sort_key, listed(session))):
            continue  # An edit is under way, or the list of sessions was read before it.
        if meetings.delete_stray(org, row, version):
            yield row
