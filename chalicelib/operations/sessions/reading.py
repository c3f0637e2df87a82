"""Sessions as they are looked at: with their spots and their state at a moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Self

from chalicelib.rules.invitations import Invitation, Status, status
from chalicelib.rules.ledger import Chunk, Hold, Spots, count
from chalicelib.rules.organisations import Waitlist
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session, State, next_start, state
from chalicelib.rules.waitlist import Place, line, placed, reserved
from chalicelib.tables import rosters, sessions
from chalicelib.tables.items import Item

COMING_STATES = {"upcoming", "open", "full", "closed"}


class SessionView(NamedTuple):
    """A session with its spots and state at a moment."""

    session: Session
    spots: Spots
    state: State
    waiting: Mapping[int, int]
    """How many parties of each size are in line for an offer."""

    @classmethod
    def at(cls, session: Session, chunks: Sequence[Chunk], now: datetime) -> Self:
        spots = count(chunks, now)
        return cls(session, spots, state(session, spots.free, now), chunks[0].waiting)

    def public(self, settings: Waitlist, now: datetime) -> Self:
        """Return the session as the public sees it: without the spots that are kept for those in line."""
        if not reserved(self.waiting, self.spots.free, line(self.session, settings), now):
            return self
        return self._replace(spots=self.spots._replace(free=0), state=state(self.session, 0, now))

    def kept(self, settings: Waitlist, now: datetime) -> int:
        """Return how many free spots the public does not see, since they are kept for those in line."""
        return self.spots.free - self.public(settings, now).spots.free


class SessionPage(NamedTuple):
    items: list[SessionView]
    next: Item | None


@dataclass(frozen=True, slots=True)
class InvitationView:
    """An invitation with its status at a moment."""

    invitation: Invitation
    status: Status
    held: int
    """The spots that it keeps from others right now."""
    extra: int
    """How many of them are extra."""

    @classmethod
    def at(cls, invitation: Invitation, hold: Hold | None, now: datetime) -> Self:
        mine = hold if hold and hold.v == invitation.nonce and hold.live(now) else None
        held = mine.n if mine and mine.s == "H" else 0
        return cls(invitation, status(invitation, hold, now) or "expired", held, mine.x if mine else 0)


@dataclass(frozen=True, slots=True)
class RosterView:
    """Everybody on a session."""

    session: SessionView
    registrations: list[Registration]
    invitations: list[InvitationView]
    removed: list[Registration]
    waitlist: list[Place]
    parties: dict[str, int]
    """How large the party of each registration is, or was when the meeting began; what it costs goes by its size today."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Spots that are not free: who has them, why, and when they come back."""

    name: str
    email: str
    spots: int
    extra: int
    why: str
    until: datetime | None
    thing: str


def read_session(org: str, session_id: str, *, now: datetime) -> SessionView:
    """Return the session, or NotFound."""
    return SessionView.at(*sessions.get_with_ledger(org, session_id), now)


def list_sessions(org: str, *, state: str = "", now: datetime, limit: int, start: Item | None = None, coming: bool = False) -> SessionPage:
    """Return a page of sessions by date: all, those in one state, or those that are still to end; on it, the next meeting decides.

    A page may hold fewer than `limit` when a state is asked for; `next` says whether there are more.
    """
    ended = True if state == "past" else False if coming or state in COMING_STATES else None
    found, following = sessions.page(org, ended=ended, now=now, limit=limit, start=start)
    chunks = sessions.ledgers(found)
    views = [SessionView.at(session, chunks[session.id], now) for session in found]
    shown = [view for view in views if not state or view.state == state]
    return SessionPage(sorted(shown, key=lambda view: next_start(view.session, now), reverse=bool(ended)), following)


def read_roster(org: str, session_id: str, *, now: datetime, meeting: str = "") -> RosterView:
    """Return the roster; of one meeting, only the registrations that cover it, with their parties of that time."""
    roster = rosters.roster(org, session_id)
    holds = roster.holds()
    standing = [entry for entry in roster.registrations if entry.holds(holds.get(entry.hold)) and not entry.removed_at]
    removed = [entry for entry in roster.registrations if entry.removed_at and entry.confirmed_at]
    parties = {entry.id: entry.party_size for entry in standing}
    if meeting:
        parties = _parties_at(roster.session, meeting, [*standing, *removed])
        standing, removed = [entry for entry in (*standing, *removed) if entry.id in parties], []
    return RosterView(
        session=SessionView.at(roster.session, roster.chunks, now),
        registrations=sorted(standing, key=lambda entry: entry.created_at),
        invitations=_invitations(roster, holds, now),
        removed=sorted(removed, key=lambda entry: entry.created_at),
        waitlist=placed(roster.waitlist, roster.invitations),
        parties=parties,
    )


def read_capacity(org: str, session_id: str, *, now: datetime) -> tuple[SessionView, list[Holder]]:
    """Return every spot that is not free: from the ledger, so that the sums are right by construction."""
    roster = rosters.roster(org, session_id)
    registered = {entry.id: entry for entry in roster.registrations}
    invited = {entry.id: entry for entry in roster.invitations}
    live = [(key, hold) for key, hold in roster.holds().items() if hold.live(now)]
    holders = [_holder(key, hold, registered, invited) for key, hold in live]
    view = SessionView.at(roster.session, roster.chunks, now)
    return view, sorted(holders, key=lambda holder: (holder.until is None, holder.until or now, holder.name))


def _invitations(roster: rosters.Roster, holds: dict[str, Hold], now: datetime) -> list[InvitationView]:
    known = [entry for entry in roster.invitations if status(entry, holds.get(entry.id), now)]
    views = [InvitationView.at(entry, holds.get(entry.id), now) for entry in known]
    return sorted(views, key=lambda view: view.invitation.created_at, reverse=True)


def _parties_at(session: Session, meeting_id: str, entries: Sequence[Registration]) -> dict[str, int]:
    """Return how many each registration that covers the meeting has, or had, there."""
    meeting = next((meeting for meeting in session.meetings if meeting.id == meeting_id), None)
    return {entry.id: entry.party_at(meeting) for entry in entries if meeting and entry.covers(meeting)}


def _holder(key: str, hold: Hold, registered: dict[str, Registration], invited: dict[str, Invitation]) -> Holder:
    registration = registered.get(hold.r or key)
    invitation = invited.get(key)
    if hold.s == "C" and registration:
        return Holder(
            registration.name, registration.email, hold.n, hold.x, "registration", None, f"{registration.session}-{registration.id}"
        )
    until = invitation.expires_at if invitation and hold.s == "H" else None
    email = invitation.email if invitation else ""
    thing = f"{invitation.session}-{invitation.id}" if invitation else ""
    return Holder("", email, hold.n, hold.x, "invitation" if invitation else "unknown", until, thing)
