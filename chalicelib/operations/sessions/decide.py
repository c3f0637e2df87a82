"""Decides whether sessions with a minimum number of participants take place: the clock at their moment, or staff."""

from dataclasses import replace
from datetime import datetime

from chalicelib.i18n import translation
from chalicelib.operations.invoices.issue import SETTINGS
from chalicelib.operations.sessions.cancel import ATTEMPTS, end_invitations
from chalicelib.operations.sessions.queries import SessionView
from chalicelib.operations.turns import Turns
from chalicelib.rules.ledger import count
from chalicelib.rules.minimum import Minimum, NoMinimum
from chalicelib.rules.refusals import Busy, ChangedMeanwhile, NotFound
from chalicelib.rules.sessions import Session, check_not_cancelled
from chalicelib.tables import keys, organisations, sessions
from chalicelib.tables.clock import Due

MOST_READ = 10_000
"""So many sessions of all organisations are read in one run, as keys, before the organisations take turns; about one request."""


def decide_due(*, now: datetime, turns: Turns | None = None) -> int:
    """Decide every session whose moment has come, of all organisations, and return how many. One query finds them.

    What follows from the decision (e-mails, notifications, credit notes) follows from the row, through the stream.
    """
    due = [Due(org, keys.session(org, session_id)) for org, session_id in sessions.to_decide(now, limit=MOST_READ)]
    return (turns or Turns()).take("decided", due, lambda org, rows: _decide(org, rows[0].pk.partition("#")[2], now))


def go_ahead(org: str, session_id: str, *, now: datetime) -> SessionView:
    """Decide that the session takes place, however many have registered. Safe to repeat.

    Raises NotFound, SessionCancelled, NoMinimum, Busy.
    """
    for _ in range(ATTEMPTS):
        session, chunks = sessions.get_with_ledger(org, session_id)
        check_not_cancelled(session)
        if session.minimum is None:
            raise NoMinimum
        if session.minimum.outcome == "goes_ahead":
            return SessionView.at(session, chunks, now)
        decided = replace(session, minimum=session.minimum.going_ahead(count(chunks, now).taken, at=now))
        try:
            return SessionView.at(sessions.save(decided, [], 0, was=session), chunks, now)
        except ChangedMeanwhile:
            continue
    raise Busy


def _decide(org: str, session_id: str, now: datetime) -> bool:
    """Decide a session. False if there is nothing to decide any more; while it keeps changing it stays due for the next run."""
    for _ in range(ATTEMPTS):
        try:
            session, chunks = sessions.get_with_ledger(org, session_id)
        except NotFound:
            return False
        if session.minimum is None or session.decides_at is None or not session.awaits_decision or session.decides_at > now:
            return False
        if session.ending:
            return _finish(session, now)
        taken = count(chunks, now).taken
        minimum = session.minimum.decided(taken, starts_at=session.starts_at, at=now)
        decided = _cancelled(session, minimum, now) if minimum.outcome == "cancelled" else replace(session, minimum=minimum)
        try:
            # Too few is true only while nobody else has booked; enough stays true, no matter who books or leaves now.
            saved = sessions.decide(decided, [] if minimum.outcome == "goes_ahead" else chunks, was=session)
        except ChangedMeanwhile:
            continue
        return not saved.ending or _finish(saved, now)
    return False


def too_few(org: str, session_id: str) -> str:
    """Return the reason of a cancellation below the minimum in the organisation's language; empty without one. Raises NotFound."""
    session = sessions.get(org, session_id)
    return _reason(org, session.minimum) if session.minimum else ""


def _reason(org: str, minimum: Minimum) -> str:
    sentence = translation(organisations.get(org).locale).ngettext(
        "Not enough registrations: at least %(num)d participant was needed.",
        "Not enough registrations: at least %(num)d participants were needed.",
        minimum.participants,
    )
    return sentence % {"num": minimum.participants}


def _cancelled(session: Session, minimum: Minimum, now: datetime) -> Session:
    """Return the session cancelled as staff cancel one: everybody is told why, and open invoices are credited."""
    reason = _reason(session.org, minimum)
    cancelled = replace(session, cancelled_at=now, cancel_reason=reason, tell_cancelled=True, credit_by=SETTINGS, refund_by=SETTINGS)
    return replace(cancelled, minimum=minimum, ending=True)


def _finish(session: Session, now: datetime) -> bool:
    """End the invitations of a session that its minimum has cancelled. After a crash the next run does it again."""
    end_invitations(session.org, session.id, by="clock", now=now)
    sessions.note_ended(session)
    return True
