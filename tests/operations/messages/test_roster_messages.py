"""E-mails to a roster: who gets one, and who does not."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from chalicelib.config import config
from chalicelib.operations import jobs, registrations
from chalicelib.operations.messages import mail_roster, read_message
from chalicelib.operations.sessions import cancel_session
from chalicelib.rules.inputs.roster_messages import RosterMessageInput
from chalicelib.rules.inputs.sessions import CancelInput
from chalicelib.rules.roster_messages import NobodyRegistered, UnknownRegistrations
from chalicelib.rules.sessions import Session
from chalicelib.tables import dynamodb, keys, organisations
from chalicelib.tables.conditions import THERE
from tests.operations.messages.test_email_preferences import suppress
from tests.operations.simulated_aws import Ses, Streams
from tests.operations.simulated_queue import Sqs, Worker, join, queued
from tests.samples import MEMBER

TEXT = RosterMessageInput(registrations="all", subject="Bring a towel", text="Dear all")
Open = Callable[..., Session]


@pytest.fixture
def session(open_session: Open) -> str:
    return open_session(spots_total=40).id


def mail(session: str, now: datetime, mailing: RosterMessageInput = TEXT, key: str = "k") -> str:
    return mail_roster("demo", session, mailing, by="owner@demo.test", key=key, now=now)


def chosen(*ids: str) -> RosterMessageInput:
    return TEXT.model_copy(update={"registrations": list(ids)})


def states(session: str) -> dict[str, tuple[str, str]]:
    return {message.to: (message.state, message.reason) for message in queued(session)}


def test_each_address_gets_one_e_mail_as_it_was_typed_first(
    session: str, streams: Streams, ses: Ses, worker: Worker, now: datetime
) -> None:
    join(session, "Ana@example.org", "Kim", now=now)
    join(session, "ben@example.org", "Lou", now=now)
    join(session, "ana@example.org", "Zoe", now=now + timedelta(seconds=1))
    job = mail(session, now)
    worker.work()
    streams.drain(now)
    assert sorted(ses.recipients) == ["Ana@example.org", "ben@example.org"]
    assert ses.subjects == ["Bring a towel"] * 2
    done = jobs.read_job("demo", job)
    assert (done.status, done.done, done.total, done.ended_at) == ("done", 2, 2, now)


def test_only_those_chosen(session: str, streams: Streams, ses: Ses, worker: Worker, now: datetime) -> None:
    ana = join(session, "ana@example.org", now=now)
    join(session, "ben@example.org", now=now)
    mail(session, now, chosen(ana, ana))
    worker.work()
    streams.drain(now)
    assert ses.recipients == ["ana@example.org"]


def test_all_unknown_ones_are_named_and_nobody_gets_anything(session: str, open_session: Open, sqs: Sqs, now: datetime) -> None:
    ana = join(session, "ana@example.org", now=now)
    ben = join(open_session(id="other").id, "ben@example.org", now=now)
    gone = join(session, "cleo@example.org", now=now)
    registrations.remove_registration("demo", gone, by="owner", now=now)
    with pytest.raises(UnknownRegistrations) as refused:
        mail(session, now, chosen("made-up", ana, ben, gone))
    named = {pointer: sentence.split()[-1] for pointer, _, sentence in refused.value.faults}
    assert named == {"/registrations/0": "made-up.", "/registrations/2": f"{ben}.", "/registrations/3": f"{gone}."}
    assert sqs.waiting == []


def test_an_empty_roster_is_written_to_by_nobody(session: str, now: datetime, sqs: Sqs) -> None:
    with pytest.raises(NobodyRegistered):
        mail(session, now)


def test_the_same_request_again_is_the_same_mailing(session: str, worker: Worker, now: datetime) -> None:
    join(session, "ana@example.org", now=now)
    first = mail(session, now)
    assert mail(session, now) == first
    worker.work()
    assert mail(session, now) == first
    worker.work()
    assert len(queued(session)) == 1
    assert mail(session, now, key="another") != first
    worker.work()
    assert len(queued(session)) == 2


def test_who_unsubscribed_gets_it_and_who_is_suppressed_does_not(
    session: str, streams: Streams, ses: Ses, worker: Worker, now: datetime
) -> None:
    join(session, "ana@example.org", now=now)
    join(session, "ben@example.org", now=now)
    organisations.set_unsubscribed("demo", "ana@example.org", unsubscribed=True, now=now)
    suppress("ben@example.org")
    mail(session, now)
    worker.work()
    streams.drain(now)
    assert states(session) == {"ana@example.org": ("sent", ""), "ben@example.org": ("suppressed", "suppressed")}
    assert ses.recipients == ["ana@example.org"]


def test_who_was_removed_meanwhile_does_not_get_it_but_by_another_registration(
    session: str, streams: Streams, ses: Ses, worker: Worker, now: datetime
) -> None:
    first = join(session, "ana@example.org", "Kim", now=now)
    join(session, "ana@example.org", "Lou", now=now)
    only = join(session, "ben@example.org", now=now)
    mail(session, now)
    worker.work()
    for gone in (first, only):
        registrations.remove_registration("demo", gone, by="owner", now=now)
    streams.drain(now)
    assert states(session) == {"ana@example.org": ("sent", ""), "ben@example.org": ("skipped", "registration_removed")}


def test_a_registration_without_a_trace_is_named_as_a_failure(session: str, worker: Worker, now: datetime) -> None:
    gone, _ = join(session, "ana@example.org", now=now), join(session, "ben@example.org", now=now)
    job = mail(session, now)
    _, _, own = gone.partition("-")
    dynamodb.delete(config().rosters_table, keys.registration("demo", session, own), THERE)
    worker.work()
    done = jobs.read_job("demo", job)
    assert (done.status, done.done, done.total) == ("done", 2, 2)
    assert [tuple(failure) for failure in done.failures] == [(gone, "gone")]


def test_a_cancelled_session_can_be_written_to(session: str, streams: Streams, worker: Worker, now: datetime) -> None:
    join(session, "ana@example.org", now=now)
    cancel_session("demo", session, CancelInput(tell=False), by="owner", now=now)
    mail(session, now)
    worker.work()
    streams.drain(now)
    assert states(session) == {"ana@example.org": ("sent", "")}


def test_the_sent_text_is_kept(session: str, streams: Streams, ses: Ses, worker: Worker, now: datetime) -> None:
    join(session, "ana@example.org", now=now)
    mail(session, now)
    worker.work()
    streams.drain(now)
    (listed,) = queued(session)
    assert (listed.subject, listed.sent_at, listed.content) == ("Bring a towel", now, None)
    content = read_message("demo", listed.id, by=MEMBER).content
    assert content
    assert content.text == ses.texts[0]
