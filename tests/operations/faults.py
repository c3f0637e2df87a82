"""Everything that goes wrong while messages are sent: processes die at every step, SES throttles, records come three times and shuffled."""

import random
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib import clients
from chalicelib.config import config
from chalicelib.events import messages as message_events
from chalicelib.operations import jobs as job_operations
from chalicelib.operations import links
from chalicelib.operations.messages import outbox, queue
from chalicelib.tables import customers, jobs, keys, messages, organisations
from tests.operations.sample_customers import everybody, known, link_of, mail_to
from tests.operations.simulated_aws import Clock, Crash, Crashes, Lambda, Record, Ses, in_threes_and_shuffled, redrive, refusal
from tests.operations.simulated_queue import Sqs, Worker

SEED = 20261122
DEATHS = 0.05
THROTTLED = 0.05
UNMARKED = {"after ses", "before mark"}


def check_none_is_lost(number: int, ses: Ses, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Send so many messages through every trouble; check that each left, and twice only what died between SES's yes and our mark."""
    expected = queue_many(number, now)
    crashes = Crashes(DEATHS, random.Random(SEED))
    steps = {
        "lease": (messages, "take"),
        "email preferences": (organisations, "email_preferences"),
        "letter": (outbox, "letter"),
        "mark": (messages, "mark_sent"),
    }
    inject_crashes(monkeypatch, crashes, steps)
    inject_ses_faults(ses, crashes)
    clock = Clock(now)
    stream = Lambda(lambda event: message_events.handle(event, clock=clock), pause=lambda: clock.go_on(0.5))
    stream.deliver(list(in_threes_and_shuffled(records(expected), crashes.dice)), batch=3)
    drive_until_all_left(clock)
    repeats = len(ses.sent) - number
    unmarked = sum(step in UNMARKED for step in crashes.deaths)
    print(f"{number} messages, {len(crashes.deaths)} deaths: 0 lost, {repeats} sent again after {unmarked} deaths between yes and mark")
    assert not crashes.unreached, crashes.unreached
    assert set(ses.ids()) == set(expected), "none is lost"
    assert repeats <= unmarked, "twice only between SES's yes and our mark"
    assert {*zip(ses.ids(), (text.splitlines()[0] for text in ses.texts), strict=True)} == {*expected.items()}, (
        "repeats carry the same link"
    )
    assert Counter(message.state for own in expected if (message := messages.get("demo", own))) == {"sent": number}


def check_bulk_loses_nobody(number: int, sqs: Sqs, ses: Ses, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Invite so many customers through every trouble; check that each is invited once, but for deaths between SES's yes and our mark."""
    owns, crashes = known(number, now=now), Crashes(DEATHS, random.Random(SEED))
    job = everybody(now)
    _do_the_job(job, sqs, now, crashes, monkeypatch)
    queued = {own: mail_to(own)[0] for own in owns}
    clock = Clock(now)
    told = records(message.id for message in queued.values())
    _carry(list(in_threes_and_shuffled(told, crashes.dice)), clock, ses, crashes, monkeypatch)
    drive_until_all_left(clock)
    left = [_left(record) for record in records(message.id for message in queued.values())]
    _carry([*left[::-1], *left], clock, ses, crashes, monkeypatch)
    repeats, unmarked = len(ses.sent) - number, sum(step in UNMARKED for step in crashes.deaths)
    print(f"{number} invited, {len(crashes.deaths)} deaths: 0 lost, {repeats} sent again after {unmarked} deaths between yes and mark")
    assert not crashes.unreached, crashes.unreached
    assert Counter(len(mail_to(own)) for own in owns) == {1: number}, "nobody has two messages"
    assert set(ses.recipients) == {f"{own}@example.org" for own in owns}, "none is lost"
    assert repeats <= unmarked, "twice only between SES's yes and our mark"
    assert {text.splitlines()[0] for text in ses.texts} == {link_of(own) for own in owns}, "every link that went out is the one that works"
    people = [customers.get("demo", own) for own in owns]
    assert Counter((one.status, one.invitations) for one in people) == {("invited", 1): number}


def steps_of_bulk(monkeypatch: pytest.MonkeyPatch, crashes: Crashes, sqs: Sqs) -> None:
    steps: dict[str, tuple[Any, str]] = {
        "read": (jobs, "get"),
        "items": (jobs, "items"),
        "find": (customers, "find"),
        "before": (messages, "find"),
        "message": (messages, "add"),
        "link": (customers, "replace_link"),
        "progress": (jobs, "save"),
        "queue": (sqs, "send_message"),
    }
    inject_crashes(monkeypatch, crashes, steps)


def _do_the_job(job: str, sqs: Sqs, now: datetime, crashes: Crashes, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = Worker(sqs, now, random.Random(SEED), repeats=0.3)
    with monkeypatch.context() as patch:
        steps_of_bulk(patch, Crashes(DEATHS / 5, crashes.dice, crashes.deaths, crashes.steps, crashes.reached), sqs)
        worker.work()
    while job_operations.read_job("demo", job).open:
        job_operations.resume_stalled("demo", now=now + timedelta(minutes=11))
        worker.work()
    assert job_operations.read_job("demo", job).status == "done"


def _carry(told: list[Record], clock: Clock, ses: Ses, crashes: Crashes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Deliver the records, one of them unreadable."""
    poison: Record = {"dynamodb": {"SequenceNumber": "poison", "Keys": {}, "NewImage": {"pk": {"S": "demo#x"}}}}
    stream = Lambda(lambda event: message_events.handle(event, clock=clock), pause=lambda: clock.go_on(0.5))
    steps = {
        "lease": (messages, "take"),
        "email preferences": (organisations, "email_preferences"),
        "letter": (outbox, "letter"),
        "mark": (messages, "mark_sent"),
        "note": (customers, "note_sent"),
    }
    with monkeypatch.context() as patch:
        inject_crashes(patch, crashes, steps)
        inject_ses_faults(ses, crashes)
        stream.deliver([*told, poison], batch=3)
    ses.before = ses.after = lambda: None
    waiting, stream.set_aside = stream.set_aside, []
    stream.deliver(waiting)
    assert stream.set_aside == [poison], "what else was set aside is replayed; the poison holds up nobody"


def _left(record: Record) -> Record:
    """Return the record of the change that marked a message as sent."""
    images = record["dynamodb"]
    return {"dynamodb": {**images, "OldImage": {**images["NewImage"], "state": {"S": "sending"}}}}


def queue_many(number: int, now: datetime) -> dict[str, str]:
    """Queue this number of messages and return the link of each."""
    made = {}
    for index in range(number):
        data, locale = {"user": f"user-{index}", "nonce": "n"}, ("en", "fr")[index % 2]
        own = queue(kind="password_reset", org="demo", to=f"{index}@example.org", locale=locale, data=data, key=str(index), now=now)
        made[own] = links.password_reset_link(f"user-{index}", "n")
    return made


def queue_for(org: str, number: int, *, now: datetime) -> None:
    """Queue so many messages of an organisation."""
    for index in range(number):
        data = {"user": f"user-{index}", "nonce": "n"}
        queue(kind="password_reset", org=org, to=f"{index}@{org}.example", locale="en", data=data, key=str(index), now=now)


def records(ids: Iterable[str]) -> list[Record]:
    """Return the records that the stream carries of these messages."""
    made = []
    for index, own in enumerate(ids):
        key = keys.message("demo", own).stored()
        row = clients.dynamodb().get_item(TableName=config().messages_table, Key=key)["Item"]
        made.append({"dynamodb": {"SequenceNumber": str(index), "Keys": key, "NewImage": row}})
    return made


def inject_crashes(monkeypatch: pytest.MonkeyPatch, crashes: Crashes, steps: dict[str, tuple[Any, str]]) -> None:
    """Let the process crash before or after each step: named by module and function. `crashes` reports unreached steps."""
    for step, (where, name) in steps.items():
        monkeypatch.setattr(where, name, crashes.around(step, getattr(where, name)))


def inject_ses_faults(ses: Ses, crashes: Crashes) -> None:
    """Let SES throttle now and then, and processes die right before and after its yes."""

    def before() -> None:
        crashes.maybe("before ses")
        if crashes.dice.random() < THROTTLED:
            raise refusal("TooManyRequestsException")

    ses.before, ses.after = before, lambda: crashes.maybe("after ses")


def drive_until_all_left(clock: Clock) -> None:
    """The schedule's work of every minute, with occasional crashes."""
    for _ in range(200):
        clock.go_on(61)
        if not list(messages.unsent("demo", clock.now)):
            return
        try:
            redrive("demo", now=clock.now)
        except Crash:
            continue
    raise AssertionError("messages are left")
