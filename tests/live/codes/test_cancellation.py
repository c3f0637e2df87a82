"""Many with codes on a session that is cancelled: a job goes through them, is killed on the way, and leaves nobody out."""

import random
from collections import Counter
from functools import cache

import pytest

from chalicelib import clients
from chalicelib.config import config
from chalicelib.operations import cancellation
from chalicelib.operations import jobs as job_operations
from chalicelib.operations.sessions import cancel_session
from chalicelib.rules.codes import Code
from chalicelib.rules.inputs.sessions import CancelInput
from chalicelib.tables import booking_context, dynamodb, jobs, keys, messages, sessions
from chalicelib.tables import codes as table
from tests.live.codes.scenario import batch, booked, contract, price
from tests.live.ledger.scenario import NOW, ORG, later, open_session
from tests.operations.faults import DEATHS, SEED, inject_crashes
from tests.operations.simulated_aws import Crashes
from tests.operations.simulated_queue import Sqs, Worker

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]
NUMBER = 120


@pytest.fixture
def sqs(monkeypatch: pytest.MonkeyPatch) -> Sqs:
    queue = Sqs()
    monkeypatch.setattr(clients, "sqs", cache(lambda: queue))
    return queue


def test_everybody_with_a_code_is_told_although_the_job_is_killed(
    sqs: Sqs, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    session = open_session(NUMBER)
    codes = [code.code for code in batch(price(contract(), session), NUMBER, max_redemptions=1).codes]
    for index, code in enumerate(codes):
        booked(session, code, email=f"{index}@example.org", key=str(index))
    cancel_session(ORG, session, CancelInput(reason="Snow"), by="staff", now=later(minutes=1))
    for _ in range(2):  # The record of the stream comes twice.
        cancellation.complete_cancellation(sessions.get(ORG, session), now=later(minutes=1))
    assert mails(session) == Counter(), "nothing of it is done in the stream"
    crashes = Crashes(DEATHS / 10, random.Random(SEED))
    steps = {"use": (table, "return_use"), "message": (messages, "add"), "progress": (jobs, "save"), "roster": (booking_context, "roster")}
    with monkeypatch.context() as patch:
        inject_crashes(patch, crashes, steps)
        Worker(sqs, later(minutes=1), random.Random(SEED), repeats=0.3).work()
    after = 1
    while any(job.open for job in jobs.since(ORG, NOW)):
        after += 11
        job_operations.resume_stalled(ORG, now=later(minutes=after))
        Worker(sqs, later(minutes=after), random.Random(SEED)).work()
    (job,) = jobs.since(ORG, NOW)
    with capsys.disabled():
        print(f"\n{NUMBER} with codes, {len(crashes.deaths)} deaths: {len(mails(session))} told, {job.done} done", end="")
    assert not crashes.unreached, crashes.unreached
    assert crashes.deaths
    assert (job.kind, job.status, job.done, job.total) == ("cancellation", "done", NUMBER, NUMBER)
    assert mails(session) == {f"{index}@example.org": 1 for index in range(NUMBER)}
    assert {code.left for code in found(codes)} == {1}, "every use is returned once"


def mails(session: str) -> Counter[str]:
    """Return how many e-mails about the cancellation were queued, by address."""
    query = {"KeyConditionExpression": "#index = :of", "ExpressionAttributeNames": {"#index": "session"}}
    values = {":of": {"S": keys.roster(ORG, session)}}
    rows = dynamodb.query(TableName=config().messages_table, IndexName="session", ExpressionAttributeValues=values, **query)
    return Counter(row["to"]["S"] for row in rows if row["kind"]["S"] == "session_cancelled")


def found(typed: list[str]) -> list[Code]:
    return [code for first in range(0, len(typed), 100) for code in table.find(ORG, typed[first : first + 100])]
