"""Extra spots that stay for good."""

from datetime import datetime

from chalicelib.operations.sessions.reading import SessionView, read_session
from chalicelib.rules.refusals import ChangedMeanwhile, NotFound
from chalicelib.tables import keys, rosters, sessions

ATTEMPTS = 5


def keep_extra(org: str, session_id: str, thing: str, *, now: datetime) -> SessionView:
    """Make the extra spots of an invitation or registration spots of its session: the number of spots grows by them.

    Kept already: nothing changes. Raises NotFound, for a hold that has run out too, and ChangedMeanwhile.
    """
    for _ in range(ATTEMPTS):
        roster = rosters.roster(org, session_id)
        named = keys.parted(thing)[1]
        holds = [(chunk.number, key, hold) for chunk in roster.chunks for key, hold in chunk.holds.items() if hold.live(now)]
        found = [(chunk, key, hold) for chunk, key, hold in holds if named in {key, hold.r}]
        if not found:
            raise NotFound
        chunk, hold_id, hold = found[0]
        if not hold.x:
            break
        try:
            sessions.keep_extra(roster.session, hold_id, hold, chunk=chunk)
        except ChangedMeanwhile:
            continue
        break
    else:
        raise ChangedMeanwhile
    return read_session(org, session_id, now=now)
