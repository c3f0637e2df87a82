"""Walk-ins: staff add people to a session that has begun or is over."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from chalicelib.operations import registrations
from chalicelib.rules.inputs.roster import AddInput
from chalicelib.rules.session_refusals import SessionCancelled
from chalicelib.rules.sessions import Meeting, Session
from tests.operations.simulated_aws import Ses, Streams

OpenSession = Callable[..., Session]


def meetings(now: datetime, *hours: float) -> tuple[Meeting, ...]:
    """Return meetings of an hour that begin at these hours from now."""
    return tuple(Meeting(f"m{number}", now + timedelta(hours=at), now + timedelta(hours=at + 1)) for number, at in enumerate(hours, 1))


def added(session: Session, now: datetime) -> registrations.Registered:
    new = {"name": "Ana", "email": "ana@example.org"}
    addition = AddInput.model_validate({"new_customer": new, "participants": [{"name": "Kim"}], "send_confirmation": True})
    return registrations.add("demo", session.id, addition, by="owner", key="walk-in", now=now)


@pytest.mark.parametrize(
    ("hours", "covered"),
    [
        pytest.param((-24, -0.5), ["m2"], id="the last meeting has begun"),
        pytest.param((-48, -24), ["m2"], id="every meeting is over"),
        pytest.param((-24, -0.5, 24), ["m2", "m3"], id="a meeting has begun"),
        pytest.param((-24, 24, 48), ["m2", "m3"], id="between two meetings"),
        pytest.param((24, 48), ["m1", "m2"], id="nothing has begun"),
    ],
)
def test_a_walk_in_covers_the_meetings_that_are_not_over_or_the_last_one(
    hours: tuple[float, ...], covered: list[str], open_session: OpenSession, now: datetime
) -> None:
    session = open_session(meetings=meetings(now, *hours))
    for attempt in (now, now + timedelta(minutes=1)):
        registration = added(session, attempt).registration
        assert [meeting.id for meeting in session.meetings if registration.covers(meeting)] == covered


def test_a_cancelled_session_takes_no_walk_in(open_session: OpenSession, now: datetime) -> None:
    session = open_session(meetings=meetings(now, -24, -0.5), cancelled_at=now - timedelta(hours=1))
    with pytest.raises(SessionCancelled):
        added(session, now)


def test_a_walk_in_is_confirmed_by_e_mail_with_the_meeting(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    session = open_session(meetings=meetings(now, -0.5))
    added(session, now)
    streams.drain(now)
    (subject,), (text,) = ses.subjects, ses.texts
    assert subject == "You are registered: Pottery"
    assert "When:" in text
