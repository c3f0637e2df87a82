"""The clock ends invitations at their minute, and sends their reminders outside quiet hours."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chalicelib.events import schedules
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.sessions import Session
from chalicelib.tables import invitations as rows
from chalicelib.tables import organisations
from tests.operations.clock_rows import requests, sample
from tests.operations.simulated_aws import Streams
from tests.operations.simulated_queue import Sqs
from tests.operations.test_reactions import invited

DAY = timedelta(days=1)

OpenSession = Callable[..., Session]


def open_far_session(open_session: OpenSession, now: datetime) -> None:
    """Open a session that starts so late that invitations end by their own clock."""
    far = now + 40 * DAY
    open_session(meetings=(replace(sample(open_session).meetings[0], starts_at=far, ends_at=far + timedelta(hours=1)),))


def test_invitations_end_at_their_minute_in_quiet_hours(open_session: OpenSession, sqs: Sqs, now: datetime) -> None:
    open_far_session(open_session, now)
    night = now.replace(hour=23, minute=7) + 5 * DAY
    invitation = invited("ana@example.org", now=now, expires_at=night.isoformat())
    assert schedules.run(night - timedelta(minutes=1))["expired"] == 0
    assert schedules.run(night)["expired"] == 1
    assert rows.get("demo", "s1", invitation.id).ended == "expired"


@pytest.fixture
def reminded_at_night(
    open_session: OpenSession, organisation: Organisation, streams: Streams, sqs: Sqs, now: datetime
) -> tuple[Invitation, datetime]:
    """An invitation that lasts for a month, and the moment of its reminder, which is in quiet hours."""
    open_far_session(open_session, now)
    organisations.save(replace(organisation, reminder_days=(3,)))
    made = now.replace(hour=22)
    invitation = invited("ana@example.org", now=made, expires_at=(now + 30 * DAY).isoformat())
    streams.drain(made)
    schedules.run(made + timedelta(minutes=1))
    return invitation, made + 3 * DAY


def test_a_reminder_due_in_quiet_hours_is_read_once_and_sent_after_them(reminded_at_night: tuple[Invitation, datetime]) -> None:
    invitation, due = reminded_at_night
    idle = [requests(due - timedelta(minutes=minutes)) for minutes in (2, 1)][-1]
    assert requests(due) > idle
    assert [requests(due + timedelta(minutes=minutes)) for minutes in (1, 2, 15)] == [idle] * 3
    waits = rows.get("demo", "s1", invitation.id)
    morning = (due + DAY).replace(hour=7, minute=0)  # Eight in Paris.
    assert (waits.remind_since, waits.remind_at) == (due, morning)
    assert [schedules.run(morning + timedelta(minutes=minutes))["reminded"] for minutes in (-1, 0, 1)] == [0, 1, 0]
    assert rows.get("demo", "s1", invitation.id).remind_since is None


def test_a_reminder_waits_while_its_organisation_is_suspended(reminded_at_night: tuple[Invitation, datetime]) -> None:
    invitation, due = reminded_at_night
    noon = due.replace(hour=12) + DAY
    organisations.save(replace(organisations.get("demo"), suspended_at=due))
    assert [schedules.run(moment)["reminded"] for moment in (due, noon)] == [0, 0]
    assert rows.get("demo", "s1", invitation.id).remind_since == due
    organisations.save(replace(organisations.get("demo"), suspended_at=None))
    assert schedules.run(noon + timedelta(minutes=59))["reminded"] == 0
    assert schedules.run(noon + timedelta(hours=1))["reminded"] == 1


def test_a_reminder_that_would_leave_after_the_end_is_dropped(open_session: OpenSession, organisation: Organisation, now: datetime) -> None:
    open_far_session(open_session, now)
    organisations.save(replace(organisation, reminder_days=(3,)))
    made = now.replace(hour=22)
    ends = made + 3 * DAY + timedelta(hours=3)
    invitation = invited("ana@example.org", now=made, expires_at=ends.isoformat())
    assert schedules.run(made + 3 * DAY)["reminded"] == 0
    assert rows.get("demo", "s1", invitation.id).remind_since is None
    assert schedules.run(ends)["expired"] == 1


def test_while_reminders_are_off_nothing_is_looked_at_each_minute(
    open_session: OpenSession, organisation: Organisation, streams: Streams, sqs: Sqs, now: datetime
) -> None:
    open_far_session(open_session, now)
    invitation = invited("ana@example.org", now=now, expires_at=(now + timedelta(days=20)).isoformat())
    streams.drain(now)
    schedules.run(now + timedelta(minutes=1))
    organisations.save(replace(organisation, reminder_days=()))
    looks = now + timedelta(days=4)
    idle = requests(now + timedelta(minutes=1))
    assert requests(looks) > idle
    assert requests(looks + timedelta(minutes=1)) == idle, "it is looked at again after a day"
    assert rows.get("demo", "s1", invitation.id).remind_at == looks + DAY
    requests(looks + 20 * DAY)
    assert rows.get("demo", "s1", invitation.id).ended == "expired"
