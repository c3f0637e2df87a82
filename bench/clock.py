"""P11: the clock's idle minute with 10, 1,000 and 10,000 organisations, and the recount with 100,000 sessions that are over.

Requests are counted on moto, whose tables take so many rows in seconds; DynamoDB Local would need minutes to write them.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from bench.counting import Count, counting
from bench.figures import Figure, at_most
from bench.simulation import ORG, World, plant, session, simulated
from bench.world import now
from chalicelib.config import config
from chalicelib.events import schedules
from chalicelib.operations import recount
from chalicelib.rules.times import written
from chalicelib.tables import keys
from chalicelib.tables.items import Item, item

ORGANISATIONS = (10, 1_000, 10_000)
OVER = 100_000
MOST = 100


def figures() -> Iterator[Figure]:
    with simulated() as world:
        yield from _idle_minutes()
        yield from _recounts(world)


def _idle_minutes() -> Iterator[Figure]:
    requests, before = list[int](), 0
    for many in ORGANISATIONS:
        plant(config().records_table, (keys.organisation_listed(f"o{number}").stored() for number in range(before, many)))
        requests.append(_idle_minute())
        before = many
        yield at_most("P11", f"an idle minute with {many:,} organisations: requests", requests[-1], MOST, "requests")
    yield at_most("P11", f"… and with {ORGANISATIONS[-1]:,}, beside {ORGANISATIONS[0]}: more", requests[-1] - requests[0], 0, "requests")


def _idle_minute() -> int:
    """Return the requests of a minute in which nothing is due. The one before has done what was."""
    minute = now().replace(minute=1)
    schedules.run(minute)
    with counting() as count:
        schedules.run(minute)
    return count.requests


def _recounts(world: World) -> Iterator[Figure]:
    session()
    _recounted(world)
    none = _recounted(world)
    plant(config().rosters_table, (_over(number, now()) for number in range(OVER)))
    some = _recounted(world)
    yield at_most("P11", f"the recount with {OVER:,} sessions that are over: more", some.requests - none.requests, 0, "requests")
    yield at_most("P11", f"the recount with {OVER:,} sessions that are over: more", some.read_units - none.read_units, 0, "RCU")


def _recounted(world: World) -> Count:
    """Recount the organisation, and return what it took."""
    world.sqs.waiting.clear()
    steps = [recount.RecountStep(written(now()), ORG)]
    with counting() as count:
        while steps:
            recount.run_step(steps.pop(), now=now())
            steps += [step for body in world.sqs.waiting if (step := recount.step_from(body))]
            world.sqs.waiting.clear()
    return count


def _over(number: int, at: datetime) -> Item:
    """Return what the calendar has of a session that was over long ago."""
    ended = written(at - timedelta(days=30, minutes=number))
    return {**keys.session(ORG, f"over{number}").stored(), **item({"calendar": ORG, "calendar_at": f"{ended}#over{number}"})}
