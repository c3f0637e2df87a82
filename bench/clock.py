"""P11: the clock's idle minute with 10, 1,000 and 10,000 organisations, and the recount with 100,000 sessions that are over."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import islice
from types import SimpleNamespace
from typing import Any

from bench.counting import Count, counting
from bench.figures import Figure, at_most
from bench.world import ORG, now, session
from chalicelib import clients
from chalicelib.config import config
from chalicelib.events import schedules
from chalicelib.operations import recount
from chalicelib.rules.times import written
from chalicelib.tables import keys
from chalicelib.tables.items import Item, item

ORGANISATIONS = (10, 1_000, 10_000)
OVER = 100_000
MOST = 100
BATCH, THREADS = 25, 8


def figures() -> Iterator[Figure]:
    asked, before = list[int](), 0
    for many in ORGANISATIONS:
        _write(config().records_table, (keys.organisation_listed(f"o{number}").stored() for number in range(before, many)))
        asked.append(_idle_minute())
        before = many
        yield at_most("P11", f"an idle minute with {many:,} organisations: requests", asked[-1], MOST, "requests")
    yield at_most("P11", f"… and with {ORGANISATIONS[-1]:,}, beside {ORGANISATIONS[0]}: more", asked[-1] - asked[0], 0, "requests")
    session(12)
    _recounted()
    none = _recounted()
    _write(config().rosters_table, (_over(number, now()) for number in range(OVER)))
    some = _recounted()
    yield at_most("P11", f"the recount with {OVER:,} sessions that are over: more", some.requests - none.requests, 0, "requests")
    yield at_most("P11", f"the recount with {OVER:,} sessions that are over: more", some.read_units - none.read_units, 0, "RCU")


def _idle_minute() -> int:
    """Return the requests of a minute in which nothing is due. The one before has done what was."""
    minute = now().replace(minute=1)
    schedules.run(minute)
    with counting() as count:
        schedules.run(minute)
    return count.requests


def _recounted() -> Count:
    """Recount the organisation, and return what it took."""
    queued = list[dict[str, Any]]()

    def send(**asked: Any) -> dict[str, Any]:
        queued.extend(asked["Entries"])
        return {}

    real, clients.sqs = clients.sqs, lambda: SimpleNamespace(send_message_batch=send)  # type: ignore[assignment]
    steps = [recount.RecountStep(written(now()), ORG)]
    try:
        with counting() as count:
            while steps:
                recount.run_step(steps.pop(), now=now())
                steps += [step for message in queued if (step := recount.step_from(message["MessageBody"]))]
                queued.clear()
    finally:
        clients.sqs = real
    return count


def _over(number: int, at: datetime) -> Item:
    """Return what the calendar has of a session that was over long ago."""
    ended = written(at - timedelta(days=30, minutes=number))
    return {**keys.session(ORG, f"over{number}").stored(), **item({"calendar": ORG, "calendar_at": f"{ended}#over{number}"})}


def _write(table: str, rows: Iterable[Item]) -> None:
    some = iter(rows)
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda batch: _write_batch(table, batch), iter(lambda: list(islice(some, BATCH)), [])))


def _write_batch(table: str, rows: list[Item]) -> None:
    unwritten: Any = {table: [{"PutRequest": {"Item": row}} for row in rows]}
    while unwritten:
        unwritten = clients.dynamodb().batch_write_item(RequestItems=unwritten)["UnprocessedItems"]
