"""The mailer on DynamoDB Local, with its threads: one time for each invocation, organisations in turns, several e-mails at once."""

import time as real_time
from collections import Counter
from datetime import datetime, timedelta

import pytest

from chalicelib import clients
from chalicelib.config import config
from chalicelib.events import messages as message_events
from chalicelib.operations import organisations
from chalicelib.operations.messages import call_for_overdue, pace
from chalicelib.tables import keys, messages
from tests.operations.faults import queue_for
from tests.operations.simulated_aws import Clock, Record, Ses, Time, redrive

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]
ORGANISATIONS = ("first", "second")
WAITING, RATE, LAMBDA_SECONDS = 168, 5.6, 60


def test_two_organisations_with_a_backlog_end_within_one_time(
    now: datetime, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ses, time, at = Ses(rate=RATE), Time(), list[float]()
    ses.install(monkeypatch)
    monkeypatch.setattr(pace, "time", time)
    ses.before = lambda: time.sleep(0.2) or at.append(time.monotonic())  # type: ignore[func-returns-value]
    with_backlog(now)
    minutes = 0
    while left := [org for org in ORGANISATIONS if left_of(org, now)]:
        minutes += 1
        assert left == [*ORGANISATIONS]
        before, began = Counter(ses.organisations), time.monotonic()
        called_at = now + timedelta(minutes=2 * minutes)
        assert message_events.handle({"Records": calls(called_at)}, clock=Clock(called_at)) == {"batchItemFailures": []}
        sent, took = Counter(ses.organisations) - before, max(at) - began
        with capsys.disabled():
            print(f"\ninvocation {minutes}: {dict(sent)} sent in {took:.1f} s of {LAMBDA_SECONDS}", end="")
        assert took <= pace.SECONDS + 1
        assert abs(sent["first"] - sent["second"]) <= pace.MOST_AT_ONCE, "both advance alike"
    assert minutes == 2
    assert Counter(ses.recipients) == {f"{index}@{org}.example": 1 for org in ORGANISATIONS for index in range(WAITING)}


def test_several_at_once_are_faster_than_one_after_the_other(
    now: datetime, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ses = Ses(rate=1000)
    ses.install(monkeypatch)
    ses.before = lambda: real_time.sleep(0.08)
    with_backlog(now, number=60)
    took = {}
    for org, most in zip(ORGANISATIONS, (1, 8), strict=True):
        monkeypatch.setattr(pace, "MOST_AT_ONCE", most)
        began = real_time.monotonic()
        assert redrive(org, now=now + timedelta(minutes=2)) == 60
        took[most] = real_time.monotonic() - began
    with capsys.disabled():
        print(f"\n60 e-mails to an SES of 80 ms: one by one {took[1]:.1f} s, eight at once {took[8]:.1f} s", end="")
    assert took[8] <= took[1] / 2


def with_backlog(now: datetime, *, number: int = WAITING) -> None:
    for org in ORGANISATIONS:
        organisations.create(org, org, now=now)
        queue_for(org, number, now=now)


def left_of(org: str, now: datetime) -> int:
    return len(list(messages.unsent(org, now + timedelta(days=1))))


def calls(now: datetime) -> list[Record]:
    """Let the clock call for what is overdue, and return the records of its calls."""
    assert call_for_overdue(now=now).organisations == len(ORGANISATIONS)
    rows = [keys.overdue(org).stored() for org in ORGANISATIONS]
    found = [clients.dynamodb().get_item(TableName=config().messages_table, Key=key)["Item"] for key in rows]
    return [
        {"dynamodb": {"SequenceNumber": str(index), "Keys": key, "NewImage": row}}
        for index, (key, row) in enumerate(zip(rows, found, strict=True))
    ]
