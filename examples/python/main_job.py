"""The main job with a client that `openapi-python-client` generated: invite somebody, who accepts; read the roster; change one field.

    python main_job.py http://127.0.0.1:8000 owner@demo.test demo-Passw0rd! 'ana@example.org'

`rollbook` is the generated package.
"""

import sys
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import uuid4

from rollbook import AuthenticatedClient, Client
from rollbook.api.auth import auth_sign_in
from rollbook.api.claims import claims_accept
from rollbook.api.invitations import invitations_invite
from rollbook.api.rosters import rosters_read_roster
from rollbook.api.sessions import sessions_create_session, sessions_edit_session
from rollbook.models import (
    AcceptInput,
    EditedSessionOut,
    InvitationInput,
    InvitationOut,
    MeetingInput,
    NewSessionInput,
    OwnRegistrationOut,
    ParticipantInput,
    Price,
    Problem,
    RosterOut,
    SessionChanges,
    SessionOut,
    SignedInOut,
    SignInInput,
    TierInput,
)

ORG = "demo"
T = TypeVar("T")


def main(address: str, email: str, password: str, guest: str) -> None:
    anybody = Client(address)
    signed_in = told(SignedInOut, auth_sign_in.sync(client=anybody, body=SignInInput(email, password)))
    staff = AuthenticatedClient(address, signed_in.access_token)

    session = told(SessionOut, sessions_create_session.sync(ORG, client=staff, body=new_session(), idempotency_key=str(uuid4())))
    invited = invitations_invite.sync(ORG, session.id, client=staff, body=InvitationInput(guest), idempotency_key=str(uuid4()))
    invitation = told(InvitationOut, invited)
    accepted = claims_accept.sync(
        (invitation.link or "").rpartition("/")[2],
        client=anybody,
        body=AcceptInput(guest, "Ana Ortiz", [ParticipantInput("Zoé")]),
    )
    told(OwnRegistrationOut, accepted)

    # Only what is named here is sent, and changed.
    changed = told(EditedSessionOut, sessions_edit_session.sync(ORG, session.id, client=staff, body=SessionChanges(location="Studio 2")))
    roster = told(RosterOut, rosters_read_roster.sync(ORG, session.id, client=staff))
    (registration,) = roster.registrations
    print(
        registration.email, registration.participants[0].name, roster.spots.taken, roster.spots.free, changed.description, changed.location
    )

    full = invitations_invite.sync(ORG, session.id, client=staff, body=InvitationInput(f"b{guest}", party_size=50))
    print(full.code if isinstance(full, Problem) else "not refused")


def told(kind: type[T], answer: object) -> T:
    """Return an answer of the expected kind, or end with the sentence of the refusal."""
    if isinstance(answer, kind):
        return answer
    sys.exit(answer.detail if isinstance(answer, Problem) else f"Unexpected: {answer!r}")


def new_session() -> NewSessionInput:
    starts = datetime.now(UTC).replace(microsecond=0) + timedelta(days=14)
    return NewSessionInput(
        title="Clay in the evening",
        meetings=[MeetingInput(starts, starts + timedelta(hours=2))],
        time_zone="Europe/Paris",
        spots_total=8,
        tiers=[TierInput("Adult", Price(2400, "EUR"))],
        description="Bring an apron.",
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
