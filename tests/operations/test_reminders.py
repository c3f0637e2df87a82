"""Reminders: their recipients, their dates and their end."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chalicelib.events import schedules
from chalicelib.operations import reminders
from chalicelib.operations.invitations import cancel_invitation, decline
from chalicelib.operations.invitations import resend as resend_invitation
from chalicelib.operations.links import invitation_link, invitation_token
from chalicelib.rules import times
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.refs import public_id
from chalicelib.rules.sessions import Meeting, Session
from chalicelib.tables import clock, customers, invitations, organisations
from tests.operations.messages.test_email_preferences import suppress, unsubscribe
from tests.operations.sample_customers import accept, carried, invited_again, known, link_of, mail_to
from tests.operations.simulated_aws import Ses, Streams
from tests.operations.simulated_queue import Worker
from tests.operations.test_reactions import accepted, invited

OpenSession = Callable[..., Session]
PORTAL = "Reminder: Atelier Lumière invites you to its portal"
SESSION = "Reminder: Atelier Lumière invites you to Pottery"


@pytest.fixture
def guest(organisation: Organisation, worker: Worker, streams: Streams, ses: Ses, now: datetime) -> str:
    """Somebody who was invited to the portal."""
    (own,) = known(1, now=now)
    invited_again(own, now=now)
    carried(worker, streams, now)
    ses.sent.clear()
    return own


@pytest.fixture
def far_session(open_session: OpenSession, now: datetime) -> Session:
    """A session in forty days."""
    starts = now + timedelta(days=40)
    return open_session(meetings=(Meeting("m1", starts, starts + timedelta(hours=1)),))


def run(at: datetime, now: datetime) -> int:
    return reminders.remind(now=at, leaves_at=now).reminded


def days(number: float) -> timedelta:
    return timedelta(days=number)


def change(organisation: Organisation, **settings: object) -> None:
    organisations.save(replace(organisation, **settings))  # type: ignore[arg-type]


def test_customers_are_reminded_on_the_days_of_the_settings_with_the_same_link(
    guest: str, streams: Streams, ses: Ses, now: datetime
) -> None:
    link = link_of(guest)
    assert run(now + days(3) - timedelta(seconds=1), now) == 0
    for day in (3, 7, 14):
        assert [run(now + days(day), now) for _ in range(2)] == [1, 0]
        streams.drain(now)
        streams.drain(now)
    assert run(now + days(90), now) == 0
    assert ses.subjects == [PORTAL] * 3
    assert {text.splitlines()[0] for text in ses.texts} == {link}
    assert (customers.get("demo", guest).invitations, customers.get("demo", guest).remind_at) == (4, None)


@pytest.mark.parametrize("stop", ["accept", "unsubscribe", "suppress"])
def test_customers_who_are_done_with_are_reminded_no_more(guest: str, streams: Streams, ses: Ses, now: datetime, stop: str) -> None:
    does: dict[str, Callable[[], object]] = {
        "accept": lambda: accept(guest),
        "unsubscribe": lambda: unsubscribe(f"{guest}@example.org", now),
        "suppress": lambda: suppress(f"{guest}@example.org"),
    }
    does[stop]()
    assert run(now + days(3), now) == 0
    assert len(mail_to(guest)) == 1
    assert clock.due("portal", until="9") == []


def test_an_acceptance_before_sending_withholds_the_reminder(guest: str, streams: Streams, ses: Ses, now: datetime) -> None:
    assert run(now + days(3), now) == 1
    accept(guest)
    streams.drain(now)
    assert ses.sent == []
    assert [message.reason for message in mail_to(guest)] == ["", "already_accepted"]


def test_two_runs_at_once_queue_one_reminder(
    guest: str, streams: Streams, ses: Ses, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = customers.find

    def meanwhile(*args: object) -> object:
        found = find(*args)  # type: ignore[arg-type]
        monkeypatch.setattr(customers, "find", find)
        assert run(now + days(3), now) == 1
        return found

    monkeypatch.setattr(customers, "find", meanwhile)
    assert run(now + days(3) + timedelta(hours=1), now) == 0
    streams.drain(now)
    assert ses.subjects == [PORTAL]


def test_a_run_that_dies_after_queueing_queues_no_second_one(
    guest: str, streams: Streams, ses: Ses, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(customers, "reschedule_reminder", die)
        with pytest.raises(KeyboardInterrupt):
            run(now + days(3), now)
    streams.drain(now)
    assert run(now + days(3) + timedelta(minutes=1), now) == 1
    streams.drain(now)
    assert ses.subjects == [PORTAL]


def test_nothing_leaves_in_quiet_hours_and_it_leaves_after_them(guest: str, organisation: Organisation, now: datetime) -> None:
    night = (now + days(3)).replace(hour=23)
    assert run(night, now) == 0
    assert run(night + timedelta(hours=8), now) == 1
    assert now.hour == 12


def test_no_days_are_a_pause(guest: str, organisation: Organisation, now: datetime) -> None:
    change(organisation, reminder_days=())
    assert run(now + days(4), now) == 0
    change(organisations.get("demo"), reminder_days=(5, 10))
    assert run(now + days(4), now) == 0
    assert [run(now + days(5), now) for _ in range(2)] == [1, 0]
    assert run(now + days(10), now) == 1


def test_invitations_to_sessions_are_reminded_of_while_they_are_live(
    far_session: Session, streams: Streams, ses: Ses, now: datetime
) -> None:
    invitation = invited("ana@example.org", now=now, expires_at=(now + days(20)).isoformat())
    streams.drain(now)
    ses.sent.clear()
    for day in (3, 7, 14):
        assert [run(now + days(day), now) for _ in range(2)] == [1, 0]
        streams.drain(now)
    assert run(now + days(30), now) == 0
    assert ses.subjects == [SESSION] * 3
    assert {text.splitlines()[0] for text in ses.texts} == {invitation_link(invitation)}
    names = [header["Name"] for header in ses.sent[0]["Content"]["Simple"]["Headers"]]
    assert names == ["Auto-Submitted", "List-Unsubscribe", "List-Unsubscribe-Post"]


def test_an_invitation_of_seven_days_is_reminded_of_once(far_session: Session, now: datetime, streams: Streams) -> None:
    invitation = invited("ana@example.org", now=now)
    assert run(now + days(3), now) == 1
    assert invitations.get("demo", "s1", invitation.id).remind_at is None


@pytest.mark.parametrize("stop", ["accept", "decline", "cancel", "unsubscribe", "suppress", "expire"])
def test_an_invitation_that_is_over_is_not_reminded_of(far_session: Session, streams: Streams, ses: Ses, now: datetime, stop: str) -> None:
    invitation = invited("ana@example.org", now=now)
    does: dict[str, Callable[[], object]] = {
        "accept": lambda: accepted(invitation, now=now),
        "decline": lambda: decline(invitation_token(invitation), now=now),
        "cancel": lambda: cancel_invitation("demo", public_id("s1", invitation.id), by="owner", now=now),
        "unsubscribe": lambda: unsubscribe("ana@example.org", now),
        "suppress": lambda: suppress("ana@example.org"),
        "expire": lambda: None,
    }
    does[stop]()
    streams.drain(now)
    assert run(now + days(8 if stop == "expire" else 3), now) == 0
    streams.drain(now)
    assert SESSION not in ses.subjects
    assert clock.due("invitations", until=times.written(now + days(6))) == []


def test_who_is_on_the_roster_before_the_rows_say_so_is_not_reminded(
    far_session: Session, streams: Streams, ses: Ses, now: datetime
) -> None:
    invitation = invited("ana@example.org", now=now)
    streams.drain(now)
    accepted(invitation, now=now)
    assert run(now + days(3), now) == 1, "its row has not heard of it yet"
    streams.drain(now)
    assert SESSION not in ses.subjects


def test_a_resent_invitation_keeps_its_days(far_session: Session, now: datetime) -> None:
    invitation = invited("ana@example.org", now=now)
    resend_invitation("demo", public_id("s1", invitation.id), rotate=True, now=now + days(1))
    assert run(now + days(3), now) == 1


def test_the_schedule_counts_them(guest: str, now: datetime) -> None:
    done = schedules.run(now + days(3))
    assert done["reminded"] == 1
    assert schedules.run(now + days(3))["reminded"] == 0
