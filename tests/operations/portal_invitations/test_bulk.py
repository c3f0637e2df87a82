"""R5 for invitations to the portal, from the job to the note on the customer; tests/live invites a thousand."""

from datetime import datetime

import pytest

from chalicelib.operations import jobs as job_operations
from chalicelib.rules import jobs as rules
from chalicelib.rules.organisations import Organisation
from chalicelib.tables import customers
from tests.operations.faults import check_bulk_loses_nobody, steps_of_bulk
from tests.operations.jobs.test_run import DiesOnce
from tests.operations.sample_customers import everybody, known, mail_to
from tests.operations.simulated_aws import Ses
from tests.operations.simulated_queue import Sqs, Worker

PEOPLE = 5
STEPS = ["read", "items", "find", "before", "message", "link", "progress", "queue"]


def test_sixty_customers_through_every_trouble(
    organisation: Organisation, sqs: Sqs, ses: Ses, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "SLICE", 7)
    check_bulk_loses_nobody(60, sqs, ses, now, monkeypatch)


@pytest.mark.parametrize("nth", [1, 3])
@pytest.mark.parametrize("step", [f"{side} {step}" for step in STEPS for side in ("before", "after")])
def test_dying_anywhere_leaves_each_customer_one_message_and_one_link(
    organisation: Organisation, worker: Worker, now: datetime, monkeypatch: pytest.MonkeyPatch, step: str, nth: int
) -> None:
    monkeypatch.setattr(rules, "SLICE", 2)
    owns = known(PEOPLE, now=now)
    job = everybody(now)
    crashes = DiesOnce(step, nth)
    with monkeypatch.context() as patch:
        steps_of_bulk(patch, crashes, worker.sqs)
        worker.work()
    assert crashes.deaths == [step] or (step.endswith("queue") and nth == 3)
    done = job_operations.read_job("demo", job)
    assert (done.status, done.done, done.failures) == ("done", PEOPLE, ())
    for own in owns:
        (message,) = mail_to(own)
        assert message.data["link_version"] == customers.get("demo", own).link_version == 1
