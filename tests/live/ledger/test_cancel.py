"""Cancelling a session during other requests."""

import pytest

from chalicelib.operations.invitations import live_claim_view
from chalicelib.operations.links import invitation_token
from chalicelib.operations.sessions import cancel_session, edit_session
from chalicelib.rules.inputs.sessions import CancelInput, SessionChanges
from chalicelib.rules.invitations import InvitationEnded
from chalicelib.rules.refusals import Busy
from chalicelib.rules.session_refusals import SessionCancelled
from chalicelib.tables import sessions
from tests.live.ledger.network_faults import CrashedError, counted, crash, meanwhile
from tests.live.ledger.scenario import NOW, ORG, accepted, assert_lawful, invited, open_session, registered, spots_of

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]


def cancelled(session: str) -> None:
    cancel_session(ORG, session, CancelInput(), by="staff", now=NOW)


def test_its_invitations_end_and_its_registrations_stay() -> None:
    session = open_session(120)
    registered(session, party=2)
    invitations = [invited(session).invitation for _ in range(4)]
    cancelled(session)
    assert spots_of(session) == (120, 2, 0, 0, 118)
    for invitation in invitations:
        with pytest.raises(InvitationEnded) as over:
            accepted(invitation)
        assert over.value.status == "cancelled"
    with pytest.raises(SessionCancelled):
        invited(session)
    assert_lawful(session)


def test_its_links_are_inert_at_once_wherever_the_cancellation_crashed() -> None:
    session = open_session(5)
    invited(session)
    with counted() as counts:
        cancelled(session)
    for step in range(2, counts.total() + 1):
        session = open_session(5)
        invitation = invited(session).invitation
        with pytest.raises(CrashedError), crash(step, after=True):
            cancelled(session)
        with pytest.raises(InvitationEnded):
            live_claim_view(invitation_token(invitation), now=NOW)
        with pytest.raises(InvitationEnded):
            accepted(invitation)
        cancelled(session)
        assert_lawful(session)


def test_an_invitation_made_during_the_cancellation_is_ended() -> None:
    session = open_session(5)
    with meanwhile("UpdateItem", lambda: cancelled(session)):
        invitation = invited(session).invitation
    with pytest.raises(InvitationEnded):
        accepted(invitation)
    assert_lawful(session)


def test_a_cancellation_that_fails_ends_no_invitation() -> None:
    """The session is edited again and again, each time just before the cancellation is written."""
    session = open_session(5)
    invitation = invited(session).invitation
    true_save, edits = sessions.save, iter(range(1000))

    def save(*arguments: object, **more: object) -> object:
        if not getattr(arguments[0], "cancelled_at"):  # noqa: B009 - the argument is a session
            return true_save(*arguments, **more)  # type: ignore[arg-type]
        edit_session(ORG, session, SessionChanges(title=f"Pottery {next(edits)}"), expected=None, now=NOW)
        return true_save(*arguments, **more)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sessions, "save", save)
        with pytest.raises(Busy):
            cancelled(session)
    accepted(invitation)
