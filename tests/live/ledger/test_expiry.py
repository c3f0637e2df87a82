"""The instant at which an invitation runs out, and everybody who reaches for its spots then: each by a clock of their own."""

from collections.abc import Callable
from functools import partial

import pytest

from chalicelib.operations.invitations import cancel_invitation, decline, look, read_invitation, sweep
from chalicelib.operations.links import invitation_token
from chalicelib.operations.sessions import read_roster
from chalicelib.rules.invitations import AlreadyAccepted, Invitation, InvitationOver
from chalicelib.rules.ledger import SessionFull
from chalicelib.tables import ledger
from tests.live.ledger.scene import (
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
from tests.live.ledger.wire import CrashedError, counted, crash, meanwhile

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]

END = later(minutes=1)


def roster_of(session: str) -> tuple[list[str], list[str]]:
    """Return who is registered, and what each invitation is."""
    view = read_roster(ORG, session, now=END)
    return [entry.email for entry in view.registrations], [entry.status for entry in view.invitations]


def test_a_link_is_good_until_its_second_and_inert_from_it() -> None:
    session = open_session(1)
    invitation = invited(session, expires_at=END).invitation
    assert look(invitation_token(invitation), now=later(seconds=59.9)).status == "pending"
    for moment in (END, later(seconds=60.4), later(days=1)):
        with pytest.raises(InvitationOver):
            look(invitation_token(invitation), now=moment)
        with pytest.raises(InvitationOver):
            accepted(invitation, now=moment)
        with pytest.raises(InvitationOver):
            decline(invitation_token(invitation), now=moment)
    assert accepted(invitation, now=later(seconds=59.9)).new


def test_its_spots_are_free_from_that_second_and_not_before() -> None:
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
def test_what_ends_before_it_is_confirmed_is_refused_and_leaves_no_row(end: Callable[[Invitation], None], request_name: str) -> None:
    """Somebody with a slow clock accepts, and in between the invitation is over for everybody else."""
    session = open_session(1)
    invitation = invited(session, "ana@example.org", expires_at=END).invitation
    with meanwhile(request_name, partial(end, invitation)), pytest.raises(InvitationOver):
        accepted(invitation, now=later(seconds=59))
    assert roster_of(session)[0] == []
    assert "ana@example.org" not in str(holds_of(session))
    assert spots_of(session, END).taken == 0
    registered(open_session(1), "ana@example.org")
    assert_lawful(session)


@pytest.mark.parametrize("end", [swept, cancelled, declined])
def test_whoever_ends_it_while_it_is_accepted_knows_who_was_first(end: Callable[[Invitation], None]) -> None:
    """At whichever step of the ending the acceptance comes in between: one of the two wins, and the roster says so."""
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
        except InvitationOver:
            outcomes.append("ended")

    try:
        with meanwhile("", accept_in_between, nth=step):
            end(invitation)
        refused = False
    except (AlreadyAccepted, InvitationOver):
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


def test_two_tries_of_one_person_with_different_clocks_do_not_lose_the_registration() -> None:
    """For the second try it has run out; the first, whose clock is slow, confirms after the second has given up."""
    session = open_session(1)
    invitation = invited(session, "ana@example.org", expires_at=END).invitation

    def second_try() -> None:
        with meanwhile("UpdateItem", lambda: None), pytest.raises(InvitationOver):
            accepted_late(invitation)

    with meanwhile("UpdateItem", second_try):
        assert accepted(invitation, now=later(seconds=59)).new
    assert roster_of(session) == (["ana@example.org"], ["accepted"])


def accepted_late(invitation: Invitation) -> None:
    """Accept as somebody who looked in time and whose clock jumps ahead before confirming."""
    true_confirm = ledger.confirm

    def confirm(*asked: str, **more: object) -> bool:
        return true_confirm(*asked, **{**more, "now": int(END.timestamp())})  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledger, "confirm", confirm)
        accepted(invitation, now=later(seconds=59))


def test_a_sweep_that_crashed_halfway_is_finished_by_the_next_person() -> None:
    for step in (1, 2, 3):
        session = open_session(1)
        invitation = invited(session, expires_at=END).invitation
        with pytest.raises(CrashedError), crash(step, after=True):
            sweep(ORG, now=END)
        invited(session, now=END)
        sweep(ORG, now=END)
        assert read_invitation(ORG, named(session, invitation.id), now=END).status == "expired"
        assert_lawful(session)


def test_a_sweep_never_touches_what_is_confirmed() -> None:
    session = open_session(1)
    invitation = invited(session, "ana@example.org", expires_at=END).invitation
    accepted(invitation)
    for _ in range(2):
        sweep(ORG, now=END)
    assert roster_of(session) == (["ana@example.org"], ["accepted"])
    with pytest.raises(SessionFull):
        invited(session, now=later(days=1))


def test_several_are_taken_over_at_once_for_a_party_of_many() -> None:
    session = open_session(4)
    for _ in range(4):
        invited(session, expires_at=END)
    invited(session, party=3, now=END)
    assert spots_of(session, END) == (4, 0, 3, 0, 1)
    assert sweep(ORG, now=END) == 4
    assert spots_of(session, END) == (4, 0, 3, 0, 1)
    assert_lawful(session)
