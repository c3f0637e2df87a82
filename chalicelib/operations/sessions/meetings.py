"""Cancels one date of a session, or restores it. Spots stay as they are: the ledger counts the session, not its dates."""

from collections.abc import Callable
from datetime import datetime

from chalicelib.operations.recipients import reachable
from chalicelib.operations.sessions.queries import SessionView
from chalicelib.rules.inputs.sessions import CancelMeetingInput
from chalicelib.rules.meeting_cancellation import with_cancelled, with_restored
from chalicelib.rules.refusals import Busy, ChangedMeanwhile, NotFound
from chalicelib.rules.sessions import Meeting, Session, check_not_cancelled
from chalicelib.tables import sessions

ATTEMPTS = 8


def cancel_meeting(org: str, session_id: str, meeting_id: str, cancelling: CancelMeetingInput, *, now: datetime) -> SessionView:
    """Cancel one date; the others go on. Safe to repeat. Raises NotFound, LastMeeting, SessionCancelled, Busy."""

    def cancel(session: Session, meeting: Meeting) -> Session:
        if meeting.cancelled_at:
            return session
        return with_cancelled(session, meeting, at=now, reason=cancelling.reason, tell=cancelling.tell)

    session = _write(org, session_id, meeting_id, cancel)
    return _view(session, meeting_id, session.meeting(meeting_id), now)


def restore_meeting(org: str, session_id: str, meeting_id: str, *, now: datetime) -> SessionView:
    """Restore a cancelled date that lies ahead; who was told of its cancellation is told. Safe to repeat.

    Raises NotFound, MeetingPast, SessionCancelled, Busy.
    """
    was: list[Meeting] = []

    def restore(session: Session, meeting: Meeting) -> Session:
        was[:] = [meeting] if meeting.cancelled_at else []
        return with_restored(session, meeting, now=now) if meeting.cancelled_at else session

    session = _write(org, session_id, meeting_id, restore)
    return _view(session, meeting_id, was[0] if was else None, now)


def count_covered(session: Session, meeting: Meeting, *, now: datetime) -> int:
    """Return how many people get an e-mail when this date is cancelled, or restored: nobody once it is over."""
    return len(reachable(session, now=now, meeting=meeting)) if meeting.ends_at > now else 0


def _write(org: str, session_id: str, meeting_id: str, change: Callable[[Session, Meeting], Session]) -> Session:
    for _ in range(ATTEMPTS):
        session = sessions.get(org, session_id)
        meeting = session.meeting(meeting_id)
        if meeting is None:
            raise NotFound
        check_not_cancelled(session)
        changed = change(session, meeting)
        if changed == session:
            return session
        try:
            return sessions.save(changed, [], 0, was=session)
        except ChangedMeanwhile:
            continue
    raise Busy


def _view(session: Session, meeting_id: str, about: Meeting | None, now: datetime) -> SessionView:
    people = count_covered(session, about, now=now) if about and about.tell_cancelled else 0
    return SessionView.at(*sessions.get_with_ledger(session.org, session.id), now)._replace(recipients=people)
