"""Concurrent load on a waitlist: buyers, joining entries and passes of the handlers; and AWS's rule on transaction conflicts."""

import json
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from chalicelib import clients
from chalicelib.rules.refusals import Busy, ChangedMeanwhile
from chalicelib.tables.retries import shared_deadline
from tests.live.ledger.network_faults import conflict, on_the_wire, operation_of, really_send

LATENCY_SECONDS = 0.01
"""A transaction of AWS takes longer than one of DynamoDB Local, and conflicts with other writes for as long."""


@dataclass
class Report:
    """The results of a load: the answers, the slowest time, and unexpected errors."""

    outcomes: list[Any] = field(default_factory=list)
    slowest: float = 0.0
    busy: int = 0
    unexpected: list[str] = field(default_factory=list)


def at_once(actions: Sequence[Callable[[], Any]], *, tries: int = 6) -> Report:
    """Run all actions at once, each in a thread, and retry while the answer is busy, as a client would."""
    clients.dynamodb()
    report, start = Report(), threading.Barrier(len(actions))

    def go(action: Callable[[], Any]) -> None:
        start.wait()
        try:
            report.outcomes.append(_insisting(action, report, tries))
        except Exception as fault:
            report.unexpected.append("".join(traceback.format_exception(fault)))

    with ThreadPoolExecutor(len(actions)) as executor:
        list(executor.map(go, actions))
    return report


def _insisting(action: Callable[[], Any], report: Report, tries: int) -> Any:
    for _ in range(tries):
        began = time.monotonic()
        try:
            with shared_deadline():
                return action()
        except (Busy, ChangedMeanwhile):
            report.busy += 1
        finally:
            report.slowest = max(report.slowest, time.monotonic() - began)
    raise Busy


@dataclass
class AwsConflicts:
    """Answers as AWS does and DynamoDB Local does not: a write to an item conflicts while a transaction changes it."""

    refused: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _at_work: set[str] = field(default_factory=set)

    def __call__(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        kind = operation_of(request)
        if kind not in {"TransactWriteItems", "UpdateItem", "PutItem", "DeleteItem"}:
            return None
        items = _items(request, kind)
        with self._lock:
            if items & self._at_work:
                self.refused += 1
                return conflict(request)
            if kind != "TransactWriteItems":
                return None
            self._at_work |= items
        try:
            time.sleep(LATENCY_SECONDS)
            return really_send(request)
        finally:
            with self._lock:
                self._at_work -= items


@contextmanager
def aws_conflicts() -> Iterator[AwsConflicts]:
    rule = AwsConflicts()
    with on_the_wire(rule):
        yield rule


def _items(request: AWSPreparedRequest, kind: str) -> set[str]:
    """Return the keys that a request writes."""
    body: Any = json.loads(request.body)  # type: ignore[arg-type]
    writes = [next(iter(write.values())) for write in body["TransactItems"]] if kind == "TransactWriteItems" else [body]
    keys = [write.get("Key") or {name: write["Item"][name] for name in ("pk", "sk") if name in write["Item"]} for write in writes]
    return {json.dumps([write["TableName"], key], sort_keys=True) for write, key in zip(writes, keys, strict=True)}
