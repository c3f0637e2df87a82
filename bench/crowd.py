"""Fills a local stack with 10,000 customers, 1,000 sessions and a roster of 300, as fast as the tables take them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.error import HTTPError

from bench import rows
from bench.customers import people
from bench.stack import Running, running
from bench.world import enter, now, own_environment
from chalicelib.config import config
from chalicelib.operations.registrations import add
from chalicelib.operations.sessions import create_session
from chalicelib.rules.customers import Customer
from chalicelib.rules.groups import Group
from chalicelib.rules.inputs.roster import AddInput
from chalicelib.rules.inputs.sessions import SessionInput
from chalicelib.rules.times import written
from chalicelib.tables import customers, keys
from chalicelib.tables.customers.index import index_writes
from chalicelib.tables.customers.rows import customer_item
from chalicelib.tables.items import Item, item
from infra.local.state import running_environment

DEMO, GROUP = "demo", "regulars"
CUSTOMERS, SESSIONS, PEOPLE = 10_000, 1_000, 300


@contextmanager
def crowded() -> Iterator[Running]:
    """Start a local stack, fill it, and wait until everything that follows is done."""
    with TemporaryDirectory() as folder, running(Path(folder)) as stack:
        with own_environment():
            enter(running_environment(Path(folder)) or {})
            _fill()
        _settle(stack)
        yield stack


def _fill() -> None:
    at = now()
    rows.write(config().records_table, (row for customer in _people(at) for row in _rows(customer)))
    with ThreadPoolExecutor(rows.THREADS) as pool:
        list(pool.map(lambda number: _session(number, at), range(SESSIONS)))
    _roster(at)


def _people(at: datetime) -> Iterator[Customer]:
    """Yield customers of whom one in a hundred has an account, and one in fifty is in the group."""
    customers.create_group(Group(DEMO, GROUP, "Regulars", at))
    for number, one in enumerate(people(DEMO, CUSTOMERS, at)):
        yield replace(one, status="accepted" if number % 100 == 0 else "added", groups=(GROUP,) if number % 50 == 7 else ())


def _rows(customer: Customer) -> Iterator[Item]:
    yield customer_item(customer)
    yield {**keys.address(DEMO, customer.email).stored(), **item({"customer": customer.id})}
    yield from (put["Put"]["Item"] for put in index_writes(customer))


def _session(number: int, at: datetime) -> str:
    starts = at + timedelta(days=1, minutes=45 * number)
    draft = {
        "title": f"Class {number}",
        "time_zone": "Europe/Paris",
        "spots_total": 12,
        "meetings": [{"starts_at": written(starts), "ends_at": written(starts + timedelta(hours=1))}],
        "tiers": [{"name": "Child", "price": {"amount": 1250, "currency": "EUR"}}],
    }
    return create_session(DEMO, SessionInput.model_validate(draft), key=f"bench-{number}", now=at).session.id


def _roster(at: datetime) -> None:
    starts = at + timedelta(hours=3)
    draft: dict[str, Any] = {
        "title": "A Full Hall",
        "time_zone": "Europe/Paris",
        "spots_total": PEOPLE,
        "meetings": [{"starts_at": written(starts), "ends_at": written(starts + timedelta(hours=1))}],
        "tiers": [{"name": "Child", "price": {"amount": 1250, "currency": "EUR"}}],
    }
    hall = create_session(DEMO, SessionInput.model_validate(draft), key="bench-hall", now=at).session.id
    for number in range(PEOPLE):
        body = {
            "new_customer": {"name": f"Parent {number}", "email": f"parent{number}@example.org"},
            "participants": [{"name": f"Child {number}"}],
            "billing": {"method": "later"},
            "send_confirmation": False,
        }
        add(DEMO, hall, AddInput.model_validate(body), by="owner", key=f"bench-{number}", now=at)


def _settle(stack: Running) -> None:
    """Wait until the streams have followed: a run of the schedules answers 503 while they are behind."""
    while True:
        try:
            stack.call("/_local/run-schedules", {})
            return
        except HTTPError as behind:
            if behind.code != 503:
                raise
        except TimeoutError:  # On a busy computer they take longer than a request waits.
            continue
