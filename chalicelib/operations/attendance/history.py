"""The attendance of one customer's participants, over the dates that they were registered for."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from chalicelib.rules.attendance import Counts, MarkedDate, Marks, count, names_of, takes_place
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Meeting, Session
from chalicelib.tables import attendance

LATEST_SESSIONS = 20
"""How many of a customer's sessions their page counts: each is one request."""


def marked_dates(org: str, registrations: Iterable[Registration], sessions: Mapping[str, Session]) -> list[MarkedDate]:
    """Return the marks of these registrations at the dates that they covered and that took place, one request for each session."""
    booked: dict[str, list[Registration]] = {}
    for one in registrations:
        if one.session in sessions:
            booked.setdefault(one.session, []).append(one)
    found: list[MarkedDate] = []
    for id, mine in booked.items():
        session, stored = sessions[id], attendance.of_session(org, id)
        for meeting in session.meetings:
            if meeting.id in stored and takes_place(session, meeting):
                found += _of_meeting(session, meeting, stored[meeting.id].marks, mine)
    return found


def count_dates(org: str, registrations: Sequence[Registration], sessions: Mapping[str, Session], *, now: datetime) -> Counts:
    """Return how often the participants of the latest sessions came and stayed away."""
    latest = list(dict.fromkeys(one.session for one in registrations))[:LATEST_SESSIONS]
    begun = {id: sessions[id] for id in latest if id in sessions and sessions[id].starts_at <= now}
    return count(one.mark.status for one in marked_dates(org, registrations, begun))


def _of_meeting(session: Session, meeting: Meeting, marks: Marks, registrations: Sequence[Registration]) -> list[MarkedDate]:
    names = {one.id: names_of(one, one.party_at(meeting)) for one in registrations if one.covers(meeting)}
    return [
        MarkedDate(session, meeting, names[key.registration][key.participant], mark)
        for key, mark in marks.items()
        if key.registration in names and key.participant < len(names[key.registration])
    ]
