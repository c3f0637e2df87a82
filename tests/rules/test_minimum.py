"""The minimum number of participants: when it is decided, and what."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.rules.minimum import DecisionPast, DecisionTooLate, Minimum, MinimumAboveSpots, MinimumOutcome, with_decision
from chalicelib.rules.sessions import Meeting, Session, check_minimum
from tests.samples import NOW, SESSION

STARTS = SESSION.starts_at
ASKING, CANCELLING = Minimum(6, "ask", hours_before=48), Minimum(6, "cancel", hours_before=48)


def with_minimum(minimum: Minimum | None, **more: object) -> Session:
    return replace(SESSION, **{"spots_total": 12, "minimum": minimum, **more})  # type: ignore[arg-type]


def test_it_is_decided_some_hours_before_the_first_date_that_takes_place() -> None:
    cancelled, later = SESSION.meetings[0], Meeting("m2", STARTS + timedelta(days=7), STARTS + timedelta(days=7, hours=1))
    session = with_minimum(ASKING, meetings=(replace(cancelled, cancelled_at=NOW), later))
    assert session.decides_at == later.starts_at - timedelta(hours=48)


def test_a_chosen_moment_counts_but_never_after_the_start() -> None:
    assert Minimum(6, "ask", decide_at=NOW).due(STARTS) == NOW
    assert Minimum(6, "ask", decide_at=STARTS + timedelta(hours=1)).due(STARTS) == STARTS


@pytest.mark.parametrize(
    ("minimum", "taken", "at", "outcome"),
    [
        (ASKING, 6, STARTS - timedelta(hours=48), "goes_ahead"),
        (ASKING, 5, STARTS - timedelta(hours=48), "asked"),
        (CANCELLING, 7, STARTS - timedelta(hours=48), "goes_ahead"),
        (CANCELLING, 5, STARTS - timedelta(hours=48), "cancelled"),
        (CANCELLING, 0, STARTS, "asked"),  # The clock stood still until the session had begun.
    ],
)
def test_fewer_than_the_minimum_cancel_or_ask(minimum: Minimum, taken: int, at: datetime, outcome: MinimumOutcome) -> None:
    decided = minimum.decided(taken, starts_at=STARTS, at=at)
    assert (decided.outcome, decided.counted, decided.decided_at) == (outcome, taken, at)


def test_only_the_undecided_ones_that_are_not_cancelled_await_a_decision() -> None:
    decided = ASKING.decided(6, starts_at=STARTS, at=NOW)
    sessions = [with_minimum(ASKING), with_minimum(decided), with_minimum(None), with_minimum(ASKING, cancelled_at=NOW)]
    assert [session.awaits_decision for session in sessions] == [True, False, False, False]
    assert with_minimum(decided, cancelled_at=NOW, ending=True).awaits_decision


def test_an_unchanged_minimum_keeps_what_was_decided() -> None:
    decided = ASKING.decided(6, starts_at=STARTS, at=NOW)
    assert with_decision(Minimum(6, "ask", hours_before=48), decided) is decided
    assert with_decision(Minimum(7, "ask", hours_before=48), decided) == Minimum(7, "ask", hours_before=48)
    assert with_decision(None, decided) is None


@pytest.mark.parametrize(
    ("minimum", "refusal"),
    [
        (Minimum(13, "ask", hours_before=48), MinimumAboveSpots),
        (Minimum(6, "ask", decide_at=STARTS), DecisionTooLate),
        (Minimum(6, "ask", decide_at=NOW), DecisionPast),
        (Minimum(6, "ask", hours_before=24 * 90), DecisionPast),
    ],
)
def test_a_minimum_that_does_not_fit_is_refused_while_it_is_new(minimum: Minimum, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        check_minimum(with_minimum(minimum), None, NOW)
    check_minimum(with_minimum(minimum, title="Again"), with_minimum(minimum), NOW)


def test_moving_a_session_into_a_decision_at_once_is_refused() -> None:
    sooner = replace(SESSION.meetings[0], starts_at=NOW + timedelta(hours=47))
    with pytest.raises(DecisionPast):
        check_minimum(with_minimum(ASKING, meetings=(sooner,)), with_minimum(ASKING), NOW)
    decided = ASKING.decided(6, starts_at=STARTS, at=NOW)
    check_minimum(with_minimum(decided, meetings=(sooner,)), with_minimum(decided), NOW.astimezone(UTC))
