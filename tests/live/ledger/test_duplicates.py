"""Two requests for the same invitation, address or participant; and rows that a crash left behind."""

from collections.abc import Callable

import pytest

from chalicelib.operations import links
from chalicelib.operations.customers import merge_customers
from chalicelib.operations.invitations import Accepted, WaitsForApproval, accept, approve, cancel_invitation, reject, revive
from chalicelib.operations.registrations import remove_registration
from chalicelib.operations.sessions import read_roster
from chalicelib.rules.customers import Customer
from chalicelib.rules.inputs.invitations import AcceptInput, ReviveInput
from chalicelib.rules.inputs.registrations import ParticipantInput
from chalicelib.rules.invitations import AlreadyInvited, ApprovalPending, Invitation, InvitationAccepted, InvitationEnded, InvitationUsed
from chalicelib.rules.refusals import Busy
from chalicelib.rules.registration_refusals import AlreadyRegistered
from chalicelib.tables import customers, invitations
from tests.live.ledger.network_faults import CrashedError, counted, crash, meanwhile
from tests.live.ledger.scenario import (
    NOW,
    ORG,
    accepted,
    assert_lawful,
    fresh,
    holds_of,
    invited,
    later,
    named,
    open_session,
    registered,
    spots_of,
)

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]


def form(email: str) -> AcceptInput:
    return AcceptInput(email=email, name="Bob", participants=[ParticipantInput(name="Kim")])


def used_by(invitation: Invitation, email: str) -> Accepted | WaitsForApproval:
    return accept(links.invitation_token(invitation), form(email), locale="en", now=NOW)


def live_invitations(session: str, email: str) -> int:
    view = read_roster(ORG, session, now=NOW)
    return sum(entry.invitation.email == email and entry.status == "pending" for entry in view.invitations)


def test_an_open_invitation_goes_to_one_of_two_at_each_step() -> None:
    alone = invited(open_session(1)).invitation
    with counted() as counts:
        used_by(alone, "ana@example.org")
    for step in range(1, counts.total() + 1):
        session = open_session(1)
        invitation = invited(session, "ana@example.org").invitation
        with meanwhile("", lambda at=invitation: used_by(at, "bob@example.org"), nth=step), pytest.raises(InvitationUsed):  # type: ignore[misc]
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


def test_the_same_participant_twice_is_refused_on_every_way() -> None:
    session = open_session(5)
    registered(session, "ana@example.org", party=2, names=("Kim", "Lou"))
    with pytest.raises(AlreadyRegistered):
        registered(session, "ANA@example.org ", party=2, names=("Max", "  kim "))
    with pytest.raises(AlreadyRegistered):
        accepted(invited(session, "ana@example.org").invitation, names=("LOU",))
    registered(session, "ana@example.org", names=("Max",))
    assert_lawful(session)


def test_a_removed_participant_may_register_again() -> None:
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
    """The clocks differ by up to a minute: one is thirty seconds fast, one thirty slow."""
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


def merged(main: str, further: str) -> None:
    """Make two customers with these addresses, and merge the second into the first."""
    ids = [fresh("customer") for _ in range(2)]
    for id, email in zip(ids, (main, further), strict=True):
        customers.create(Customer(ORG, id, email, "Ana", NOW))
    merge_customers(ORG, ids[1], into=ids[0], now=NOW)


def test_one_child_under_two_addresses_of_a_customer_at_once_is_one_at_each_step() -> None:
    main, further = f"{fresh('ana')}@example.org", f"{fresh('ana')}@work.example"
    session = open_session(5)
    merged(main, further)
    for step in range(1, 4):
        session = open_session(5)
        outcomes: list[str] = []

        def other(at: str = session, outcomes: list[str] = outcomes) -> None:
            outcomes.append(outcome(lambda: registered(at, further)))

        with meanwhile("", other, nth=step):
            outcomes.append(outcome(lambda at=session: registered(at, main)))  # type: ignore[misc]
        assert outcomes.count("yes") == 1, (step, outcomes)
        assert spots_of(session).taken == 1


