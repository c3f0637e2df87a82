"""Extra spots: in addition to the session's own, at most fifty, and retired with their holder."""

from collections.abc import Callable

import pytest

from chalicelib.operations.invitations import cancel_invitation, decline, revive, sweep
from chalicelib.operations.links import invitation_token
from chalicelib.operations.registrations import change_registration, remove_registration
from chalicelib.operations.sessions import keep_extra
from chalicelib.rules.inputs.invitations import ReviveInput
from chalicelib.rules.inputs.roster import RegistrationChanges
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.ledger import SessionFull, TooManyExtras
from tests.live.ledger.scenario import (
    NOW,
    ORG,
    accepted,
    assert_lawful,
    chunks_of,
    invited,
    later,
    named,
    open_session,
    registered,
    resized,
    spots_of,
)

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]


def cancelled(invitation: Invitation) -> None:
    cancel_invitation(ORG, named(invitation.session, invitation.id), by="staff", now=NOW)


def declined(invitation: Invitation) -> None:
    decline(invitation_token(invitation), now=NOW)


def run_out(invitation: Invitation) -> None:
    assert sweep(ORG, now=invitation.expires_at) >= 1


def used_and_removed(invitation: Invitation) -> None:
    registration = accepted(invitation).registration
    assert spots_of(invitation.session).extra == invitation.party_size
    remove_registration(ORG, named(invitation.session, registration.id), by="staff", now=NOW)


@pytest.mark.parametrize("end", [cancelled, declined, run_out, used_and_removed])
@pytest.mark.parametrize("spots", [1, 120])
def test_an_extra_retires_with_its_holder(end: Callable[[Invitation], None], spots: int) -> None:
    session = open_session(spots)
    for party in [50] * (spots // 50) + [spots % 50]:
        registered(session, party=party)
    invitation = invited(session, party=3, over=True).invitation
    assert invitation.extra == 3
    assert spots_of(session) == (spots, spots, 3, 3, 0)
    end(invitation)
    assert spots_of(session) == (spots, spots, 0, 0, 0)
    with pytest.raises(SessionFull):
        invited(session)
    assert_lawful(session)


def test_an_extra_is_never_public_even_when_a_spot_becomes_free() -> None:
    session = open_session(1)
    first = registered(session).registration
    extra = invited(session, over=True).invitation
    remove_registration(ORG, named(session, first.id), by="staff", now=NOW)
    assert spots_of(session).free == 1
    registered(session)
    cancelled(extra)
    assert spots_of(session) == (1, 1, 0, 0, 0)


def test_over_capacity_takes_free_spots_first() -> None:
    session = open_session(2)
    assert invited(session, party=2, over=True).invitation.extra == 0
    assert invited(session, party=2, over=True).invitation.extra == 2


def test_at_most_fifty_extras_and_a_refused_one_leaves_nothing() -> None:
    session = open_session(0)
    for party in (40, 9, 1):
        invited(session, party=party, over=True)
    with pytest.raises(TooManyExtras):
        invited(session, "late@example.org", over=True)
    assert spots_of(session).extra == 50
    resized(session, 1)
    assert invited(session, "late@example.org").invitation.extra == 0


def test_parties_growing_on_other_chunks_share_the_limit_of_fifty(small_chunks: int) -> None:
    session = open_session(6)
    everybody = [registered(session).registration for _ in range(6)]
    invited(session, party=48, over=True)
    grown = 0
    for registration in everybody:
        try:
            changes = RegistrationChanges(party_size=2, confirm_over_capacity=True)
            change_registration(ORG, named(session, registration.id), changes, now=NOW)
            grown += 1
        except TooManyExtras:
            continue
    assert grown == 2
    assert spots_of(session).extra == 50
    assert_lawful(session)


def test_expired_extras_make_room_before_the_sweep() -> None:
    session = open_session(0)
    invited(session, party=49, over=True, expires_at=later(minutes=1))
    used = invited(session, party=1, over=True).invitation
    invited(session, party=30, over=True, now=later(minutes=2))
    with pytest.raises(TooManyExtras):
        invited(session, party=20, over=True, now=later(minutes=2))
    accepted(used, now=later(minutes=2))
    assert spots_of(session, later(minutes=2)) == (0, 1, 30, 31, 0)
    assert_lawful(session)


def test_a_revived_invitation_claims_its_spots_again() -> None:
    """It had an extra, and now a spot is free; and the reverse."""
    session = open_session(1)
    other = registered(session).registration
    invitation = invited(session, over=True).invitation
    cancelled(invitation)
    remove_registration(ORG, named(session, other.id), by="staff", now=NOW)
    plain = revive(ORG, named(session, invitation.id), ReviveInput(), by="staff", key="one", now=NOW).invitation
    assert plain.extra == 0
    cancelled(plain)
    registered(session)
    with pytest.raises(SessionFull):
        revive(ORG, named(session, invitation.id), ReviveInput(), by="staff", key="two", now=NOW)
    extra = revive(ORG, named(session, invitation.id), ReviveInput(confirm_over_capacity=True), by="staff", key="three", now=NOW).invitation
    assert extra.extra == 1
    assert_lawful(session)


def test_an_expired_extra_is_revived_as_an_extra_before_the_sweep() -> None:
    session = open_session(0)
    invitation = invited(session, party=2, over=True, expires_at=later(minutes=1)).invitation
    wanted = ReviveInput(confirm_over_capacity=True)
    revive(ORG, named(session, invitation.id), wanted, by="staff", key="one", now=later(minutes=2))
    assert spots_of(session, later(minutes=2)) == (0, 0, 2, 2, 0)
    assert_lawful(session)


def test_extras_that_staff_keep_become_spots_of_the_session() -> None:
    session = open_session(1)
    registered(session)
    invitation = invited(session, party=2, over=True).invitation
    for _ in range(2):
        keep_extra(ORG, session, named(session, invitation.id), now=NOW)
    assert spots_of(session) == (3, 1, 2, 0, 0)
    cancelled(invitation)
    assert spots_of(session) == (3, 1, 0, 0, 2)
    assert sum(chunk.cap for chunk in chunks_of(session)) == 3
    assert_lawful(session)


def test_a_smaller_session_keeps_its_extras_apart_from_its_debt() -> None:
    session = open_session(2)
    registered(session, party=2)
    invitation = invited(session, over=True).invitation
    resized(session, 1)
    cancelled(invitation)
    assert spots_of(session) == (1, 2, 0, 0, 0)
    with pytest.raises(SessionFull):
        invited(session)
    assert_lawful(session)
