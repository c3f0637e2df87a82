"""What rests while an organisation is suspended, and goes on afterwards: bulk e-mails, bulk jobs, reminders, offers. Nothing is lost."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from chalicelib.operations import invitations, jobs, messages, organisations, reminders, waitlist
from chalicelib.operations.messages import mail_roster
from chalicelib.rules.actor import OPERATOR
from chalicelib.rules.inputs.invitations import InvitationInput
from chalicelib.rules.inputs.roster_messages import RosterMessageInput
from chalicelib.rules.inputs.waitlist import JoinInput
from chalicelib.rules.sessions import Session
from chalicelib.tables import audit, booking_context, clock
from chalicelib.tables import messages as table
from chalicelib.tables.actor import acting
from tests.operations.simulated_aws import Ses, Streams, redrive
from tests.operations.simulated_queue import Worker, join

TEXT = RosterMessageInput(registrations="all", subject="Bring a towel", text="Dear all")
Open = Callable[..., Session]
DAY = timedelta(days=1)


@pytest.fixture
def session(open_session: Open) -> str:
    return open_session(spots_total=1).id


def invited(session: str, now: datetime, email: str = "ana@example.org") -> None:
    invitations.invite("demo", session, InvitationInput(email=email), by="owner", key=email, now=now)


def test_a_bulk_e_mail_rests_and_leaves_when_it_goes_on(session: str, streams: Streams, ses: Ses, now: datetime) -> None:
    invited(session, now)
    organisations.suspend("demo", now=now)
    streams.drain(now)
    assert ses.sent == []
    assert redrive("demo", now=now + timedelta(minutes=5)) == 0, "what rests is not looked at each minute"
    assert clock.due("unsent", until="9") == [], "and rings no alarm"
    organisations.resume("demo", now=now + timedelta(hours=1))
    streams.drain(now + timedelta(hours=1))
    assert ses.recipients == ["ana@example.org"]
    organisations.resume("demo", now=now + timedelta(hours=2))
    streams.drain(now + timedelta(hours=2))
    assert len(ses.sent) == 1


def test_a_bulk_e_mail_is_looked_at_once_a_day_while_it_rests(session: str, streams: Streams, ses: Ses, now: datetime) -> None:
    invited(session, now)
    organisations.suspend("demo", now=now)
    streams.drain(now)
    assert messages.dispatch(now=now + DAY - timedelta(seconds=1), leaves_at=now) == 0
    assert messages.dispatch(now=now + DAY, leaves_at=now + DAY) == 1
    streams.drain(now + DAY)
    assert ses.sent == []
    assert messages.dispatch(now=now + 2 * DAY, leaves_at=now + 2 * DAY) == 1


def test_what_somebody_waits_for_leaves_all_the_same(streams: Streams, ses: Ses, now: datetime, open_session: Open) -> None:
    organisations.suspend("demo", now=now)
    data = {"user": "u", "link_version": 1}
    messages.queue(kind="staff_invitation", org="demo", to="x@example.org", locale="en", data=data, key="k", now=now)
    streams.drain(now)
    (found,), _ = table.to_address("demo", "x@example.org", limit=9, start=None)
    assert (found.state, found.reason) == ("skipped", "not_invited_any_more"), "it was looked at, and not deferred"


def test_a_mailing_rests_and_goes_on_where_it_stopped(
    open_session: Open, streams: Streams, ses: Ses, worker: Worker, now: datetime
) -> None:
    session = open_session(spots_total=40).id
    join(session, "ana@example.org", now=now)
    job = mail_roster("demo", session, TEXT, by="owner@demo.test", key="k", now=now)
    organisations.suspend("demo", now=now)
    worker.work()
    assert jobs.read_job("demo", job).done == 0
    late = now + timedelta(days=40)
    assert jobs.resume_stalled("demo", now=now + timedelta(hours=30)) == 0, "neither woken nor given up"
    assert jobs.read_job("demo", job).open
    organisations.resume("demo", now=late)
    worker.work()
    streams.drain(late)
    assert jobs.read_job("demo", job).status == "done"
    assert ses.recipients == ["ana@example.org"]


def test_no_reminder_and_no_offer_is_made_but_what_ends_ends(
    session: str, streams: Streams, worker: Worker, ses: Ses, now: datetime
) -> None:
    invited(session, now)
    waitlist.join("demo", session, JoinInput(email="wendy@example.org", name="Wendy", spots=1), locale="en", key="w", now=now)
    organisations.suspend("demo", now=now)
    late = now + timedelta(hours=20)
    assert reminders.remind(now=now + timedelta(days=4), leaves_at=now).reminded == 0
    invitations.cancel_invitation("demo", f"{session}-{_invitation(session)}", by="x", now=late)
    assert waitlist.advance_all(now=late) == 0
    assert invitations.sweep("demo", now=now + timedelta(days=8)) == 0
    organisations.resume("demo", now=late)
    assert waitlist.advance_all(now=late) == 1


def _invitation(session: str) -> str:
    (one,) = booking_context.roster("demo", session).invitations
    return one.id


def test_the_audit_log_names_both_and_a_repetition_adds_nothing(open_session: Open, streams: Streams, now: datetime) -> None:
    open_session()
    with acting(OPERATOR):
        for _ in range(2):
            organisations.suspend("demo", now=now)
        for _ in range(2):
            organisations.resume("demo", now=now)
    streams.drain_audit(now)
    found = [(entry.action, entry.actor.kind) for entry in audit.every("demo", audit.Filters()) if entry.actor]
    assert sorted(found) == [("organisation.resumed", "operator"), ("organisation.suspended", "operator")]
