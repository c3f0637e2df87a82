"""The dashboard: upcoming sessions, and invitations that wait for an answer."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.operations.sessions import InvitationView, SessionView, list_sessions
from chalicelib.tables import invitations, sessions

SESSIONS = 6
INVITATIONS = 100
SOON = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class OpenInvitation:
    """An invitation that needs attention, with its session."""

    view: InvitationView
    session: SessionView


@dataclass(frozen=True, slots=True)
class Dashboard:
    coming: list[SessionView]
    """Soonest first."""
    waiting: list[OpenInvitation]
    """Invitations that somebody with another address asks to use."""
    running_out: list[OpenInvitation]
    """Unanswered invitations that expire within two days."""


def read_dashboard(org: str, *, now: datetime) -> Dashboard:
    """Return the next sessions, and of the hundred invitations that expire first those that need attention."""
    page = list_sessions(org, coming=True, suits=lambda view: view.state != "cancelled", now=now, limit=SESSIONS)
    unanswered = _open_invitations(org, now)
    return Dashboard(
        coming=page.items,
        waiting=[one for one in unanswered if one.view.status == "waiting_for_approval"],
        running_out=[one for one in unanswered if one.view.held and one.view.status == "pending" and _soon(one, now)],
    )


def _open_invitations(org: str, now: datetime) -> list[OpenInvitation]:
    found = invitations.soonest(org, now=now, limit=INVITATIONS)
    known = [session for session in sessions.several(org, {one.session for one in found}).values() if session.ends_at > now]
    chunks = sessions.ledgers(known)
    views = {session.id: SessionView.at(session, chunks[session.id], now) for session in known}
    holds = {(id, key): hold for id, some in chunks.items() for chunk in some for key, hold in chunk.holds.items()}
    return [
        OpenInvitation(InvitationView.at(one, holds.get((one.session, one.id)), now), views[one.session])
        for one in found
        if one.session in views
    ]


def _soon(one: OpenInvitation, now: datetime) -> bool:
    return one.view.invitation.expires_at - now < SOON
