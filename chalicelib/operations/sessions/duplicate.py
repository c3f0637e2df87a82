"""Copies a session without its people."""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.operations.identity import derived
from chalicelib.operations.quotas import within_quota
from chalicelib.operations.sessions.queries import SessionView
from chalicelib.rules.inputs.new_sessions import DuplicateInput
from chalicelib.rules.minimum import Minimum
from chalicelib.rules.recurrence import Span, by_clock, distance, moved
from chalicelib.rules.sessions import Meeting, Session, free_id
from chalicelib.tables import pictures, sessions


def duplicate_session(org: str, session_id: str, draft: DuplicateInput, *, key: str, now: datetime) -> SessionView:
    """Create a copy that starts at another moment. A retry with the same key returns the copy that it made.

    Every date keeps its distance on the clock from the first; cancelled ones are left out. A minimum that would be decided in
    the past is left out, too. Raises NotFound, DateTooLate, TooManySessions.
    """
    session = sessions.get(org, session_id)
    copy = _copy(session, draft, derived("session", org, session_id, key), now)
    if copy.picture:
        pictures.copy(org, session.id, copy.id, copy.picture.name)
    within_quota(org, "sessions", lambda beside: sessions.create(copy, beside))
    return SessionView.at(*sessions.get_with_ledger(org, copy.id), now)


def _copy(session: Session, draft: DuplicateInput, id: str, now: datetime) -> Session:
    zone = session.time_zone
    by = distance(session.starts_at, draft.starts_at, zone)
    meetings = tuple(_moved(meeting, by, zone, index) for index, meeting in enumerate(session.active_meetings))
    meetings = (replace(meetings[0], starts_at=draft.starts_at), *meetings[1:]) if by else meetings
    copy = replace(
        session,
        id=id,
        title=draft.title or session.title,
        meetings=meetings,
        chunks=0,
        created_at=now,
        version=1,
        registration_opens_at=_opens_at(session, by, now),
        registration_closes_at=by_clock(session.registration_closes_at, by, zone),
        cancelled_at=None,
        cancel_reason="",
        cancelled_version=None,
        tell_cancelled=True,
        credit_by="",
        refund_by="",
        tell_moved=True,
        notice=None,
        series="",
        followed="",
        ending=False,
        minimum=_minimum(session, by),
    )
    copy = replace(copy, registration_closes_at=copy.last_starts_at) if session.closes_with_last_meeting else copy
    return copy if copy.decides_at is None or copy.decides_at > now else replace(copy, minimum=None)


def _minimum(session: Session, by: timedelta) -> Minimum | None:
    """Return the minimum of the copy, undecided."""
    if session.minimum is None:
        return None
    decide_at = session.minimum.decide_at
    return session.minimum.undecided(decide_at and by_clock(decide_at, by, session.time_zone))


def _moved(meeting: Meeting, by: timedelta, zone: str, index: int) -> Meeting:
    starts, ends = moved(Span(meeting.starts_at, meeting.ends_at), by, zone)
    return Meeting(free_id("m", {f"m{number}" for number in range(1, index + 1)}), starts, ends)


def _opens_at(session: Session, by: timedelta, now: datetime) -> datetime:
    """Return when registration for the copy opens: now if it opened with the session itself, else as long before its start."""
    if session.registration_opens_at <= session.created_at:
        return now.replace(microsecond=0)
    return by_clock(session.registration_opens_at, by, session.time_zone)