def test_two_invitations_to_two_addresses_of_a_customer_at_once_are_one_at_each_step() -> None:
    main, further = f"{fresh('ana')}@example.org", f"{fresh('ana')}@work.example"
    session = open_session(5)
    merged(main, further)
    for step in range(1, 4):
        session = open_session(5)
        outcomes: list[str] = []

        def other(at: str = session, outcomes: list[str] = outcomes) -> None:
            outcomes.append(outcome(lambda: invited(at, further)))

        with meanwhile("", other, nth=step):
            outcomes.append(outcome(lambda at=session: invited(at, main)))  # type: ignore[misc]
        assert outcomes.count("yes") == 1, (step, outcomes)
        assert live_invitations(session, main) + live_invitations(session, further) == 1


def test_an_ended_booking_under_one_address_frees_the_other() -> None:
    main, further = f"{fresh('ana')}@example.org", f"{fresh('ana')}@work.example"
    session = open_session(5)
    merged(main, further)
    first, invitation = registered(session, main).registration, invited(session, main).invitation
    with pytest.raises(AlreadyRegistered):
        registered(session, further, names=("Lou", "kim"), party=2)
    with pytest.raises(AlreadyInvited):
        invited(session, further)
    remove_registration(ORG, named(session, first.id), by="staff", now=NOW)
    cancel_invitation(ORG, named(session, invitation.id), by="staff", now=NOW)
    registered(session, further)
    invited(session, further)
    with pytest.raises(AlreadyInvited):
        revive(ORG, named(session, invitation.id), ReviveInput(), by="staff", key="k", now=NOW)
    assert_lawful(session)


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
            outcomes.append(outcome(lambda at=again: revive(ORG, at, ReviveInput(), by="staff", key="k", now=later(hours=1))))  # type: ignore[misc]
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


def test_abandoned_rows_give_way_after_a_while() -> None:
    """The row exists without spots: at first its request may still be running, later it counts as abandoned."""
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
        revive(ORG, named(session, first.id), ReviveInput(), by="staff", key="k", now=NOW)
    accepted(second)
    revive(ORG, named(session, first.id), ReviveInput(), by="staff", key="k", now=NOW)
    assert live_invitations(session, "ana@example.org") == 1


def test_a_waiting_claimant_holds_no_second_spot_and_others_are_refused() -> None:
    session = open_session(2)
    invitation = invited(session, "ana@example.org", forwarding="approve").invitation
    assert isinstance(used_by(invitation, "bob@example.org"), WaitsForApproval)
    assert isinstance(used_by(invitation, "BOB@example.org"), WaitsForApproval)
    with pytest.raises(ApprovalPending):
        used_by(invitation, "cleo@example.org")
    assert spots_of(session) == (2, 0, 1, 0, 1)
    approve(ORG, named(session, invitation.id), now=NOW)
    assert spots_of(session) == (2, 1, 0, 0, 1)
    assert read_roster(ORG, session, now=NOW).registrations[0].email.lower() == "bob@example.org"
    with pytest.raises(InvitationUsed):
        used_by(invitation, "ana@example.org")


def test_an_approval_while_the_invited_address_accepts() -> None:
    for step in range(1, 4):
        session = open_session(1)
        invitation = invited(session, "ana@example.org", forwarding="approve").invitation
        used_by(invitation, "bob@example.org")
        with (
            meanwhile("", lambda at=invitation: used_by(at, "ana@example.org"), nth=step),  # type: ignore[misc]
            pytest.raises((InvitationUsed, InvitationEnded)),
        ):
            approve(ORG, named(session, invitation.id), now=NOW)
        assert [entry.email for entry in read_roster(ORG, session, now=NOW).registrations] == ["ana@example.org"]
        assert_lawful(session)


def test_after_a_rejection_the_invited_address_may_accept() -> None:
    session = open_session(1)
    invitation = invited(session, "ana@example.org", forwarding="approve").invitation
    used_by(invitation, "bob@example.org")
    reject(ORG, named(session, invitation.id), now=NOW)
    assert isinstance(used_by(invitation, "ana@example.org"), Accepted)


def test_cancelling_an_accepted_invitation_is_refused_before_its_row_is_updated() -> None:
    session = open_session(1)
    invitation = invited(session).invitation
    registration = accepted(invitation).registration
    for _ in range(2):
        with pytest.raises(InvitationAccepted):
            cancel_invitation(ORG, named(session, invitation.id), by="staff", now=NOW)
    assert invitations.get(ORG, session, invitation.id).registration == registration.id
    assert spots_of(session).taken == 1
