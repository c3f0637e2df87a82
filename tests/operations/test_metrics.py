"""What operators see of what happens: the metrics of the functions behind the streams, the queue and the clock."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib import telemetry
from chalicelib.config import config
from chalicelib.events import schedules
from chalicelib.operations import invitations, jobs, messages
from chalicelib.operations.registrations import remove_registration
from chalicelib.rules.deliveries import Delivery, Fate
from chalicelib.rules.jobs import Job
from chalicelib.rules.refs import public_id
from chalicelib.rules.sessions import Session
from chalicelib.tables import dynamodb, keys
from chalicelib.tables import jobs as job_rows
from chalicelib.tables.conditions import THERE, Update
from tests.operations.simulated_aws import Ses, Streams
from tests.operations.simulated_queue import Worker
from tests.operations.test_reactions import accepted, invited, registered
from tests.operations.waitlist.test_advance import joined

OpenSession = Callable[..., Session]
Counted = dict[str, float]


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    """The measurements so far, summed by name."""
    found: Counted = {}

    def add(name: str, value: float = 1) -> None:
        found[name] = found.get(name, 0) + value

    monkeypatch.setattr(telemetry, "count", add)
    monkeypatch.setattr(telemetry, "record_duration", add)
    return found


def test_changes_of_a_roster_are_counted(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime, counted: Counted) -> None:
    open_session()
    accepted(invited("ana@example.org", now=now), now=now)
    invitations.cancel_invitation("demo", public_id("s1", invited("ben@example.org", now=now).id), by="x", now=now)
    registered("cleo@example.org", now=now)
    streams.drain(now)
    expected = {"Invited": 2, "Accepted": 1, "Ended.cancelled": 1, "Registered.invitation": 1, "Registered.public": 1}
    assert {name: counted.get(name) for name in expected} == expected
    assert (counted["Mail.sent"], counted["Mail.skipped"]) == (len(ses.sent), 2), "invitations that were over when they were to leave"


def test_an_offer_is_counted_as_one(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime, counted: Counted) -> None:
    open_session(spots_total=1)
    first = registered("ana@example.org", now=now)
    joined("ben@example.org", now=now)
    remove_registration("demo", public_id("s1", first.id), by="owner", now=now)
    streams.drain(now)
    assert counted["Offered"] == 1
    assert "Invited" not in counted


@pytest.mark.parametrize("fate", ["delivered", "bounced", "complained"])
def test_deliveries_of_an_e_mail_are_counted(
    open_session: OpenSession, streams: Streams, ses: Ses, now: datetime, counted: Counted, fate: Fate
) -> None:
    open_session()
    registered("ana@example.org", now=now)
    streams.drain(now)
    messages.note_delivery(Delivery("demo", ses.ids()[0], fate, reason="", final=False), now=now)
    assert counted[f"Mail.{fate}"] == 1


def test_a_job_that_is_given_up_counts_once(open_session: OpenSession, now: datetime, counted: Counted) -> None:
    open_session()
    job_rows.create(Job(org="demo", id="j", kind="mailing", total=1, by="x", created_at=now, moved_at=now), {})
    for _ in range(2):
        jobs.fail_job("demo", "j", now=now)
    assert counted == {"JobFailed": 1}


def test_the_clock_tells_how_long_an_e_mail_waits(open_session: OpenSession, now: datetime, ses: Ses, counted: Counted) -> None:
    real = datetime.now(UTC)
    open_session()
    ses.fail(*["InternalFailure"] * 5)
    waiting = {"kind": "password_reset", "locale": "en", "data": {"user": "u", "nonce": "n"}, "key": "k"}
    messages.queue(org="demo", to="a@example.org", now=real - timedelta(minutes=9), **waiting)  # type: ignore[arg-type]
    schedules.run(now + timedelta(minutes=1))
    assert 540 <= counted["MailWaits"] < 600
    assert "Drift" not in counted, "ledgers are recounted at the full hour"


def test_drift_is_told_by_the_hour_and_so_is_none(open_session: OpenSession, now: datetime, counted: Counted, worker: Worker) -> None:
    session = open_session()
    schedules.run(now)
    assert "Drift" not in counted, "the steps of the recount measure it"
    worker.work()
    assert counted["Drift"] == 0
    chunk = keys.chunk("demo", session.id, 0)
    dynamodb.update(config().rosters_table, chunk, Update().add(spots=1), THERE)
    schedules.run(now)
    worker.work()
    assert counted["Drift"] == 1
