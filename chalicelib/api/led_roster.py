"""The shape of a roster for those who see only the sessions that they lead: without amounts, links and notes of the office."""

from typing import Any

from chalicelib.api.registration_shapes import ConsentOut, ParticipantOut
from chalicelib.api.responses import Out
from chalicelib.api.shapes import Moment, SpotsOut
from chalicelib.operations.sessions import InvitationView, RosterView
from chalicelib.rules.invitations import InvitationStatus
from chalicelib.rules.refs import public_id
from chalicelib.rules.registrations import Registration, Source
from chalicelib.rules.waitlist import EntryStatus, PlaceInLine


class LedRegistrationOut(Out):
    id: str
    session: str
    email: str
    name: str
    phone: str
    participants: list[ParticipantOut]
    party_size: int
    source: Source
    answers: dict[str, Any]
    consents: list[ConsentOut]
    since: Moment

    @classmethod
    def of(cls, registration: Registration, size: int) -> "LedRegistrationOut":
        return cls(
            id=registration.public_id,
            session=registration.session,
            email=registration.email,
            name=registration.name,
            phone=registration.phone,
            participants=ParticipantOut.all_of(registration),
            party_size=size,
            source=registration.source,
            answers=dict(registration.answers),
            consents=ConsentOut.all_of(registration.consents),
            since=registration.created_at,
        )


class LedInvitationOut(Out):
    id: str
    session: str
    email: str
    party_size: int
    status: InvitationStatus
    spots_held: int
    expires_at: Moment

    @classmethod
    def of(cls, view: InvitationView) -> "LedInvitationOut":
        invitation = view.invitation
        return cls(
            id=public_id(invitation.session, invitation.id),
            session=invitation.session,
            email=invitation.email,
            party_size=invitation.party_size,
            status=view.status,
            spots_held=view.held,
            expires_at=invitation.expires_at,
        )


class LedWaitlistEntryOut(Out):
    id: str
    session: str
    email: str
    name: str
    spots: int
    position: int
    status: EntryStatus

    @classmethod
    def of(cls, place: PlaceInLine) -> "LedWaitlistEntryOut":
        entry = place.entry
        return cls(
            id=entry.public_id,
            session=entry.session,
            email=entry.email,
            name=entry.name,
            spots=entry.spots,
            position=place.position,
            status=entry.status,
        )


class LedRosterOut(Out):
    spots: SpotsOut
    registrations: list[LedRegistrationOut]
    invitations: list[LedInvitationOut]
    waitlist: list[LedWaitlistEntryOut]

    @classmethod
    def of(cls, roster: RosterView) -> "LedRosterOut":
        return cls(
            spots=SpotsOut.of(roster.session.spots),
            registrations=[LedRegistrationOut.of(one, roster.parties[one.id]) for one in roster.registrations],
            invitations=[LedInvitationOut.of(view) for view in roster.invitations],
            waitlist=[LedWaitlistEntryOut.of(place) for place in roster.waitlist],
        )
