"""The state of a session, its coming meetings, and its registration window."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chalicelib.rules.money import Money
from chalicelib.rules.refusals import Refusal
from chalicelib.rules.session_refusals import RegistrationClosed, RegistrationNotOpen, SessionCancelled, SessionPast
from chalicelib.rules.sessions import Meeting, SessionState, Tier, check_not_over, check_public_window, next_start, remaining, state
from tests.samples import NOW, SESSION

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
FIRST, SECOND_ONE, LAST = (Meeting(f"m{week}", NOW + week * 7 * DAY, NOW + week * 7 * DAY + HOUR) for week in (1, 2, 3))
OPENS, CLOSES = NOW + DAY, NOW + 5 * DAY
COURSE = replace(SESSION, meetings=(FIRST, SECOND_ONE, LAST), registration_opens_at=OPENS, registration_closes_at=CLOSES, created_at=NOW)
TURNS = (NOW, OPENS, CLOSES, FIRST.starts_at, FIRST.ends_at, LAST.starts_at, LAST.ends_at, LAST.ends_at + DAY)
LATE = {"registration_closes_at": LAST.ends_at + DAY}


@pytest.mark.parametrize(
    ("at", "free", "what", "is_now"),
    [
        pytest.param(NOW, 5, {}, "upcoming", id="before registration opens"),
        pytest.param(OPENS - SECOND, 0, {}, "upcoming", id="a full one is upcoming all the same"),
        pytest.param(OPENS, 5, {}, "open", id="from the second in which it opens"),
        pytest.param(OPENS, 1, {}, "open", id="one spot is enough"),
        pytest.param(OPENS, 0, {}, "full", id="no spot is free"),
        pytest.param(CLOSES - SECOND, 5, {}, "open", id="until its last second"),
        pytest.param(CLOSES, 5, {}, "closed", id="closed on the second"),
        pytest.param(CLOSES, 0, {}, "closed", id="closed says more than full"),
        pytest.param(FIRST.starts_at + HOUR, 5, LATE, "open", id="a course may be joined while it runs"),
        pytest.param(LAST.starts_at - SECOND, 5, LATE, "open", id="until its last meeting begins"),
        pytest.param(LAST.starts_at, 5, LATE, "closed", id="nobody can book what has begun for the last time"),
        pytest.param(LAST.starts_at, 5, {"registration_opens_at": LAST.ends_at}, "closed", id="it would open too late"),
        pytest.param(LAST.ends_at, 5, LATE, "past", id="over when its last meeting ends"),
        pytest.param(LAST.ends_at, 0, {}, "past", id="past says more than closed"),
        pytest.param(NOW, 5, {"cancelled_at": NOW}, "cancelled", id="cancelled before it opened"),
        pytest.param(LAST.ends_at + DAY, 5, {"cancelled_at": NOW}, "cancelled", id="cancelled stays so when its dates are past"),
    ],
)
def test_a_session_is_in_one_state(at: datetime, free: int, what: dict[str, Any], is_now: SessionState) -> None:
    assert state(replace(COURSE, **what), free, at) == is_now


turns = st.sampled_from([moment - early for moment in TURNS for early in (SECOND, timedelta(0))])


@given(turns, turns, turns, st.integers(0, 3), st.booleans())
def test_who_may_register_and_what_the_list_says_agree(at: datetime, opens: datetime, closes: datetime, free: int, cancelled: bool) -> None:
    """The public is refused unless the state is open or full, and full is for the ledger to refuse."""
    assume(opens < closes)
    session = replace(COURSE, registration_opens_at=opens, registration_closes_at=closes, cancelled_at=NOW if cancelled else None)
    shown = state(session, free, at)
    assert shown in get_args(SessionState)
    try:
        check_public_window(session, at)
    except Refusal:
        assert shown not in {"open", "full"}
    else:
        assert shown in {"open", "full"}


@pytest.mark.parametrize(
    ("at", "what", "refusal"),
    [
        pytest.param(OPENS - SECOND, {}, RegistrationNotOpen, id="not open yet"),
        pytest.param(OPENS, {}, None, id="open"),
        pytest.param(CLOSES - SECOND, {}, None, id="about to close"),
        pytest.param(CLOSES, {}, RegistrationClosed, id="closed"),
        pytest.param(LAST.starts_at - SECOND, LATE, None, id="the last meeting is about to begin"),
        pytest.param(LAST.starts_at, LATE, SessionPast, id="the last meeting has begun"),
        pytest.param(OPENS, {"cancelled_at": NOW}, SessionCancelled, id="cancelled"),
        pytest.param(LAST.ends_at, {"cancelled_at": NOW}, SessionCancelled, id="cancelled says more than past"),
        pytest.param(LAST.starts_at, {"registration_opens_at": LAST.ends_at}, SessionPast, id="opens too late to matter"),
    ],
)
def test_the_public_registers_within_the_window(at: datetime, what: dict[str, Any], refusal: type[Refusal] | None) -> None:
    session = replace(COURSE, **what)
    if refusal is None:
        check_public_window(session, at)
    else:
        with pytest.raises(refusal):
            check_public_window(session, at)


def test_too_early_says_when_to_come_back() -> None:
    with pytest.raises(RegistrationNotOpen) as refused:
        check_public_window(COURSE, NOW)
    assert refused.value.data() == {"opens_at": OPENS}


@pytest.mark.parametrize("at", [NOW, CLOSES, CLOSES + DAY, LAST.starts_at - SECOND])
def test_an_invitation_needs_no_registration_window(at: datetime) -> None:
    """Invitations work for upcoming and for closed sessions, until the last meeting begins."""
    check_not_over(COURSE, at)


@pytest.mark.parametrize(
    ("at", "ids"),
    [
        pytest.param(NOW, ["m1", "m2", "m3"], id="all lie ahead"),
        pytest.param(FIRST.starts_at - SECOND, ["m1", "m2", "m3"], id="the first is about to begin"),
        pytest.param(FIRST.starts_at, ["m2", "m3"], id="one that begins now keeps its history"),
        pytest.param(FIRST.ends_at, ["m2", "m3"], id="one is over"),
        pytest.param(LAST.starts_at, [], id="none is left"),
    ],
)
def test_a_change_touches_the_meetings_that_are_still_to_come(at: datetime, ids: list[str]) -> None:
    assert [meeting.id for meeting in remaining(COURSE.meetings, at)] == ids


@pytest.mark.parametrize(
    ("at", "starts"),
    [
        (NOW, FIRST),
        (FIRST.starts_at, FIRST),
        (FIRST.ends_at - SECOND, FIRST),
        (FIRST.ends_at, SECOND_ONE),
        (LAST.ends_at - SECOND, LAST),
        (LAST.ends_at, LAST),
        (LAST.ends_at + 9 * DAY, LAST),
    ],
    ids=["ahead", "begins", "under way", "between", "last under way", "just over", "long over"],
)
def test_the_meeting_that_is_under_way_or_next(at: datetime, starts: Meeting) -> None:
    assert next_start(COURSE, at) == starts.starts_at


def test_a_session_starts_with_its_first_meeting_and_ends_with_the_longest() -> None:
    long = Meeting("long", FIRST.starts_at, LAST.ends_at + DAY)
    camp = replace(COURSE, meetings=(long, LAST))
    assert (camp.starts_at, camp.last_starts_at, camp.ends_at) == (FIRST.starts_at, LAST.starts_at, LAST.ends_at + DAY)


def test_a_tier_is_found_by_its_id_and_keeps_its_terms() -> None:
    child = Tier("t2", "Child", Money(700, "EUR"))
    session = replace(COURSE, tiers=(*COURSE.tiers, child))
    assert session.tier("t2") is child
    assert session.tier("gone") is None
    assert child.terms == ("t2", Money(700, "EUR"))
