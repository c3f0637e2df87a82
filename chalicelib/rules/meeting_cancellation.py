"""The cancellation of one date of a session, and its restoration."""

from dataclasses import replace
from datetime import datetime

from chalicelib.rules.session_refusals import LastMeeting, MeetingPast
from chalicelib.rules.sessions import Meeting, Session


def with_cancelled(session: Session, meeting: Meeting, *, at: datetime, reason: str, tell: bool) -> Session:
    """Return the session without one of its dates, which stays as history. Raises LastMeeting when no other takes place."""
    if all(one.cancelled_at for one in session.meetings if one.id != meeting.id):
        raise LastMeeting
    return _with_meeting(session, replace(meeting, cancelled_at=at, cancel_reason=reason, tell_cancelled=tell))


def with_restored(session: Session, meeting: Meeting, *, now: datetime) -> Session:
    """Return the session with a cancelled date that takes place after all. Raises MeetingPast once it has begun."""
    if meeting.starts_at <= now:
        raise MeetingPast
    return _with_meeting(session, replace(meeting, cancelled_at=None, cancel_reason="", tell_cancelled=True))


def _with_meeting(session: Session, changed: Meeting) -> Session:
    """Return the session with one meeting changed. Registration that closed with the last meeting still does."""
    made = replace(session, meetings=tuple(changed if one.id == changed.id else one for one in session.meetings))
    return replace(made, registration_closes_at=made.last_starts_at) if session.closes_with_last_meeting else made
