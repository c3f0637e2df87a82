"""P1 and P8 for portal invitations: requests per customer; ten times as many customers take at most eleven times the processor time."""

import tracemalloc
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from bench import rows
from bench.counting import Count, counting
from bench.figures import Figure, at_most
from bench.processes import used_so_far
from bench.world import now
from chalicelib import clients
from chalicelib.config import config
from chalicelib.operations import jobs, organisations, portal_invitations
from chalicelib.rules.customers import Customer
from chalicelib.rules.inputs.portal_invitations import CustomTextInput
from chalicelib.rules.portal_invitations import Audience
from chalicelib.tables.customers.rows import customer_item

FIRST, FEW, MANY = 200, 1_000, 10_000
"""The first ones let Java compile the database: they are not measured."""
MEGABYTE = 1024 * 1024


class Queue:
    """A stand-in for SQS; the bench runs the steps itself."""

    def send_message(self, **_: Any) -> None:
        """Drop the message."""


def figures() -> Iterator[Figure]:
    with _queue():
        _, (few, _, _), (many, count, org) = map(_invited, (FIRST, FEW, MANY))
        yield at_most("P1", "invite 10 000 customers: requests each", count.requests / MANY, 2.1, "requests")
        yield at_most("P8", "invite customers: processor time of 10 000 to that of 1 000", many / few, 11, "×")
        yield Figure("P8", "invite customers: processor time of 10 000", round(many, 1), "s")
        yield at_most("P8", "invite customers: 10 000: memory", _memory(org) / MEGABYTE, 256, "MB")


@contextmanager
def _queue() -> Iterator[None]:
    real, queue = clients.sqs, Queue()
    clients.sqs = cache(lambda: queue)  # type: ignore[arg-type, return-value]
    try:
        yield
    finally:
        clients.sqs = real


def _invited(number: int) -> tuple[float, Count, str]:
    """Choose the recipients among so many customers, and queue an invitation to each.

    Return the processor seconds, the database's among them, the requests, and the organisation.
    """
    org = _organisation(number)
    began = used_so_far()
    with counting() as count:
        _invite(org)
    return used_so_far() - began, count, org


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
    people = (Customer(org, f"c{index:05}", f"{index}@example.org", f"Customer {index}", now()) for index in range(number))
    rows.write(config().records_table, map(customer_item, people))
    return org
