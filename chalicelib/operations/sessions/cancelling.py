"""A session that does not take place."""

from dataclasses import replace
from datetime import datetime

from chalicelib.operations.sessions.reading import SessionView
from chalicelib.rules.drafts.sessions import Cancelling
from chalicelib.rules.invitations import status
from chalicelib.rules.refusals import Busy, ChangedMeanwhile, NotFound
from chalicelib.tables import invitations, ledger, rosters, sessions

ATTEMPTS = 8


def cancel_session(org: str, session_id: str, cancelling: Cancelling, *, by: str, now: datetime) -> SessionView:
    """Cancel the session: its invitations and holds end, its registrations stay as history. Again: nothing changes."""
    for _ in range(ATTEMPTS):
        session = sessions.get(org, session_id)
        if session.cancelled_at:
            break
        cancelled = replace(session, cancelled_at=now, cancel_reason=cancelling.reason, tell_cancelled=cancelling.tell)
        try:
            sessions.save(cancelled, [], 0)
        except ChangedMeanwhile:
            continue
        break
    else:
        raise Busy
    end_invitations(org, session_id, by=by, now=now)
    return SessionView.at(*sessions.get_with_ledger(org, session_id), now)


def end_invitations(org: str, session_id: str, *, by: str, now: datetime) -> None:
    """End every live invitation of the session and free its spots."""
    roster = rosters.roster(org, session_id)
    holds = roster.holds()
    for invitation in roster.invitations:
        if status(invitation, holds.get(invitation.id), now) not in {"pending", "waiting_for_approval"}:
            continue
        try:
            ended = invitations.end(org, session_id, invitation.id, "cancelled", by=by, now=now)
            ledger.release(org, session_id, ended.id, ended.hold, chunk=ended.chunk)
        except (NotFound, invitations.NotMovable, ledger.HoldConfirmed):
            continue
