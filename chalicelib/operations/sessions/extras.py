"""Adds extra spots to a session's capacity."""

from datetime import datetime

from chalicelib.operations.sessions.queries import SessionView, read_session
from chalicelib.rules.refs import Ref
from chalicelib.rules.refusals import ChangedMeanwhile, NotFound
from chalicelib.tables import booking_context, sessions

ATTEMPTS = 5


def keep_extra(org: str, session_id: str, public_id: str, *, now: datetime) -> SessionView:
    """Add the extra spots of an invitation or registration to the session's capacity. Does nothing if they were added before.

    Raises NotFound, also for an expired hold, and ChangedMeanwhile.
    """
    for _ in range(ATTEMPTS):
        roster = booking_context.roster(org, session_id)
        named = Ref.parse(org, public_id).id
        holds = [(chunk.number, key, hold) for chunk in roster.chunks for key, hold in chunk.holds.items() if hold.is_live(now)]
        found = [(chunk, key, hold) for chunk, key, hold in holds if named in {key, hold.registration}]
        if not found:
            raise NotFound
        chunk, hold_id, hold = found[0]
        if not hold.extra:
            break
        try:
            sessions.keep_extra(roster.session, hold_id, hold, chunk=chunk)
        except ChangedMeanwhile:
            continue
        break
    else:
        raise ChangedMeanwhile
    return read_session(org, session_id, now=now)
