"""The mailer of one invocation: its time, its pace, and the turns of organisations."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.events import messages as message_events
from chalicelib.operations.messages import call_for_overdue, pace, queue
from chalicelib.operations.messages.mailer import Mailer
from chalicelib.operations.messages.pace import Pace
from chalicelib.rules.messages import Content, Mail, MailDelayed, MailThrottled
from chalicelib.tables import messages, organisations
from tests.operations.faults import queue_for
from tests.operations.simulated_aws import Ses, Streams, Time, redrive, refusal

MAIL = Mail("Studio", "ana@example.org", "", Content("s", "t", "h"), {}, (), {})


@pytest.fixture
def time(ses: Ses, monkeypatch: pytest.MonkeyPatch) -> Time:
    """The clock of the mailer: it moves when somebody waits."""
    made = Time()
    monkeypatch.setattr(pace, "time", made)
    return made


def left_of(org: str, now: datetime) -> int:
    return len(list(messages.unsent(org, now + timedelta(days=1))))


def test_new_messages_for_which_no_time_is_left_wait_for_the_clock(
    organisation: Any, streams: Streams, ses: Ses, time: Time, now: datetime
) -> None:
    queue_for("demo", 60, now=now)
    ses.rate = 1
    assert message_events.handle({"Records": streams.messages.read()}, clock=lambda: now) == {"batchItemFailures": []}
    assert len(ses.sent) == 41
    assert left_of("demo", now) == 19
    assert redrive("demo", now=now + timedelta(minutes=2)) == 19


def test_messages_of_one_recipient_leave_in_their_order_while_others_are_sent(ses: Ses, monkeypatch: pytest.MonkeyPatch) -> None:
    other_is_sent, sent = threading.Event(), list[str]()

    def send(_: Mailer, ref: tuple[str, str]) -> bool:
        if ref[1] == "confirmed":
            assert other_is_sent.wait(60)
        sent.append(ref[1])
        if ref[1] == "other":
            other_is_sent.set()
        return True

    monkeypatch.setattr(Mailer, "_send", send)
    lines = [[("demo", "confirmed"), ("demo", "offered")], [("demo", "other")]]
    assert Mailer(datetime.now).send_new(lines) == {}
    assert sent == ["other", "confirmed", "offered"]


def test_a_batch_of_the_stream_keeps_the_order_of_each_recipient(organisation: Any, streams: Streams, now: datetime) -> None:
    for number, to in enumerate(["ana", "bo", "ana", "ana"]):
        data = {"user": f"user-{number}", "nonce": "n"}
        queue(kind="password_reset", org="demo", to=f"{to}@example.org", locale="en", data=data, key=str(number), now=now)
    records = streams.messages.read()
    ids = [record["dynamodb"]["NewImage"]["pk"]["S"].partition("#")[2] for record in records]
    lines = message_events._new({"Records": [*records, records[0]]})
    assert [[id for _, id in line] for line in lines] == [[ids[0], ids[2], ids[3]], [ids[1]]]


def test_a_batch_of_calls_for_many_organisations_ends_in_the_time_of_one(
    organisation: Any, streams: Streams, ses: Ses, time: Time, now: datetime
) -> None:
    """After an outage of SES every organisation is called for in the same minute. An invocation has 60 seconds."""
    organisations.create(replace(organisation, org="other"))
    for org in ("demo", "other"):
        queue_for(org, 420, now=now)
    streams.messages.read()
    later = now + timedelta(minutes=2)
    call_for_overdue(now=later)
    calls, began = streams.messages.read(), time.monotonic()
    assert len(calls) == 2
    assert message_events.handle({"Records": calls}, clock=lambda: later) == {"batchItemFailures": []}
    assert 39 < time.monotonic() - began < 45
    left = {org: left_of(org, now) for org in ("demo", "other")}
    assert 0 < left["demo"] < 420
    assert abs(left["demo"] - left["other"]) <= 1, "they take turns, and the clock calls for the rest"


def test_an_organisation_whose_messages_cannot_be_listed_stops_no_other(
    organisation: Any, ses: Ses, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue_for("demo", 3, now=now)
    listed = messages.unsent

    def broken(org: str, before: datetime) -> Any:
        return iter_failing() if org == "broken" else listed(org, before)

    monkeypatch.setattr(messages, "unsent", broken)
    assert Mailer(lambda: now + timedelta(minutes=2)).send_overdue(["broken", "demo"]) == 3


def iter_failing() -> Any:
    raise ClientError({"Error": {"Code": "InternalServerError"}}, "Query")
    yield


def test_one_e_mail_alone_asks_for_no_rate(organisation: Any, streams: Streams, ses: Ses, now: datetime) -> None:
    ses.get_account = lambda: pytest.fail("nobody waits")  # type: ignore[method-assign]
    queue_for("demo", 1, now=now)
    streams.drain(now)
    assert len(ses.sent) == 1


def test_the_rate_is_read_once_for_each_process(organisation: Any, streams: Streams, ses: Ses, now: datetime) -> None:
    calls: list[int] = []
    account = ses.get_account()
    ses.get_account = lambda: calls.append(1) or account  # type: ignore[method-assign, func-returns-value]
    for _ in range(3):
        queue_for("demo", 5, now=now)
        redrive("demo", now=now + timedelta(minutes=2))
    assert calls == [1]


def test_where_the_rate_cannot_be_read_it_is_the_usual_one(ses: Ses, time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "USUAL_RATE", 10.0)

    def denied() -> Any:
        raise refusal("AccessDeniedException")

    ses.get_account = denied  # type: ignore[method-assign]
    assert seconds_for(21, Pace(), time, lambda _: "id") == pytest.approx(2)


@pytest.mark.parametrize(("rate", "at_once"), [(1, 1), (14, 4), (24, 6), (50, 8), (500, 8)])
def test_so_many_at_once_as_use_the_rate(ses: Ses, monkeypatch: pytest.MonkeyPatch, rate: float, at_once: int) -> None:
    monkeypatch.setattr(pace, "MOST_AT_ONCE", 8)
    ses.rate = rate
    assert Pace().at_once == at_once


@pytest.mark.parametrize("rate", [1, 14, 50])
def test_the_pace_is_the_rate_of_the_account(ses: Ses, time: Time, rate: float) -> None:
    ses.rate = rate
    assert seconds_for(int(rate * 10) + 1, Pace(), time, lambda _: "id") == pytest.approx(10)


def seconds_for(number: int, of: Pace, time: Time, send: Callable[[Mail], str]) -> float:
    began = time.monotonic()
    for _ in range(number):
        of.post(MAIL, send)
    return time.monotonic() - began


class SharedTime:
    """Stands in for the module `time` for so many threads: it goes on when all of them wait."""

    def __init__(self, threads: int) -> None:
        self._now, self._working = 1000.0, threads
        self._wakes: list[float] = []
        self._turn = threading.Condition()

    def monotonic(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        with self._turn:
            wakes = self._now + seconds
            heappush(self._wakes, wakes)
            self._rest()
            self._turn.wait_for(lambda: self._now >= wakes)

    def leave(self) -> None:
        """End the part of a thread."""
        with self._turn:
            self._rest()

    def _rest(self) -> None:
        self._working -= 1
        if self._working or not self._wakes:
            return
        self._now = self._wakes[0]
        while self._wakes and self._wakes[0] <= self._now:
            heappop(self._wakes)
            self._working += 1
        self._turn.notify_all()


class SharedSes:
    """SES that takes 80 ms, and accepts so many e-mails in a second, from all shards together."""

    def __init__(self, rate: int, time: SharedTime) -> None:
        self._rate, self._time = rate, time
        self._lock = threading.Lock()
        self.accepted: list[float] = []
        self.throttled = 0

    def send(self, _: Mail) -> str:
        self._time.sleep(0.08)
        with self._lock:
            now = self._time.monotonic()
            if sum(at > now - 1 for at in self.accepted[-self._rate :]) >= self._rate:
                self.throttled += 1
                raise MailThrottled("TooManyRequestsException")
            self.accepted.append(now)
        return "id"


@pytest.mark.parametrize("shards", [1, 2, 4])
def test_shards_share_the_rate_without_knowing_of_each_other(
    ses: Ses, monkeypatch: pytest.MonkeyPatch, shards: int, capsys: pytest.CaptureFixture[str]
) -> None:
    accepted, throttled = send_by(shards, ses, monkeypatch)
    speed, share = sum(accepted) / pace.SECONDS, throttled / (throttled + sum(accepted))
    with capsys.disabled():
        print(f"\n{shards} shards at 14 a second: {speed:.1f} a second, {share:.0%} throttled, each sent {accepted}", end="")
    assert speed >= 0.75 * 14
    assert share <= 0.15
    assert min(accepted) >= 0.4 * max(accepted)


def test_control_shards_that_do_not_slow_down_are_throttled_most_of_the_time(ses: Ses, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pace, "_slow_down", lambda *_: None)
    accepted, throttled = send_by(4, ses, monkeypatch)
    assert throttled > sum(accepted)


def send_by(shards: int, ses: Ses, monkeypatch: pytest.MonkeyPatch) -> tuple[list[int], int]:
    """Send by so many shards for the time of an invocation, and return how many each has sent, and how many were throttled."""
    time = SharedTime(shards * 4)
    monkeypatch.setattr(pace, "time", time)
    ses.rate, service = 14, SharedSes(14, time)
    paces = [Pace() for _ in range(shards)]
    with ThreadPoolExecutor(shards * 4) as pool:
        sent = [ended.result() for ended in [pool.submit(send_all, one, service, time) for one in paces for _ in range(4)]]
    return [sum(sent[first : first + 4]) for first in range(0, len(sent), 4)], service.throttled


def send_all(pace: Pace, service: SharedSes, time: SharedTime) -> int:
    """Send as long as there is time, and return how many were accepted."""
    accepted = 0
    while not pace.is_over:
        try:
            pace.post(MAIL, service.send)
        except MailDelayed:
            continue
        accepted += 1
    time.leave()
    return accepted
