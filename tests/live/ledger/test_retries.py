"""Retried requests: after a lost reply, after a crash, and after other changes."""

import pytest

from chalicelib.operations.identity import derived
from chalicelib.operations.invitations import cancel_invitation, live_claim_view, revive
from chalicelib.operations.links import invitation_token
from chalicelib.operations.registrations import remove_registration
from chalicelib.rules.inputs.invitations import ReviveInput
from chalicelib.rules.invitations import InvitationEnded
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.registration_refusals import AlreadyRemoved
from chalicelib.tables import invitations, ledger
from tests.live.ledger.network_faults import CrashedError, counted, crash
from tests.live.ledger.scenario import (
    NOW,
    ORG,
    accepted,
    assert_lawful,
    chunks_of,
    fresh,
    holds_of,
    invited,
    later,
    named,
    open_session,
    registered,
    resized,
    spots_of,
)

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]


def landed_elsewhere(session: str, key: str) -> str:
    """Register with the key while its first chunk is full, then free that chunk; return the registration's id."""
    id = registered_id(session, key)
    first = ledger.preferred(id, len(chunks_of(session)))
    others = []
    while chunks_of(session)[first].spots:
        another = fresh("key")
        if ledger.preferred(registered_id(session, another), len(chunks_of(session))) == first:
            others.append(registered(session, key=another).registration.id)
    assert registered(session, "ana@example.org", key=key).registration.id == id
    for other in others:
        remove_registration(ORG, named(session, other), by="staff", now=NOW)
    assert id not in chunks_of(session)[first].holds
    return id


def registered_id(session: str, key: str) -> str:
    return derived("register", ORG, session, key)


@pytest.mark.usefixtures("small_chunks")
def test_a_retried_registration_stays_in_its_chunk() -> None:
    session = open_session(6)
    id = landed_elsewhere(session, "the key")
    registered(session, "ana@example.org", key="the key")
    assert list(holds_of(session)) == [id]
    assert_lawful(session)


def test_a_registration_retried_after_the_session_grew_is_the_same() -> None:
    session = open_session(10)
    keys = [fresh("key") for _ in range(8)]
    for key in keys:
        registered(session, f"{key}@example.org", key=key)
    resized(session, 200)
    for key in keys:
        registered(session, f"{key}@example.org", key=key)
    assert len(holds_of(session)) == 8


def test_a_retry_does_not_restore_a_removed_registration() -> None:
    session = open_session(2)
    id = registered(session, "ana@example.org", key="once").registration.id
    remove_registration(ORG, named(session, id), by="staff", now=NOW)
    with pytest.raises(AlreadyRemoved):
        registered(session, "ana@example.org", key="once")
    assert holds_of(session) == {}


def test_a_retry_does_not_restore_a_cancelled_invitation() -> None:
    session = open_session(2)
    first = invited(session, "ana@example.org", key="once").invitation
    cancel_invitation(ORG, named(session, first.id), by="staff", now=NOW)
    invited(session, "ana@example.org", key="once")
    assert holds_of(session) == {}


def test_a_retry_does_not_restore_an_invitation_whose_registration_was_removed() -> None:
    session = open_session(2)
    invitation = invited(session, "ana@example.org", key="once").invitation
    registration = accepted(invitation).registration
    invitations.mark_accepted(ORG, session, invitation.id, nonce=invitation.nonce, registration=registration.id, by="ana@example.org")
    remove_registration(ORG, named(session, registration.id), by="staff", now=NOW)
    invited(session, "ana@example.org", key="once")
    assert holds_of(session) == {}


def test_a_retried_extra_invitation_is_answered_as_extra() -> None:
    session = open_session(0)
    assert invited(session, "ana@example.org", key="once", over=True).invitation.extra == 1
    assert invited(session, "ana@example.org", key="once", over=True).invitation.extra == 1
    assert spots_of(session).extra == 1


def ended(session: str) -> str:
    invitation = invited(session).invitation
    cancel_invitation(ORG, named(session, invitation.id), by="staff", now=NOW)
    return invitation.id


def test_a_revival_that_crashed_before_its_hold_holds_spots_when_retried() -> None:
    session = open_session(2)
    id = ended(session)
    with counted() as counts:
        revive(ORG, named(session, id), ReviveInput(), by="staff", key="once", now=NOW)
    cancel_invitation(ORG, named(session, id), by="staff", now=NOW)
    for step in range(1, counts.total() + 1):
        with pytest.raises(CrashedError), crash(step, after=True):
            revive(ORG, named(session, id), ReviveInput(), by="staff", key=f"crashed {step}", now=NOW)
        revive(ORG, named(session, id), ReviveInput(), by="staff", key=f"crashed {step}", now=NOW)
        assert list(holds_of(session)) == [id]
        cancel_invitation(ORG, named(session, id), by="staff", now=NOW)
        assert holds_of(session) == {}


def test_a_refused_revival_is_refused_again_when_retried() -> None:
    session = open_session(1)
    id = ended(session)
    registered(session)
    for _ in range(2):
        with pytest.raises(SessionFull):
            revive(ORG, named(session, id), ReviveInput(), by="staff", key="once", now=NOW)


def test_a_revival_retried_after_a_cancellation_does_not_revive_again() -> None:
    session = open_session(1)
    id = ended(session)
    revive(ORG, named(session, id), ReviveInput(), by="staff", key="once", now=NOW)
    cancel_invitation(ORG, named(session, id), by="staff", now=NOW)
    revive(ORG, named(session, id), ReviveInput(), by="staff", key="once", now=NOW)
    assert holds_of(session) == {}


@pytest.mark.usefixtures("small_chunks")
def test_an_expired_invitation_can_be_revived_and_accepted_on_any_chunk() -> None:
    """Its old hold is still there, on a chunk that is read first."""
    for _ in range(6):
        session = open_session(9)
        invitation = invited(session, expires_at=later(minutes=1)).invitation
        registered(session, party=2)
        registered(session, party=1)
        much_later = later(days=1)
        revived = revive(ORG, named(session, invitation.id), ReviveInput(), by="staff", key=fresh("key"), now=much_later).invitation
        assert live_claim_view(invitation_token(revived), now=much_later).status == "pending"
        assert_lawful(session)
        accepted(revived, now=much_later)
        assert_lawful(session)
        assert spots_of(session, much_later).taken == 4


@pytest.mark.usefixtures("small_chunks")
def test_a_revived_invitation_can_be_cancelled_on_any_chunk() -> None:
    for _ in range(6):
        session = open_session(9)
        invitation = invited(session, expires_at=later(minutes=1)).invitation
        registered(session, party=2)
        revive(ORG, named(session, invitation.id), ReviveInput(), by="staff", key=fresh("key"), now=later(days=1))
        cancel_invitation(ORG, named(session, invitation.id), by="staff", now=later(days=1))
        assert spots_of(session, later(days=1)).free == 7


@pytest.mark.parametrize("spots", [5, 120])
def test_an_invitation_can_be_revived_after_a_crashed_cancellation(spots: int) -> None:
    session = open_session(spots)
    invitation = invited(session).invitation
    with pytest.raises(CrashedError), crash(1, after=True):
        cancel_invitation(ORG, named(session, invitation.id), by="staff", now=NOW)
    with pytest.raises(InvitationEnded):
        live_claim_view(invitation_token(invitation), now=NOW)
    revived = revive(ORG, named(session, invitation.id), ReviveInput(), by="staff", key="once", now=NOW).invitation
    assert {key: hold.nonce for key, hold in holds_of(session).items()} == {invitation.id: revived.nonce}
    assert_lawful(session)
