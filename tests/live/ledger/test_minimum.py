"""The decision about a minimum in the same second as a booking, or as staff's own cancellation."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.operations.sessions import cancel_session, decide_due
from chalicelib.rules.inputs.sessions import CancelInput
from chalicelib.rules.minimum import Minimum
from chalicelib.rules.sessions import Session
from chalicelib.tables import booking_context, ledger, sessions
from tests.live.ledger.fault_injection import Control, Patch, check_noticed
from tests.live.ledger.network_faults import CrashedError, counted, crash, meanwhile
from tests.live.ledger.scenario import NOW, ORG, assert_lawful, invited, later, open_session, registered

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]

DUE = later(days=58)


def with_minimum(participants: int, spots: int = 120) -> str:
    """Open a session that is cancelled two days before it starts if fewer than this register."""
    id = open_session(spots)
    session, chunks = sessions.get_with_ledger(ORG, id)
    sessions.save(replace(session, minimum=Minimum(participants, "cancel", hours_before=48)), chunks, 0, was=session)
    return id


def read(session: str) -> Session:
    return sessions.get(ORG, session)


def test_the_booking_that_makes_the_minimum_in_the_same_second_counts() -> None:
    session = with_minimum(3)
    registered(session, party=2)
    with meanwhile("TransactWriteItems", lambda: registered(session, now=DUE)):
        assert decide_due(now=DUE) == 1
    decided = read(session)
    assert decided.minimum
    assert (decided.minimum.outcome, decided.minimum.counted, decided.cancelled_at) == ("goes_ahead", 3, None)
    assert_lawful(session)


def not_checked(patch: Patch) -> None:
    patch.setattr(ledger, "same_holds_checks", lambda *_: [])


def test_without_the_check_of_the_ledger_a_session_with_enough_is_cancelled() -> None:
    check_noticed("holds not compared", Control(not_checked, test_the_booking_that_makes_the_minimum_in_the_same_second_counts))


def test_staff_who_cancel_in_the_same_second_have_the_word() -> None:
    session = with_minimum(3)
    cancelling = CancelInput(reason="Ill", tell=False)
    with meanwhile("TransactWriteItems", lambda: cancel_session(ORG, session, cancelling, by="staff", now=DUE)):
        assert decide_due(now=DUE) == 0
    cancelled = read(session)
    assert (cancelled.cancel_reason, cancelled.tell_cancelled, cancelled.ending) == ("Ill", False, False)
    assert cancelled.minimum
    assert cancelled.minimum.outcome == "undecided"


def test_two_runs_at_once_decide_once() -> None:
    session = with_minimum(3)
    with meanwhile("TransactWriteItems", lambda: decide_due(now=DUE)):
        decide_due(now=DUE)
    first = read(session)
    assert (first.cancelled_at, first.ending) == (DUE, False)
    assert decide_due(now=DUE + timedelta(minutes=1)) == 0
    assert read(session) == first


def test_it_is_finished_wherever_it_crashed() -> None:
    session = with_minimum(2)
    invited(session, now=later(days=57))
    with counted() as counts:
        decide_due(now=DUE)
    assert not read(session).ending
    for step in range(1, counts.total() + 1):
        session = with_minimum(2)
        invited(session, now=later(days=57))
        with pytest.raises(CrashedError), crash(step, after=True):
            decide_due(now=DUE)
        decide_due(now=DUE + timedelta(minutes=1))
        roster = booking_context.roster(ORG, session)
        assert (bool(roster.session.cancelled_at), roster.session.ending) == (True, False)
        assert [one.ended for one in roster.invitations] == ["cancelled"]
        assert decide_due(now=DUE + timedelta(minutes=2)) == 0


def test_a_run_without_a_due_session_asks_once_however_many_organisations_there_are() -> None:
    with_minimum(2)
    with counted() as counts:
        assert decide_due(now=NOW) == 0
    assert dict(counts) == {"Query": 1}
