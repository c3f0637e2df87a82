"""The steps of a job: each may be delivered twice and may crash anywhere; nothing is done twice or lost."""

import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from chalicelib import clients
from chalicelib.config import config
from chalicelib.events import jobs as job_events
from chalicelib.operations import jobs as operations
from chalicelib.operations.messages import mail_roster
from chalicelib.rules import jobs as rules
from chalicelib.rules.inputs.roster_messages import RosterMessageInput
from chalicelib.rules.jobs import Job
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.sessions import Session
from chalicelib.tables import jobs, messages, registrations
from infra.local.queues import Poller, Queue
from tests.operations.faults import inject_crashes
from tests.operations.simulated_aws import Crash, Crashes
from tests.operations.simulated_queue import Sqs, Worker, event, join, queued

TEXT = RosterMessageInput(registrations="all", subject="Bring a towel", text="Dear all")
PEOPLE = 5
STEPS = ["read", "items", "find", "message", "progress", "queue"]


@pytest.fixture
def session(open_session: Callable[..., Session], monkeypatch: pytest.MonkeyPatch, now: datetime) -> str:
    """A session with five people, two of whom make a step."""
    monkeypatch.setattr(rules, "SLICE", 2)
    made = open_session(spots_total=PEOPLE).id
    for number in range(PEOPLE):
        join(made, f"{number}@example.org", now=now + timedelta(seconds=number))
    return made


def mail(session: str, now: datetime, key: str = "k") -> str:
    return mail_roster("demo", session, TEXT, by="owner@demo.test", key=key, now=now)


def check_everybody_once(session: str, job: str) -> None:
    assert Counter(message.to for message in queued(session)) == {f"{number}@example.org": 1 for number in range(PEOPLE)}
    done = operations.read_job("demo", job)
    assert (done.status, done.done, done.total, done.failures) == ("done", PEOPLE, PEOPLE, ())


def steps_at_risk(monkeypatch: pytest.MonkeyPatch, crashes: Crashes, sqs: Sqs) -> None:
    steps = {
        "read": (jobs, "get"),
        "items": (jobs, "items"),
        "find": (registrations, "find"),
        "message": (messages, "add"),
        "progress": (jobs, "save"),
        "queue": (sqs, "send_message"),
    }
    inject_crashes(monkeypatch, crashes, steps)


class DiesOnce(Crashes):
    """Dies before or after a step, the nth time that it is reached."""

    def __init__(self, step: str, nth: int) -> None:
        super().__init__(0, random.Random(1))
        self._step, self._left = step, nth

    def maybe(self, step: str) -> None:
        if step == self._step:
            self._left -= 1
            if self._left == 0:
                self.deaths.append(step)
                raise Crash(step)


def test_a_job_goes_step_by_step(session: str, sqs: Sqs, now: datetime) -> None:
    job, seen = mail(session, now), []
    while sqs.waiting:
        at = operations.read_job("demo", job)
        seen.append((at.status, at.done, len(sqs.waiting)))
        job_events.handle(event(sqs.waiting.pop(0)), clock=lambda: now)
    assert seen == [("queued", 0, 1), ("running", 2, 1), ("running", 4, 1)]
    check_everybody_once(session, job)


@pytest.mark.parametrize("nth", [1, 2, 3])
@pytest.mark.parametrize("step", [f"{side} {step}" for step in STEPS for side in ("before", "after")])
def test_a_step_that_dies_and_is_handed_again_repeats_and_loses_nothing(
    session: str, worker: Worker, now: datetime, monkeypatch: pytest.MonkeyPatch, step: str, nth: int
) -> None:
    job = mail(session, now)
    crashes = DiesOnce(step, nth)
    steps_at_risk(monkeypatch, crashes, worker.sqs)
    worker.work()
    monkeypatch.undo()
    assert crashes.deaths == [step] or (step.endswith("queue") and nth == 3)
    check_everybody_once(session, job)


