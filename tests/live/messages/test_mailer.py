"""The mailer on DynamoDB Local, with its threads: one time for each invocation, organisations in turns, several e-mails at once."""

from collections import Counter
from datetime import datetime, timedelta
from threading import Barrier, Semaphore

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


@pytest.mark.parametrize("most", [1, 8])
def test_so_many_e_mails_are_at_ses_at_the_same_time(now: datetime, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    """Each of the first waits at SES until all of them are there, and never is one more."""
    ses, at_ses, most_seen = Ses(rate=1000), Semaphore(most), Barrier(most)
    ses.install(monkeypatch)
    monkeypatch.setattr(pace, "MOST_AT_ONCE", most)

    def arrive() -> None:
        assert at_ses.acquire(blocking=False), "one more than may be there"
        most_seen.wait(timeout=60)

    ses.before, ses.after = arrive, at_ses.release
    with_backlog(now, number=6 * most)
    assert redrive(ORGANISATIONS[0], now=now + timedelta(minutes=2)) == 6 * most


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
