"""Roster messages on DynamoDB Local: several workers run the same job at once, and some crash."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import cache

import pytest

from chalicelib import clients
from chalicelib.operations import jobs as operations
from chalicelib.operations.messages import mail_roster
from chalicelib.rules import jobs as rules
from chalicelib.rules.inputs.roster_messages import RosterMessageInput
from chalicelib.tables import jobs, messages, registrations
from tests.live.ledger.scenario import NOW, open_session
from tests.operations.faults import inject_crashes
from tests.operations.simulated_aws import Crashes
from tests.operations.simulated_queue import Sqs, Worker, join, queued

pytestmark = pytest.mark.live
PEOPLE = 60
WORKERS = 6


def test_concurrent_workers_send_to_everybody_once(stage: str, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    sqs = Sqs()
    monkeypatch.setattr(clients, "sqs", cache(lambda: sqs))
    monkeypatch.setattr(rules, "SLICE", 7)
    session = _roster()
    text = RosterMessageInput.model_validate({"registrations": "all", "subject": "Bring a towel", "text": "Dear all"})
    job = mail_roster("demo", session, text, by="owner", key="k", now=now)
    sqs.waiting *= WORKERS
    crashes = Crashes(0.05, random.Random(20261122))
    with monkeypatch.context() as patch:
        inject_crashes(patch, crashes, {"find": (registrations, "find"), "message": (messages, "add"), "progress": (jobs, "save")})
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(lambda number: _work(sqs, now + timedelta(seconds=number)), range(WORKERS)))
    while operations.read_job("demo", job).open:
        operations.resume_stalled("demo", now=now + timedelta(minutes=20))
        Worker(sqs, now).work()
    assert not crashes.unreached, crashes.unreached
    done = operations.read_job("demo", job)
    assert (done.status, done.done, done.total, done.failures) == ("done", PEOPLE, PEOPLE, ())
    assert Counter(message.to for message in queued(session)) == {f"{number}@example.org": 1 for number in range(PEOPLE)}
    assert crashes.deaths


def _work(sqs: Sqs, now: datetime) -> None:
    """Handle messages until there are none; another worker may be faster."""
    worker = Worker(sqs, now)
    while sqs.waiting:
        try:
            body = sqs.waiting.pop(0)
        except IndexError:
            return
        worker.deliver(body)


def _roster() -> str:
    """Return a session with registrations."""
    session = open_session(PEOPLE, org="demo")
    for number in range(PEOPLE):
        join(session, f"{number}@example.org", now=NOW)
    return session