@pytest.mark.parametrize("seed", range(5))
def test_steps_that_die_and_come_again_all_the_time(
    session: str, worker: Worker, now: datetime, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    job = mail(session, now)
    crashes = Crashes(0.1, random.Random(seed))
    worker.dice, worker.repeats = random.Random(seed), 0.3
    with monkeypatch.context() as patch:
        steps_at_risk(patch, crashes, worker.sqs)
        worker.work()
    while operations.read_job("demo", job).open:
        operations.resume_stalled("demo", now=now + timedelta(minutes=11))
        worker.work()
    assert crashes.deaths
    check_everybody_once(session, job)


def test_a_step_that_was_done_by_another_counts_once(session: str, worker: Worker, now: datetime) -> None:
    job = mail(session, now)
    read = jobs.get("demo", job)
    stale = worker.sqs.waiting[0]
    worker.work()
    with pytest.raises(jobs.StepDone):
        jobs.save(rules.after_step(read, 2, [], now=now + timedelta(seconds=1)), was=read)
    worker.deliver(stale)
    assert worker.sqs.waiting == []
    check_everybody_once(session, job)


def test_a_lost_reply_is_no_step_of_somebody_else(session: str, sqs: Sqs, now: datetime) -> None:
    now += timedelta(microseconds=5)
    read = jobs.get("demo", mail(session, now))
    after = rules.after_step(read, 2, [], now=now)
    jobs.save(after, was=read)
    jobs.save(after, was=read)
    with pytest.raises(jobs.StepDone):
        jobs.save(replace(after, moved_at=now + timedelta(microseconds=1)), was=read)


def test_a_job_that_lost_its_step_is_woken_by_the_schedule(session: str, worker: Worker, now: datetime) -> None:
    job = mail(session, now)
    worker.sqs.waiting.clear()
    assert operations.resume_stalled("demo", now=now + timedelta(minutes=9)) == 0
    assert operations.resume_stalled("demo", now=now + timedelta(minutes=11)) == 1
    worker.work()
    check_everybody_once(session, job)
    assert operations.resume_stalled("demo", now=now + timedelta(minutes=11)) == 0


def test_a_queue_out_of_reach_loses_no_job(session: str, worker: Worker, now: datetime) -> None:
    def unreachable() -> None:
        raise EndpointConnectionError(endpoint_url="https://sqs.example")

    worker.sqs.before = unreachable
    job = mail(session, now)
    worker.sqs.before = lambda: None
    assert operations.resume_stalled("demo", now=now + timedelta(minutes=11)) == 1
    worker.work()
    check_everybody_once(session, job)


def test_a_step_that_fails_too_often_fails_the_job_until_it_is_handed_again(
    session: str, worker: Worker, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = mail(session, now)

    def broken(*_: Any) -> Any:
        raise RuntimeError

    with monkeypatch.context() as broke:
        broke.setitem(job_events.WORK, "mailing", broken)
        worker.work()
    failed = operations.read_job("demo", job)
    assert (failed.status, failed.done, failed.ended_at) == ("failed", 0, now)
    (set_aside,) = worker.set_aside
    assert operations.resume_stalled("demo", now=now + timedelta(minutes=11)) == 0
    worker.deliver(set_aside)
    again = operations.read_job("demo", job)
    assert (again.status, again.done, again.ended_at) == ("running", 2, None)
    worker.work()
    check_everybody_once(session, job)


def test_a_job_that_is_too_old_is_given_up(session: str, sqs: Sqs, now: datetime) -> None:
    job = mail(session, now)
    sqs.waiting.clear()
    assert operations.resume_stalled("demo", now=now + timedelta(hours=37)) == 0
    assert operations.read_job("demo", job).status == "failed"
    assert sqs.waiting == []


def test_jobs_are_listed_latest_first_and_by_organisation(session: str, sqs: Sqs, now: datetime) -> None:
    made = [mail(session, now + timedelta(microseconds=number), key=str(number)) for number in range(3)]
    first = operations.list_jobs("demo", limit=2)
    rest = operations.list_jobs("demo", limit=2, start=first.next)
    assert [job.id for job in (*first.items, *rest.items)] == made[::-1]
    assert operations.list_jobs("other", limit=2).items == []
    with pytest.raises(NotFound):
        operations.read_job("other", made[0])


def test_a_message_about_nothing_is_dropped(organisation: object, worker: Worker) -> None:
    worker.deliver(json.dumps({"org": "demo", "job": "none"}))
    assert worker.set_aside == []


def test_items_that_are_missing_fail_the_job_instead_of_going_round_for_ever(organisation: object, worker: Worker, now: datetime) -> None:
    job = Job(org="demo", id="j", kind="mailing", total=5, by="", created_at=now, moved_at=now, data={"session": "s"})
    jobs.create(job, {})
    worker.deliver(json.dumps({"org": "demo", "job": "j"}))
    assert (operations.read_job("demo", "j").status, worker.sqs.waiting) == ("failed", [])


def test_failures_are_kept_as_far_as_a_row_has_room(now: datetime) -> None:
    job = Job(org="demo", id="j", kind="mailing", total=2000, by="", created_at=now, moved_at=now)
    after = rules.after_step(job, 1000, [rules.Failure(str(number), "gone") for number in range(1000)], now=now)
    assert (after.done, len(after.failures)) == (1000, rules.MOST_FAILURES)


def test_the_real_queue_carries_a_job_to_its_end(session: str, now: datetime) -> None:
    job = mail(session, now)
    poller = Poller("jobs", Queue(clients.sqs(), config().jobs_queue), lambda event: job_events.handle(event, clock=lambda: now))
    while poller.handle_batch():
        pass
    check_everybody_once(session, job)
