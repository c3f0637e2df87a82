"""Cancels or deletes a session."""

from dataclasses import replace
from datetime import datetime

from chalicelib.operations.invoices.close_checkouts import close_on
from chalicelib.operations.recipients import reachable
from chalicelib.operations.sessions.queries import SessionView
from chalicelib.rules.inputs.sessions import CancelInput
from chalicelib.rules.invitations import LIVE, status
from chalicelib.rules.refusals import Busy, ChangedMeanwhile, NotFound
from chalicelib.rules.sessions import Session
from chalicelib.tables import booking_context, invitations, ledger, sessions

ATTEMPTS = 8


def cancel_session(org: str, session_id: str, cancelling: CancelInput, *, by: str, now: datetime) -> SessionView:
    """Cancel the session and its live invitations. Registrations remain as history. Safe to repeat. Raises NotFound, Busy."""
    for _ in range(ATTEMPTS):
        session = sessions.get(org, session_id)
        if session.cancelled_at:
            break
        credit_by = by if cancelling.credit_invoices else ""
        refund_by = by if cancelling.refund_payments else ""
        cancelled = replace(session, cancelled_at=now, cancel_reason=cancelling.reason, tell_cancelled=cancelling.tell)
        cancelled = replace(cancelled, credit_by=credit_by, refund_by=refund_by)
        try:
            sessions.save(cancelled, [], 0, was=session)
        except ChangedMeanwhile:
            continue
        break
    else:
        raise Busy
    end_invitations(org, session_id, by=by, now=now)
    close_on(org, session_id)
    return SessionView.at(*sessions.get_with_ledger(org, session_id), now)


def count_reachable(session: Session, *, now: datetime) -> int:
    """Return how many people get an e-mail when the session is cancelled."""
    return len(reachable(session, now=now))


def end_invitations(org: str, session_id: str, *, by: str, now: datetime) -> None:
    """Cancel every live invitation of the session and free its spots."""
    roster = booking_context.roster(org, session_id)
    holds = roster.holds()
    for invitation in roster.invitations:
        if status(invitation, holds.get(invitation.id), now) not in LIVE:
            continue
        try:
            ended = invitations.end(org, session_id, invitation.id, "cancelled", by=by, now=now)
            ledger.release(org, session_id, ended.id, ended.hold, chunk=ended.chunk)
        except (NotFound, invitations.NotMovable, ledger.HoldConfirmed):
            continue
