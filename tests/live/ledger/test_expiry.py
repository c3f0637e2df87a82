"""The moment at which an invitation expires, with concurrent requests for its spots, each with its own clock."""

from collections.abc import Callable
from functools import partial

import pytest

from chalicelib.operations.invitations import cancel_invitation, decline, live_claim_view, read_invitation, sweep
from chalicelib.operations.links import invitation_token
from chalicelib.operations.sessions import read_roster
from chalicelib.rules.invitations import Invitation, InvitationAccepted, InvitationEnded
from chalicelib.rules.ledger import SessionFull
from chalicelib.tables import ledger
from tests.live.ledger.network_faults import CrashedError, counted, crash, meanwhile
from tests.live.ledger.scenario import (
    NOW,
    ORG,
    accepted,
    assert_lawful,
    holds_of,
    invited,
    later,
    named,
    open_session,
    registered,
    spots_of,
)

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]

END = later(minutes=1)


def roster_of(session: str) -> tuple[list[str], list[str]]:
    """Return the registered addresses, and the status of each invitation."""
    view = read_roster(ORG, session, now=END)
    return [entry.email for entry in view.registrations], [entry.status for entry in view.invitations]


def test_a_link_works_until_its_expiry_and_not_from_then_on() -> None:
    session = open_session(1)
    invitation = invited(session, expires_at=END).invitation
    assert live_claim_view(invitation_token(invitation), now=later(seconds=59.9)).status == "pending"
    for moment in (END, later(seconds=60.4), later(days=1)):
        with pytest.raises(InvitationEnded):
            live_claim_view(invitation_token(invitation), now=moment)
        with pytest.raises(InvitationEnded):
            accepted(invitation, now=moment)
        with pytest.raises(InvitationEnded):
            decline(invitation_token(invitation), now=moment)
    assert accepted(invitation, now=later(seconds=59.9)).new


def test_its_spots_are_free_from_its_expiry_and_not_before() -> None:
    for moment in (END, later(seconds=60.4)):
        session = open_session(1)
        invited(session, expires_at=END)
        with pytest.raises(SessionFull):
            invited(session, now=later(seconds=59.9))
        invited(session, now=moment)
        assert_lawful(session)


def taken_over(invitation: Invitation) -> None:
    invited(invitation.session, now=END)


def swept(invitation: Invitation) -> None:
    sweep(ORG, now=END)


def cancelled(invitation: Invitation) -> None:
    cancel_invitation(ORG, named(invitation.session, invitation.id), by="staff", now=NOW)


def declined(invitation: Invitation) -> None:
    decline(invitation_token(invitation), now=NOW)


ENDINGS = [taken_over, swept, cancelled, declined]


@pytest.mark.parametrize("end", ENDINGS)
@pytest.mark.parametrize("request_name", ["BatchGetItem", "TransactWriteItems", "UpdateItem"])
def test_an_invitation_ended_before_confirmation_is_refused_and_leaves_no_row(end: Callable[[Invitation], None], request_name: str) -> None:
    """A client with a slow clock accepts; in between, the invitation ends for all others."""
    session = open_session(1)
    invitation = invited(session, "ana@example.org", expires_at=END).invitation
    with meanwhile(request_name, partial(end, invitation)), pytest.raises(InvitationEnded):
        accepted(invitation, now=later(seconds=59))
    assert roster_of(session)[0] == []
    assert "ana@example.org" not in str(holds_of(session))
    assert spots_of(session, END).taken == 0
    registered(open_session(1), "ana@example.org")
    assert_lawful(session)


@pytest.mark.parametrize("end", [swept, cancelled, declined])
def test_an_ending_during_acceptance_reports_who_was_first(end: Callable[[Invitation], None]) -> None:
    """An acceptance comes before any step of the ending: one of the two wins, and the roster says which."""
    alone = invited(open_session(1), expires_at=END).invitation
    with counted() as counts:
        end(alone)
    winners = [end_with_acceptance_before(step, end) for step in range(1, counts.total() + 1)]
    assert set(winners) == {"accepted", "ended"}


def end_with_acceptance_before(step: int, end: Callable[[Invitation], None]) -> str:
    session = open_session(1)
    invitation = invited(session, "ana@example.org", expires_at=END).invitation
    outcomes: list[str] = []

    def accept_in_between() -> None:
        try:
            accepted(invitation, now=later(seconds=59))
            outcomes.append("accepted")
        except InvitationEnded:
            outcomes.append("ended")

    try:
        with meanwhile("", accept_in_between, nth=step):
            end(invitation)
        refused = False
    except (InvitationAccepted, InvitationEnded):
        refused = True
    if outcomes == ["accepted"]:
        assert roster_of(session) == (["ana@example.org"], ["accepted"])
        assert refused or end is swept
    else:
        assert roster_of(session)[0] == []
        assert spots_of(session, END).free == 1
        assert not refused
    assert_lawful(session)
    return outcomes[0]


def test_two_attempts_with_different_clocks_do_not_lose_the_registration() -> None:
    """The second attempt finds it expired; the first, whose clock is slow, confirms after the second has given up."""
    session = open_session(1)
    invitation = invited(session, "ana@example.org", expires_at=END).invitation

    def second_try() -> None:
        with meanwhile("UpdateItem", lambda: None), pytest.raises(InvitationEnded):
            accepted_late(invitation)

    with meanwhile("UpdateItem", second_try):
        assert accepted(invitation, now=later(seconds=59)).new
    assert roster_of(session) == (["ana@example.org"], ["accepted"])


def accepted_late(invitation: Invitation) -> None:
    """Accept as a client that read in time and whose clock jumps ahead before confirming."""
    true_confirm = ledger.confirm

    def confirm(*arguments: str, **more: object) -> bool:
        return true_confirm(*arguments, **{**more, "now": int(END.timestamp())})  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledger, "confirm", confirm)
        accepted(invitation, now=later(seconds=59))


def test_a_crashed_sweep_is_finished_by_the_next_request() -> None:
    for step in (1, 2, 3):
        session = open_session(1)
        invitation = invited(session, expires_at=END).invitation
        with pytest.raises(CrashedError), crash(step, after=True):
            sweep(ORG, now=END)
        invited(session, now=END)
        sweep(ORG, now=END)
        assert read_invitation(ORG, named(session, invitation.id), now=END).status == "expired"
        assert_lawful(session)


def test_a_sweep_never_touches_confirmed_holds() -> None:
    session = open_session(1)
    invitation = invited(session, "ana@example.org", expires_at=END).invitation
    accepted(invitation)
    for _ in range(2):
        sweep(ORG, now=END)
    assert roster_of(session) == (["ana@example.org"], ["accepted"])
    with pytest.raises(SessionFull):
        invited(session, now=later(days=1))


def test_several_expired_holds_are_taken_over_for_a_large_party() -> None:
    session = open_session(4)
    for _ in range(4):
        invited(session, expires_at=END)
    invited(session, party=3, now=END)
    assert spots_of(session, END) == (4, 0, 3, 0, 1)
    assert sweep(ORG, now=END) == 4
    assert spots_of(session, END) == (4, 0, 3, 0, 1)
    assert_lawful(session)
