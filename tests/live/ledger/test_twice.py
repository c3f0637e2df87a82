"""Two who reach for the same thing: one invitation, one address, one participant; and rows that a crash has left behind."""

from collections.abc import Callable

import pytest

from chalicelib.operations import links
from chalicelib.operations.invitations import Accepted, Waiting, accept, approve, cancel_invitation, reject, revive
from chalicelib.operations.registrations import remove_registration
from chalicelib.operations.sessions import read_roster
from chalicelib.rules.drafts.invitations import Acceptance, Reviving
from chalicelib.rules.drafts.registrations import ParticipantDraft
from chalicelib.rules.invitations import AlreadyAccepted, AlreadyInvited, AlreadyUsed, Invitation, InvitationOver, SomebodyWaits
from chalicelib.rules.refusals import Busy
from chalicelib.rules.registrations import AlreadyRegistered
from chalicelib.tables import invitations
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


def form(email: str) -> Acceptance:
    return Acceptance(email=email, name="Bob", participants=[ParticipantDraft(name="Kim")])


def used_by(invitation: Invitation, email: str) -> Accepted | Waiting:
    return accept(links.invitation_token(invitation), form(email), locale="en", now=NOW)


def live_invitations(session: str, email: str) -> int:
    view = read_roster(ORG, session, now=NOW)
    return sum(entry.invitation.email == email and entry.status == "pending" for entry in view.invitations)


def test_an_open_invitation_goes_to_one_of_two_whoever_is_second_at_each_step() -> None:
    alone = invited(open_session(1)).invitation
    with counted() as counts:
        used_by(alone, "ana@example.org")
    for step in range(1, counts.total() + 1):
        session = open_session(1)
        invitation = invited(session, "ana@example.org").invitation
        with meanwhile("", lambda at=invitation: used_by(at, "bob@example.org"), nth=step), pytest.raises(AlreadyUsed):  # type: ignore[misc]
            used_by(invitation, "ana@example.org")
        assert [entry.email for entry in read_roster(ORG, session, now=NOW).registrations] == ["bob@example.org"]
        assert len(read_roster(ORG, session, now=NOW).removed) == 0
        registered(open_session(1), "ana@example.org")
        assert_lawful(session)


def test_the_same_person_twice_is_one_registration_at_each_step() -> None:
    for step in range(1, 4):
        session = open_session(1)
        invitation = invited(session).invitation
        with meanwhile("", lambda at=invitation: used_by(at, "Ana@example.org"), nth=step):  # type: ignore[misc]
            again = used_by(invitation, "ana@example.org")
        assert isinstance(again, Accepted)
        assert not again.new
        assert len(read_roster(ORG, session, now=NOW).registrations) == 1


def test_a_registration_that_is_confirmed_keeps_its_row_when_it_is_sent_again() -> None:
    session = open_session(1)
    first = registered(session, "ana@example.org", key="once", now=NOW).registration
    again = registered(session, "ana@example.org", key="once", now=later(minutes=5)).registration
    assert (again.id, again.nonce) == (first.id, first.nonce)
    assert len(read_roster(ORG, session, now=NOW).registrations) == 1


def test_the_same_participant_twice_is_refused_whichever_way_they_come() -> None:
    session = open_session(5)
    registered(session, "ana@example.org", party=2, names=("Kim", "Lou"))
    with pytest.raises(AlreadyRegistered):
        registered(session, "ANA@example.org ", party=2, names=("Max", "  kim "))
    with pytest.raises(AlreadyRegistered):
        accepted(invited(session, "ana@example.org").invitation, names=("LOU",))
    registered(session, "ana@example.org", names=("Max",))
    assert_lawful(session)


def test_a_participant_who_was_removed_may_come_again() -> None:
    session = open_session(1)
    first = registered(session, "ana@example.org").registration
    remove_registration(ORG, named(session, first.id), by="staff", now=NOW)
    registered(session, "ana@example.org")
    assert spots_of(session).taken == 1


def test_two_registrations_of_one_participant_at_once_are_one_at_each_step() -> None:
    for step in range(1, 4):
        session = open_session(5)
        with meanwhile("", lambda at=session: registered(at, "ana@example.org"), nth=step):  # type: ignore[misc]
            try:
                registered(session, "ana@example.org")
            except (AlreadyRegistered, Busy):
                continue
        assert spots_of(session).taken == 1


@pytest.mark.parametrize("skew", [-30, 0, 30])
def test_two_invitations_of_one_address_at_once_are_one_at_each_step(skew: int) -> None:
    """The other's clock is ahead by up to a minute: one runs thirty seconds fast, one thirty slow."""
    for step in range(1, 4):
        session = open_session(5)
        outcomes: list[str] = []

        def other(at: str = session, outcomes: list[str] = outcomes) -> None:
            outcomes.append(outcome(lambda: invited(at, "ana@example.org", now=later(seconds=30 + skew))))

        with meanwhile("", other, nth=step):
            outcomes.append(outcome(lambda at=session: invited(at, "ana@example.org", now=later(seconds=-30))))  # type: ignore[misc]
        assert outcomes.count("yes") == 1, (step, outcomes)
        assert live_invitations(session, "ana@example.org") == 1
        assert len(holds_of(session)) == 1


def outcome(do: Callable[[], object]) -> str:
    try:
        do()
    except (AlreadyInvited, AlreadyRegistered, Busy) as refused:
        return type(refused).__name__
    return "yes"


