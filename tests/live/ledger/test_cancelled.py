"""A session that is cancelled while people are at it."""

import pytest

from chalicelib.operations.invitations import look
from chalicelib.operations.links import invitation_token
from chalicelib.operations.sessions import cancel_session, edit_session
from chalicelib.rules.drafts.sessions import Cancelling, SessionChanges
from chalicelib.rules.invitations import InvitationOver
from chalicelib.rules.refusals import Busy
from chalicelib.rules.sessions import SessionCancelled
from chalicelib.tables import sessions
from tests.live.ledger.scene import NOW, ORG, accepted, assert_lawful, invited, open_session, registered, spots_of
from tests.live.ledger.wire import CrashedError, counted, crash, meanwhile

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]


def cancelled(session: str) -> None:
    cancel_session(ORG, session, Cancelling(), by="staff", now=NOW)


def test_its_invitations_end_and_whoever_is_registered_stays() -> None:
    session = open_session(120)
    registered(session, party=2)
    invitations = [invited(session).invitation for _ in range(4)]
    cancelled(session)
    assert spots_of(session) == (120, 2, 0, 0, 118)
    for invitation in invitations:
        with pytest.raises(InvitationOver) as over:
            accepted(invitation)
        assert over.value.status == "cancelled"
    with pytest.raises(SessionCancelled):
        invited(session)
    assert_lawful(session)


def test_its_links_are_inert_at_once_wherever_the_cancelling_was_cut_off() -> None:
    session = open_session(5)
    invited(session)
    with counted() as counts:
        cancelled(session)
    for step in range(2, counts.total() + 1):
        session = open_session(5)
        invitation = invited(session).invitation
        with pytest.raises(CrashedError), crash(step, after=True):
            cancelled(session)
        with pytest.raises(InvitationOver):
            look(invitation_token(invitation), now=NOW)
        with pytest.raises(InvitationOver):
            accepted(invitation)
        cancelled(session)
        assert_lawful(session)


def test_an_invitation_that_was_under_way_leads_nowhere() -> None:
    session = open_session(5)
    with meanwhile("UpdateItem", lambda: cancelled(session)):
        invitation = invited(session).invitation
    with pytest.raises(InvitationOver):
        accepted(invitation)
    assert_lawful(session)


def test_a_cancelling_that_never_comes_through_ends_no_invitation() -> None:
    """Somebody edits the session again and again, each time before it is written."""
    session = open_session(5)
    invitation = invited(session).invitation
    true_save, edits = sessions.save, iter(range(1000))

    def save(*asked: object) -> object:
        if not getattr(asked[0], "cancelled_at"):  # noqa: B009 - what is asked is a session
            return true_save(*asked)  # type: ignore[arg-type]
        edit_session(ORG, session, SessionChanges(title=f"Pottery {next(edits)}"), expected=None, now=NOW)
        return true_save(*asked)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sessions, "save", save)
        with pytest.raises(Busy):
            cancelled(session)
    accepted(invitation)
