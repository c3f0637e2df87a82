"""P1 and P8 for portal invitations: requests per customer; ten times as many customers take at most eleven times as long."""

import tracemalloc
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from time import perf_counter
from typing import Any

from bench.counting import counting
from bench.figures import Figure, at_most
from bench.world import now
from chalicelib import clients
from chalicelib.config import config
from chalicelib.operations import jobs, organisations, portal_invitations
from chalicelib.rules.customers import Customer
from chalicelib.rules.inputs.portal_invitations import CustomTextInput
from chalicelib.rules.portal_invitations import Audience
from chalicelib.tables import keys
from chalicelib.tables.customers.rows import customer_item
from chalicelib.tables.items import stored

FEW, MANY = 1_000, 10_000
MEGABYTE = 1024 * 1024
WRITERS = 8


class Queue:
    """A stand-in for SQS; the bench runs the steps itself."""

    def send_message(self, **_: Any) -> None:
        """Drop the message."""


def figures() -> Iterator[Figure]:
    with _queue():
        few = _seconds(_organisation(FEW))
        org = _organisation(MANY)
        with counting() as count:
            many = _seconds(org)
        yield at_most("P1", "invite 10 000 customers: requests each", count.requests / MANY, 2.1, "requests")
        yield at_most("P8", "invite customers: time of 10 000 to time of 1 000", many / few, 11, "×")
        yield Figure("P8", "invite customers: 10 000", round(many, 1), "s")
        yield at_most("P8", "invite customers: 10 000: memory", _memory(org) / MEGABYTE, 256, "MB")


@contextmanager
def _queue() -> Iterator[None]:
    real, queue = clients.sqs, Queue()
    clients.sqs = cache(lambda: queue)  # type: ignore[arg-type, return-value]
    try:
        yield
    finally:
        clients.sqs = real


def _seconds(org: str) -> float:
    """Return the seconds for choosing the recipients, and for queueing an invitation to each."""
    began = perf_counter()
    _invite(org)
    return perf_counter() - began


def _memory(org: str) -> int:
    """Return the peak memory of choosing the recipients and of the first step, in bytes."""
    tracemalloc.start()
    job = portal_invitations.invite_audience(org, Audience(), CustomTextInput(), by="bench", key=uuid.uuid4().hex, now=now())
    jobs.run_step(org, job, {"portal_invitations": portal_invitations.queue_invitations}, now=now())
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def _invite(org: str) -> None:
    job = portal_invitations.invite_audience(org, Audience(), CustomTextInput(), by="bench", key=uuid.uuid4().hex, now=now())
    while jobs.read_job(org, job).open:
        jobs.run_step(org, job, {"portal_invitations": portal_invitations.queue_invitations}, now=now())


def _organisation(number: int) -> str:
    """Store an organisation with this many customers."""
    org = f"bench-{uuid.uuid4().hex[:8]}"
    organisations.create(org, "Bench", now=now())
    people = [Customer(org, f"c{index:05}", f"{index}@example.org", f"Customer {index}", now()) for index in range(number)]
    rows = [row for one in people for row in (customer_item(one), {**keys.address(org, one.email).stored(), "customer": stored(one.id)})]
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(_write, (rows[first : first + 25] for first in range(0, len(rows), 25))))
    return org


def _write(rows: list[Any]) -> None:
    wanted: Any = {config().records_table: [{"PutRequest": {"Item": row}} for row in rows]}
    assert not clients.dynamodb().batch_write_item(RequestItems=wanted).get("UnprocessedItems")