def test_a_revival_and_a_new_invitation_of_one_address_are_one_at_each_step() -> None:
    for step in range(1, 6):
        session = open_session(5)
        old = invited(session, "ana@example.org").invitation
        cancel_invitation(ORG, named(session, old.id), by="staff", now=NOW)
        outcomes: list[str] = []

        def other(at: str = session, outcomes: list[str] = outcomes) -> None:
            outcomes.append(outcome(lambda: invited(at, "ana@example.org", now=later(hours=1))))

        with meanwhile("", other, nth=step):
            again = named(session, old.id)
            outcomes.append(outcome(lambda at=again: revive(ORG, at, Reviving(), by="staff", key="k", now=later(hours=1))))  # type: ignore[misc]
        assert outcomes.count("yes") == 1, (step, outcomes)
        assert live_invitations(session, "ana@example.org") == 1
        assert len(holds_of(session)) == 1


@pytest.mark.parametrize("skew", [0, 60])
def test_two_registrations_of_one_participant_by_two_clocks_are_one(skew: int) -> None:
    for step in range(1, 4):
        session = open_session(5)
        outcomes: list[str] = []

        def other(at: str = session, outcomes: list[str] = outcomes) -> None:
            outcomes.append(outcome(lambda: registered(at, "ana@example.org", now=later(seconds=skew))))

        with meanwhile("", other, nth=step):
            outcomes.append(outcome(lambda at=session: registered(at, "ana@example.org", now=NOW)))  # type: ignore[misc]
        assert outcomes.count("yes") == 1, (step, outcomes)
        assert spots_of(session).taken == 1


def test_what_a_crash_left_behind_gives_way_after_a_while() -> None:
    """The row is there, its spots never came: at first it might still be under way, then it is nobody's."""
    session = open_session(2)
    with pytest.raises(CrashedError), crash(2, after=True):
        registered(session, "ana@example.org")
    with pytest.raises(CrashedError), crash(2, after=True):
        invited(session, "ana@example.org")
    assert holds_of(session) == {}
    with pytest.raises(Busy):
        registered(session, "ana@example.org", now=later(seconds=30))
    with pytest.raises(Busy):
        invited(session, "ana@example.org", now=later(seconds=30))
    registered(session, "ana@example.org", now=later(minutes=3))
    invited(session, "ana@example.org", now=later(minutes=3))
    view = read_roster(ORG, session, now=later(minutes=3))
    assert (len(view.registrations), len(view.invitations)) == (1, 1)
    assert_lawful(session)


def test_a_second_live_invitation_names_the_first() -> None:
    session = open_session(5)
    first = invited(session, "ana@example.org").invitation
    with pytest.raises(AlreadyInvited) as refused:
        invited(session, " ANA@example.org")
    assert refused.value.invitation == named(session, first.id)
    cancel_invitation(ORG, named(session, first.id), by="staff", now=NOW)
    second = invited(session, "ana@example.org").invitation
    with pytest.raises(AlreadyInvited):
        revive(ORG, named(session, first.id), Reviving(), by="staff", key="k", now=NOW)
    accepted(second)
    revive(ORG, named(session, first.id), Reviving(), by="staff", key="k", now=NOW)
    assert live_invitations(session, "ana@example.org") == 1


def test_who_waits_for_staff_holds_no_second_spot_and_others_wait_behind() -> None:
    session = open_session(2)
    invitation = invited(session, "ana@example.org", forwarding="approve").invitation
    assert isinstance(used_by(invitation, "bob@example.org"), Waiting)
    assert isinstance(used_by(invitation, "BOB@example.org"), Waiting)
    with pytest.raises(SomebodyWaits):
        used_by(invitation, "cleo@example.org")
    assert spots_of(session) == (2, 0, 1, 0, 1)
    approve(ORG, named(session, invitation.id), now=NOW)
    assert spots_of(session) == (2, 1, 0, 0, 1)
    assert read_roster(ORG, session, now=NOW).registrations[0].email.lower() == "bob@example.org"
    with pytest.raises(AlreadyUsed):
        used_by(invitation, "ana@example.org")


def test_staff_say_yes_while_the_invited_person_comes_themselves() -> None:
    for step in range(1, 4):
        session = open_session(1)
        invitation = invited(session, "ana@example.org", forwarding="approve").invitation
        used_by(invitation, "bob@example.org")
        with meanwhile("", lambda at=invitation: used_by(at, "ana@example.org"), nth=step), pytest.raises((AlreadyUsed, InvitationOver)):  # type: ignore[misc]
            approve(ORG, named(session, invitation.id), now=NOW)
        assert [entry.email for entry in read_roster(ORG, session, now=NOW).registrations] == ["ana@example.org"]
        assert_lawful(session)


def test_after_a_no_the_invited_person_may_come() -> None:
    session = open_session(1)
    invitation = invited(session, "ana@example.org", forwarding="approve").invitation
    used_by(invitation, "bob@example.org")
    reject(ORG, named(session, invitation.id), now=NOW)
    assert isinstance(used_by(invitation, "ana@example.org"), Accepted)


def test_cancelling_what_is_accepted_is_refused_also_before_the_row_says_so() -> None:
    session = open_session(1)
    invitation = invited(session).invitation
    registration = accepted(invitation).registration
    for _ in range(2):
        with pytest.raises(AlreadyAccepted):
            cancel_invitation(ORG, named(session, invitation.id), by="staff", now=NOW)
    assert invitations.get(ORG, session, invitation.id).registration == registration.id
    assert spots_of(session).taken == 1
