"""The figures of the home."""

from collections.abc import Callable
from datetime import datetime, timedelta

from chalicelib.operations import invitations, registrations, reports
from chalicelib.rules.inputs.invitations import InvitationInput
from chalicelib.rules.inputs.registrations import ParticipantInput, RegistrationInput
from chalicelib.rules.sessions import Meeting, Session
from tests.operations.simulated_aws import Streams


def test_the_coming_week_what_is_owed_and_what_waits(open_session: Callable[..., Session], streams: Streams, now: datetime) -> None:
    tomorrow = open_session()
    later = now + timedelta(days=8)
    open_session(id="s2", meetings=(Meeting("m1", later, later + timedelta(hours=1)),))
    person = RegistrationInput(email="ana@example.org", name="Ana", participants=[ParticipantInput(name="Zoé")])
    registrations.register("demo", tomorrow.id, person, locale="en", key="r", now=now)
    invitations.invite("demo", tomorrow.id, InvitationInput(email="ben@example.org"), by="x", key="i", now=now)
    streams.drain(now)

    overview = reports.read_overview("demo", now=now)

    assert [(one.meetings, one.spots, one.taken) for one in overview.days] == [(0, 0, 0), (1, 6, 1), *[(0, 0, 0)] * 5]
    assert (overview.week.percent, overview.days[1].percent) == (17, 17)
    assert overview.owed == {"EUR": (1250, 1)}
    assert overview.waiting == 1


def test_a_week_without_dates_is_empty(open_session: Callable[..., Session], streams: Streams, now: datetime) -> None:
    open_session()
    streams.drain(now)
    overview = reports.read_overview("demo", now=now + timedelta(days=30))
    assert (overview.week.meetings, overview.week.percent, overview.owed, overview.waiting) == (0, 0, {}, 0)
