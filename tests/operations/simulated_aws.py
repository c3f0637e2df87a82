"""A post streams for tests: a mail service that can fail, and streams that carry records as Lambda does."""

import copy
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError
from botocore.validate import validate_parameters

from chalicelib import clients
from chalicelib.config import config
from chalicelib.events import audit, messages, rosters
from chalicelib.operations.messages import pace, ses
from chalicelib.operations.messages.mailer import Mailer

Record = dict[str, Any]
SEND_EMAIL: Any = botocore.session.get_session().get_service_model("sesv2").operation_model("SendEmail").input_shape


def refusal(code: str, text: str = "no") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": text}}, "SendEmail")


@dataclass
class Ses:
    """A stand-in for SES: it keeps well-formed requests, and fails on demand."""

    sent: list[dict[str, Any]] = field(default_factory=list)
    before: Callable[[], None] = lambda: None
    after: Callable[[], None] = lambda: None
    rate: float = 14.0
    """E-mails in a second that it says the account may send. It does not count them."""

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let the mailer send through it, and wait for its turns without waiting."""
        monkeypatch.setattr(clients, "ses", cache(lambda: self))
        monkeypatch.setattr(pace, "time", Time())
        ses.max_send_rate.cache_clear()

    def get_account(self) -> dict[str, Any]:
        return {"SendQuota": {"MaxSendRate": self.rate}}

    def send_email(self, **request: Any) -> dict[str, str]:
        validate_parameters(request, SEND_EMAIL)
        self.before()
        self.sent.append(request)
        self.after()
        return {"MessageId": f"ses-{len(self.sent)}"}

    def fail(self, *codes: str, text: str = "no") -> None:
        """Refuse the next requests with these codes, then work again."""
        waiting = list(codes)

        def refuse() -> None:
            if waiting:
                raise refusal(waiting.pop(0), text)

        self.before = refuse

    def refuse_all(self, code: str, *, text: str = "no") -> list[str]:
        """Refuse every request with this code from now on. The list that is returned grows by one for each."""
        refused: list[str] = []

        def refuse() -> None:
            refused.append(code)
            raise refusal(code, text)

        self.before = refuse
        return refused

    @property
    def recipients(self) -> list[str]:
        return [request["Destination"]["ToAddresses"][0] for request in self.sent]

    @property
    def subjects(self) -> list[str]:
        return [request["Content"]["Simple"]["Subject"]["Data"] for request in self.sent]

    @property
    def texts(self) -> list[str]:
        return [request["Content"]["Simple"]["Body"]["Text"]["Data"] for request in self.sent]

    @property
    def organisations(self) -> list[str]:
        return self._tags("org")

    def ids(self) -> list[str]:
        return self._tags("message")

    def _tags(self, name: str) -> list[str]:
        return [next(tag["Value"] for tag in request["EmailTags"] if tag["Name"] == name) for request in self.sent]


class Stream:
    """The records of a table's stream since the last read."""

    def __init__(self, table: str) -> None:
        self._table = table
        self._read = 0

    def read(self) -> list[Record]:
        """Return the records since the last call."""
        found = [copy.deepcopy(record.to_json()) for record in _kept(self._table).stream_shard.items[self._read :]]
        self._read += len(found)
        for images in (record["dynamodb"] for record in found):
            images["ApproximateCreationDateTime"] = images["ApproximateCreationDateTime"].replace(tzinfo=UTC)
        return found


def _kept(table: str) -> Any:
    """Return moto's own object of a table. Tests on DynamoDB Local use this module too, and need no moto."""
    from moto.backends import get_backend

    from tests.fast_moto import ACCOUNT, REGION

    return get_backend("dynamodb")[ACCOUNT][REGION].tables[table]


class Streams:
    """All streams and their handlers."""

    def __init__(self) -> None:
        self.rosters, self.messages = Stream(config().rosters_table), Stream(config().messages_table)
        self.records = Stream(config().records_table)

    def drain(self, now: datetime) -> None:
        """Carry everything that was written, and what follows from it, until nothing follows any more."""
        while follows := self.rosters.read():
            assert rosters.handle({"Records": follows}, clock=lambda: now) == {"batchItemFailures": []}
        if queued := self.messages.read():
            assert messages.handle({"Records": queued}, clock=lambda: now) == {"batchItemFailures": []}

    def drain_audit(self, now: datetime) -> None:
        """Carry everything, and then what only the audit log follows."""
        self.drain(now)
        if written := self.records.read():
            assert audit.handle({"Records": written}, clock=lambda: now) == {"batchItemFailures": []}


class Time:
    """Stands in for the module `time`: nobody waits, and each thread has a clock of its own."""

    def __init__(self) -> None:
        self._of_thread = threading.local()

    def monotonic(self) -> float:
        return getattr(self._of_thread, "now", 1000.0)

    def sleep(self, seconds: float) -> None:
        self._of_thread.now = self.monotonic() + seconds


def redrive(org: str, *, now: datetime) -> int:
    """Send what the organisation has overdue, as in an invocation of its own, and return how many were sent."""
    return Mailer(lambda: now).send_overdue([org])


class Crash(BaseException):
    """The process dies: no handler catches it."""


@dataclass
class Lambda:
    """Hands batches over until they are done with: again after a crash, from the first failure, and aside after too many."""

    handler: Callable[[dict[str, Any]], dict[str, Any]]
    retries: int = 5
    set_aside: list[Record] = field(default_factory=list)
    pause: Callable[[], None] = lambda: None

    def deliver(self, records: Sequence[Record], *, batch: int = 10) -> None:
        for first in range(0, len(records), batch):
            self._deliver(list(records[first : first + batch]))

    def _deliver(self, batch: list[Record]) -> None:
        tries = 0
        while batch:
            failed = self._first_failure(batch)
            tries = tries + 1 if failed == 0 else 0
            batch = batch[failed:]
            if tries > self.retries:
                self.set_aside.append(batch.pop(0))
                tries = 0
            self.pause()

    def _first_failure(self, batch: Sequence[Record]) -> int:
        try:
            result = self.handler({"Records": list(batch)})
        except Crash:
            return 0
        failed = {failure["itemIdentifier"] for failure in result["batchItemFailures"]}
        return next((index for index, record in enumerate(batch) if record["dynamodb"]["SequenceNumber"] in failed), len(batch))


@dataclass
class Clock:
    """A clock that moves on demand."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def go_on(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Crashes:
    """Dies now and then, at a rate, and remembers where."""

    rate: float
    dice: random.Random
    deaths: list[str] = field(default_factory=list)
    steps: set[str] = field(default_factory=set)
    """Where it can die."""
    reached: set[str] = field(default_factory=set)

    @property
    def unreached(self) -> set[str]:
        """The steps that were never taken: a test that leaves some proves nothing about them."""
        return self.steps - self.reached

    def around(self, step: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return the call with a death now and then before and after it."""
        self.steps.add(step)

        def risky(*args: Any, **named: Any) -> Any:
            self.reached.add(step)
            self.maybe(f"before {step}")
            result = call(*args, **named)
            self.maybe(f"after {step}")
            return result

        return risky

    def maybe(self, step: str) -> None:
        if self.dice.random() < self.rate:
            self.deaths.append(step)
            raise Crash(step)


def in_threes_and_shuffled(records: Sequence[Record], dice: random.Random) -> Iterator[Record]:
    thrice = [record for record in records for _ in range(3)]
    dice.shuffle(thrice)
    return iter(thrice)
