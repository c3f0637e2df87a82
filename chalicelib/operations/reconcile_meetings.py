"""Compares the rows of meetings with their sessions, and writes or deletes what differs.

The first repair of an organisation writes the rows of sessions that an earlier release has stored.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import NamedTuple

from chalicelib.rules.meetings import ListedMeeting, agenda_rows, has_facts_on_rows, listed
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.sessions import Session
from chalicelib.tables import meetings, sessions


class MeetingDrift(NamedTuple):
    """How the rows of an organisation's meetings differ from its sessions."""

    incomplete: list[str]
    """Sessions without some of their rows, or with other facts on them."""
    bare: list[str]
    """Sessions with rows that only lack the facts: an earlier release or a long edit has written them."""
    strays: list[tuple[ListedMeeting, int]]
    """Rows without a meeting, each with the version of the session that wrote it."""


def drifting(org: str, every: Iterable[Session]) -> MeetingDrift:
    rows = meetings.every(org)
    known = {session.id: session for session in every}
    incomplete, bare = [], []
    for session in known.values():
        expected = {row.meeting: row.facts if has_facts_on_rows(session) else None for row in agenda_rows(session)}
        different = [one for one, facts in expected.items() if one not in rows or rows[one].facts != facts]
        if any(one not in rows or rows[one].facts for one in different):
            incomplete.append(session.id)
        elif different:
            bare.append(session.id)
    strays = [(row, there.version) for row, there in rows.items() if row.session not in known or row not in listed(known[row.session])]
    return MeetingDrift(incomplete, bare, strays)


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
        if session and (version > session.version or meetings.place(row) in map(meetings.place, listed(session))):
            continue  # An edit is under way, or the list of sessions was read before it.
        if meetings.delete_stray(org, row, version):
            yield row
