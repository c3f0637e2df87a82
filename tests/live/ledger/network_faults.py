"""Network faults between us and DynamoDB: concurrent requests, lost replies, errors, crashes.

They are injected at botocore's `before-send` event, below its retries, where a real network fails.
"""

import io
import json
import random
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectionClosedError
from botocore.retries.standard import ExponentialBackoff

from chalicelib import clients

EVERY_SEND = "before-send.dynamodb"
Handler = Callable[..., Any]


class CrashedError(BaseException):
    """The process ends here. No handler in our code catches it, as none could catch a SIGKILL."""


@contextmanager
def on_the_wire(handler: Handler) -> Iterator[None]:
    """Call the handler before each request is sent: it may return an answer in DynamoDB's place, raise, or return None to send it."""
    events, id = clients.dynamodb().meta.events, uuid.uuid4().hex
    events.register(EVERY_SEND, handler, unique_id=id)
    try:
        yield
    finally:
        events.unregister(EVERY_SEND, unique_id=id)


def really_send(request: AWSPreparedRequest) -> AWSResponse:
    endpoint: Any = clients.dynamodb()._endpoint  # type: ignore[attr-defined]
    response: AWSResponse = endpoint.http_session.send(request)
    return response


def operation_of(request: AWSPreparedRequest) -> str:
    """Return the name of the operation, such as `UpdateItem`."""
    target = request.headers["X-Amz-Target"]
    text = target.decode() if isinstance(target, bytes) else str(target)
    return text.rpartition(".")[2]


@contextmanager
def meanwhile(operation: str, do: Callable[[], object], *, nth: int = 1, after: bool = False) -> Iterator[None]:
    """In the block, run `do` right before the nth request of this operation ("" for any), or after it and before its reply."""
    seen = 0
    done = False

    def handler(request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        nonlocal seen, done
        if done or operation not in {"", operation_of(request)}:
            return None
        seen += 1
        if seen != nth:
            return None
        done = True
        response = really_send(request) if after else None
        do()
        return response

    with on_the_wire(handler):
        yield
    assert done, f"there was no {operation} number {nth}"


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """Count the requests of the block by operation."""
    counts: Counter[str] = Counter()

    def handler(request: AWSPreparedRequest, **_: Any) -> None:
        counts[operation_of(request)] += 1

    with on_the_wire(handler):
        yield counts


@contextmanager
def crash(nth: int, *, after: bool) -> Iterator[None]:
    """Simulate the end of the process before or after its nth request is executed."""
    seen = 0

    def handler(request: AWSPreparedRequest, **_: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == nth:
            if after:
                really_send(request)
            raise CrashedError

    with on_the_wire(handler):
        yield


@contextmanager
def reply_lost(nth: int, *, times: int = 1) -> Iterator[None]:
    """Execute the nth request and lose its reply; three times exceeds botocore's retries."""
    seen = 0

    def handler(request: AWSPreparedRequest, **_: Any) -> None:
        nonlocal seen
        seen += 1
        if nth <= seen < nth + times:
            really_send(request)
            raise ConnectionClosedError(endpoint_url=request.url)

    with on_the_wire(handler), prompt_retries():
        yield


@contextmanager
def prompt_retries() -> Iterator[None]:
    """Let botocore retry at once in the block, not after half a second: nobody else is there whom a pause could help."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ExponentialBackoff, "delay_amount", lambda *_: 0.0)
        yield


@dataclass
class RandomFaults:
    """Random faults: the share of requests that lose their reply, conflict, are throttled, or fail in the server."""

    seed: int
    lost: float = 0.15
    conflicts: float = 0.05
    throttled: float = 0.03
    faults: float = 0.03
    counts: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def __call__(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        kind = self._kind()
        with self._lock:
            self.counts[kind] += 1
        if kind == "lost":
            really_send(request)
            raise ConnectionClosedError(endpoint_url=request.url)
        if kind == "conflicts" and operation_of(request) not in {"GetItem", "BatchGetItem", "Query"}:
            return conflict(request)
        if kind == "throttled":
            return error_response(request, 400, "ProvisionedThroughputExceededException")
        if kind == "faults":
            return error_response(request, 500, "InternalServerError")
        return None

    def _kind(self) -> str:
        with self._lock:
            drawn = self._random.random()
        for kind in ("lost", "conflicts", "throttled", "faults"):
            drawn -= getattr(self, kind)
            if drawn < 0:
                return kind
        return "fair"


def conflict(request: AWSPreparedRequest) -> AWSResponse:
    """Answer as DynamoDB does while a transaction changes the same item."""
    if operation_of(request) != "TransactWriteItems":
        return error_response(request, 400, "TransactionConflictException")
    body: Any = request.body
    writes = json.loads(body)["TransactItems"]
    reasons = [{"Code": "TransactionConflict"}, *({"Code": "None"} for _ in writes[1:])]
    return error_response(request, 400, "TransactionCanceledException", CancellationReasons=reasons)


def error_response(request: AWSPreparedRequest, status: int, code: str, **more: Any) -> AWSResponse:
    body = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "injected", **more}
    headers: Any = {"content-type": "application/x-amz-json-1.0"}
    return AWSResponse(request.url, status, headers, Raw(json.dumps(body).encode()))


class Raw(io.BytesIO):
    """The body of an answer, as urllib3 returns it."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        while part := self.read(4096):
            yield part
