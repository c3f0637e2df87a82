"""Retries: a request is repeated after conflicts, throttling and passing faults of DynamoDB, until a deadline."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError

from chalicelib import telemetry
from chalicelib.rules.refusals import Busy

T = TypeVar("T")
_until: ContextVar[float | None] = ContextVar("until", default=None)
DEADLINE_SECONDS = 5.0
FIRST_PAUSE_SECONDS = 0.01
LONGEST_PAUSE_SECONDS = 0.4
THROTTLED = {"ProvisionedThroughputExceededException", "ThrottlingException", "ThrottledException", "RequestLimitExceeded"}
PASSING = {
    *THROTTLED,
    "TransactionConflictException",
    "TransactionInProgressException",
    "InternalServerError",
    "ServiceUnavailable",
}
THROTTLED_REASONS = {"ThrottlingError", "ProvisionedThroughputExceeded"}
CONFLICT = "TransactionConflict"
PASSING_REASONS = {*THROTTLED_REASONS, CONFLICT}


@contextmanager
def shared_deadline() -> Iterator[None]:
    """Share one retry deadline among all requests of the block, so that the whole block is done within ten seconds."""
    token = _until.set(time.monotonic() + DEADLINE_SECONDS)
    try:
        yield
    finally:
        _until.reset(token)


@contextmanager
def own_deadline() -> Iterator[None]:
    """Give each request of the block its own retry deadline: for work on thousands of rows, which takes long without any fault."""
    token = _until.set(None)
    try:
        yield
    finally:
        _until.reset(token)


def with_retries(ask: Callable[[], T], *, after_conflicts: bool = True) -> T:
    """Retry a request after conflicts, throttling and transient faults. Raises Busy at the deadline, early enough to respond.

    Without `after_conflicts`, a conflict is raised: for a write that nobody needs any more once another request has made it.
    """
    until = _until.get() or time.monotonic() + DEADLINE_SECONDS
    if time.monotonic() > until:
        raise _busy()
    pause = FIRST_PAUSE_SECONDS
    while True:
        try:
            return ask()
        except ClientError as fault:
            if not _passes(fault) or (CONFLICT in _reasons(fault) and not after_conflicts):
                raise
            _count_throttled(fault)
            last: Exception = fault
        except (ConnectionError, HTTPClientError) as fault:
            last = fault
        if time.monotonic() + pause > until:
            raise _busy() from last
        time.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - spreads retries, guards nothing
        pause = min(LONGEST_PAUSE_SECONDS, pause * 2)


def _busy() -> Busy:
    telemetry.count("Busy")
    return Busy()


def _count_throttled(fault: ClientError) -> None:
    """Count a throttled response, of a table or of one of its indexes."""
    if fault.response["Error"]["Code"] in THROTTLED or _reasons(fault) & THROTTLED_REASONS:
        telemetry.count("Throttled")


def _passes(fault: ClientError) -> bool:
    code = fault.response["Error"]["Code"]
    if code != "TransactionCanceledException":
        return code in PASSING
    reasons = _reasons(fault)
    return bool(reasons & PASSING_REASONS) and "ConditionalCheckFailed" not in reasons


def _reasons(fault: ClientError) -> set[str]:
    return {reason.get("Code", "None") for reason in fault.response.get("CancellationReasons", [])}
