"""A rush in virtual time, under DynamoDB's rule for transactions: of two that want the same item at the same moment, one is refused.

DynamoDB Local runs one request after the other and knows no such conflict. So each booking is a thread, of which one runs at a time; what
it would wait for, a request or a pause before the next try, passes in virtual time, in which the others go on. The bookings are the
application's own code, and what they write is written.
"""

import heapq
import io
import json
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from chalicelib import clients
from chalicelib.tables import retries

READ_SECONDS, WRITE_SECONDS = 0.004, 0.006
TRANSACTION_SECONDS = 0.015
"""A transaction keeps its items this long: the longer one of the two that were measured in public."""
WRITES = {"PutItem", "UpdateItem", "DeleteItem"}


class VirtualTime:
    """A clock, and the threads that wait for a moment of it. One of them runs at a time."""

    def __init__(self) -> None:
        self._now = 0.0
        self._waiting: list[tuple[float, int, threading.Semaphore]] = []
        self._order = 0
        self._idle = threading.Semaphore(0)

    def monotonic(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        wake_up = self._at(self._now + seconds)
        self._idle.release()
        wake_up.acquire()

    def run(self, starts: Sequence[float], do: Callable[[int], None]) -> None:
        """Run `do` with the number of each start at its moment, and return when all have ended."""
        threads = [threading.Thread(target=self._started, args=(self._at(start), number, do)) for number, start in enumerate(starts)]
        for thread in threads:
            thread.start()
        while self._waiting:
            self._now, _, wake_up = heapq.heappop(self._waiting)
            wake_up.release()
            self._idle.acquire()
        for thread in threads:
            thread.join()

    def _at(self, moment: float) -> threading.Semaphore:
        wake_up = threading.Semaphore(0)
        self._order += 1
        heapq.heappush(self._waiting, (moment, self._order, wake_up))
        return wake_up

    def _started(self, wake_up: threading.Semaphore, number: int, do: Callable[[int], None]) -> None:
        wake_up.acquire()
        try:
            do(number)
        finally:
            self._idle.release()


class Conflicts:
    """Refuses a write of an item that a running transaction writes or checks, and takes the time of each request."""

    def __init__(self, clock: VirtualTime) -> None:
        self._clock = clock
        self._kept: dict[str, float] = {}
        self.counts: Counter[str] = Counter()

    def __call__(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        kind = _text(request.headers["X-Amz-Target"]).rpartition(".")[2]
        body: Any = request.body
        items = _written(kind, json.loads(body))
        kept = [self._kept.get(item, -1.0) > self._clock.monotonic() for item in items]
        self.counts[kind] += 1
        if any(kept):
            self.counts["conflicts"] += 1
            self._clock.sleep(WRITE_SECONDS)
            return _conflict(request, kind, kept)
        response = _sent(request)
        if kind == "TransactWriteItems":
            self._kept |= dict.fromkeys(items, self._clock.monotonic() + TRANSACTION_SECONDS)
        self._clock.sleep({"TransactWriteItems": TRANSACTION_SECONDS}.get(kind, WRITE_SECONDS if kind in WRITES else READ_SECONDS))
        return response


@contextmanager
def rush() -> Iterator[tuple[VirtualTime, Conflicts]]:
    """In the block, requests to DynamoDB and the pauses between tries pass in virtual time."""
    clock = VirtualTime()
    conflicts, id = Conflicts(clock), uuid.uuid4().hex
    events = clients.dynamodb().meta.events
    answered: Any = conflicts
    events.register("before-send.dynamodb", answered, unique_id=id)
    try:
        with patch.object(retries, "time", clock):
            yield clock, conflicts
    finally:
        events.unregister("before-send.dynamodb", unique_id=id)


def _text(header: str | bytes) -> str:
    return header.decode() if isinstance(header, bytes) else header


def _written(kind: str, body: dict[str, Any]) -> list[str]:
    if kind == "TransactWriteItems":
        return [_named(parameters) for write in body["TransactItems"] for parameters in write.values()]
    return [_named(body)] if kind in WRITES else []


def _named(write: dict[str, Any]) -> str:
    key = write.get("Key") or write["Item"]
    return json.dumps([write["TableName"], key["pk"], key.get("sk")])


def _conflict(request: AWSPreparedRequest, kind: str, kept: Sequence[bool]) -> AWSResponse:
    if kind != "TransactWriteItems":
        return _refused(request, "TransactionConflictException")
    reasons = [{"Code": "TransactionConflict" if one else "None"} for one in kept]
    return _refused(request, "TransactionCanceledException", CancellationReasons=reasons)


def _refused(request: AWSPreparedRequest, code: str, **more: Any) -> AWSResponse:
    body = json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "conflict", **more}).encode()
    headers: Any = {"content-type": "application/x-amz-json-1.0"}
    return AWSResponse(request.url, 400, headers, _Body(body))


def _sent(request: AWSPreparedRequest) -> AWSResponse:
    endpoint: Any = clients.dynamodb()._endpoint  # type: ignore[attr-defined]
    response: AWSResponse = endpoint.http_session.send(request)
    return response


class _Body(io.BytesIO):
    def stream(self, **_: Any) -> Iterator[bytes]:
        while part := self.read(4096):
            yield part
