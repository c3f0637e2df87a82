"""What needs attention today: the sessions that come next, and the invitations that wait for somebody."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.operations.sessions import InvitationView, SessionView
from chalicelib.rules.sessions import next_start
from chalicelib.tables import invitations, sessions

SESSIONS = 50
INVITATIONS = 100
SOON = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Attention:
    """An invitation that needs somebody, and the session that it is for."""

    view: InvitationView
    session: SessionView


@dataclass(frozen=True, slots=True)
class Today:
    coming: list[SessionView]
    """Soonest first."""
    waiting: list[Attention]
    """Somebody with another address asks to use an invitation."""
    running_out: list[Attention]
    """Nobody has used it yet, and it runs out within two days."""


def read_today(org: str, *, now: datetime) -> Today:
    """Return what staff should look at: of the next fifty sessions, and of the hundred invitations that run out first."""
    found, _ = sessions.page(org, ended=False, now=now, limit=SESSIONS, start=None)
    chunks = sessions.ledgers(found)
    coming = {session.id: SessionView.at(session, chunks[session.id], now) for session in found}
    holds = {(session.id, key): hold for session in found for chunk in chunks[session.id] for key, hold in chunk.holds.items()}
    asked = [
        Attention(InvitationView.at(one, holds.get((one.session, one.id)), now), coming[one.session])
        for one in invitations.soonest(org, now=now, limit=INVITATIONS)
        if one.session in coming
    ]
    return Today(
        coming=sorted((view for view in coming.values() if view.state != "cancelled"), key=lambda view: next_start(view.session, now)),
        waiting=[one for one in asked if one.view.status == "waiting_for_approval"],
        running_out=[one for one in asked if one.view.held and one.view.status == "pending" and _soon(one, now)],
    )


def _soon(one: Attention, now: datetime) -> bool:
    return one.view.invitation.expires_at - now < SOON
