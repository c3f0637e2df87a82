"""Sessions with their spots and their state at a moment."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple, Self

from chalicelib.rules.invitations import LIVE, Invitation, InvitationStatus, status
from chalicelib.rules.ledger import Chunk, Hold, Spots, count
from chalicelib.rules.organisations import WaitlistSettings
from chalicelib.rules.registrations import Registration
from chalicelib.rules.reservations import is_reservation
from chalicelib.rules.sessions import Session, SessionState, state
from chalicelib.rules.waitlist import PlaceInLine, Queue, placed, queue_of, reserved
from chalicelib.tables import booking_context, sessions


class SessionView(NamedTuple):
    """A session with its spots and state at a moment."""

    session: Session
    spots: Spots
    state: SessionState
    waiting: Mapping[int, int]
    """The number of parties in line for an offer, by party size."""
    unconfirmed: int = 0
    """How many of them have an unconfirmed address."""
    recipients: int = 0
    """The number of people who get an e-mail about the change just made."""

    @classmethod
    def at(cls, session: Session, chunks: Sequence[Chunk], now: datetime) -> Self:
        spots = count(chunks, now)
        first = chunks[0]
        return cls(session, spots, state(session, spots.free, now), first.waiting_by_size, first.unconfirmed_parties)

    def reserved(self, queue: Queue, now: datetime) -> bool:
        """Whether free spots are kept from the public."""
        return reserved(self.waiting, self.spots.free, queue, now, unconfirmed=self.unconfirmed)

    def public(self, settings: WaitlistSettings, now: datetime) -> Self:
        """Return the session as the public sees it: full while its free spots are reserved for the waitlist."""
        if not self.reserved(queue_of(self.session, settings), now):
            return self
        return self._replace(spots=self.spots._replace(free=0), state=state(self.session, 0, now))

    def reserved_spots(self, settings: WaitlistSettings, now: datetime) -> int:
        """Return the number of free spots reserved for the waitlist."""
        return self.spots.free - self.public(settings, now).spots.free


@dataclass(frozen=True, slots=True)
class InvitationView:
    """An invitation with its status at a moment."""

    invitation: Invitation
    status: InvitationStatus
    held: int
    """The spots that it holds now; 0 once it is accepted or has ended."""
    extra: int
    """How many of them are extra."""

    @property
    def is_live(self) -> bool:
        return self.status in LIVE

    @classmethod
    def at(cls, invitation: Invitation, hold: Hold | None, now: datetime) -> Self:
        mine = hold if hold and hold.is_for(invitation) and hold.is_live(now) else None
        held = mine.spots if mine and mine.state == "held" else 0
        return cls(invitation, status(invitation, hold, now) or "expired", held, mine.extra if mine else 0)


@dataclass(frozen=True, slots=True)
class RosterView:
    """The registrations, invitations and waitlist entries of a session."""

    session: SessionView
    registrations: list[Registration]
    invitations: list[InvitationView]
    removed: list[Registration]
    waitlist: list[PlaceInLine]
    parties: dict[str, int]
    """The party size by registration id; for one meeting, the size at its start. Prices always follow the current size."""


@dataclass(frozen=True, slots=True)
class SpotHolder:
    """Spots in use: by whom, why, and until when if they expire."""

    name: str
    email: str
    spots: int
    extra: int
    why: str
    until: datetime | None
    public_id: str


def read_session(org: str, session_id: str, *, now: datetime) -> SessionView:
    """Return the session with its spots and state. Raises NotFound."""
    return SessionView.at(*sessions.get_with_ledger(org, session_id), now)


def read_roster(org: str, session_id: str, *, now: datetime, meeting: str = "") -> RosterView:
    """Return the roster. With `meeting`, only the registrations that cover it, with their party size at that time. Raises NotFound."""
    return _seen(booking_context.roster(org, session_id), meeting, now)


def read_rosters(org: str, session_id: str, meetings: Iterable[str], *, now: datetime) -> dict[str, RosterView]:
    """Return the rosters of those of these meetings that the session has, with one read of the session's. Raises NotFound."""
    roster = booking_context.roster(org, session_id)
    return {meeting: _seen(roster, meeting, now) for meeting in meetings if roster.session.meeting(meeting)}


def _seen(roster: booking_context.Roster, meeting: str, now: datetime) -> RosterView:
    registered = roster.registered()
    removed = [one for one in roster.registrations if one.removed_at and one.confirmed_at]
    parties = {registration.id: registration.party_size for registration in registered}
    if meeting:
        parties = _parties_at(roster.session, meeting, [*registered, *removed])
        registered, removed = [one for one in (*registered, *removed) if one.id in parties], []
    return RosterView(
        session=SessionView.at(roster.session, roster.chunks, now),
        registrations=sorted(registered, key=lambda registration: registration.created_at),
        invitations=_invitations(roster, now),
        removed=sorted(removed, key=lambda registration: registration.created_at),
        waitlist=placed(roster.waitlist, roster.invitations),
        parties=parties,
    )


def read_capacity(org: str, session_id: str, *, now: datetime) -> tuple[SessionView, list[SpotHolder]]:
    """Return the session with the holders of all spots in use. Read from the ledger, so that the sums always match. Raises NotFound."""
    roster = booking_context.roster(org, session_id)
    registered = {registration.id: registration for registration in roster.registrations}
    invited = {invitation.id: invitation for invitation in roster.invitations}
    live = [(key, hold) for key, hold in roster.holds().items() if hold.is_live(now)]
    holders = [_holder(key, hold, registered, invited) for key, hold in live]
    view = SessionView.at(roster.session, roster.chunks, now)
    return view, sorted(holders, key=lambda holder: (holder.until is None, holder.until or now, holder.name))


def _invitations(roster: booking_context.Roster, now: datetime) -> list[InvitationView]:
    holds = roster.holds()
    known = [invitation for invitation in roster.invitations if status(invitation, holds.get(invitation.id), now)]
    views = [InvitationView.at(invitation, holds.get(invitation.id), now) for invitation in known]
    return sorted(views, key=lambda view: view.invitation.created_at, reverse=True)


def _parties_at(session: Session, meeting_id: str, registrations: Sequence[Registration]) -> dict[str, int]:
    """Return the party size at the meeting, by id, of the registrations that cover it."""
    meeting = next((meeting for meeting in session.meetings if meeting.id == meeting_id), None)
    return {registration.id: registration.party_at(meeting) for registration in registrations if meeting and registration.covers(meeting)}


def _holder(key: str, hold: Hold, registered: dict[str, Registration], invited: dict[str, Invitation]) -> SpotHolder:
    registration = registered.get(hold.registration or key)
    invitation = invited.get(key)
    if hold.is_taken and registration:
        return SpotHolder(registration.name, registration.email, hold.spots, hold.extra, "registration", None, registration.public_id)
    if registration and registration.order:
        ends = datetime.fromtimestamp(hold.expires_at or 0, UTC)
        return SpotHolder(registration.name, registration.email, hold.spots, hold.extra, "order", ends, "")
    if is_reservation(key):
        return SpotHolder("", "", hold.spots, hold.extra, "invitations", datetime.fromtimestamp(hold.expires_at or 0, UTC), "")
    until = invitation.expires_at if invitation and hold.state == "held" else None
    email = invitation.email if invitation else ""
    public_id = invitation.public_id if invitation else ""
    return SpotHolder("", email, hold.spots, hold.extra, "invitation" if invitation else "unknown", until, public_id)
