"""P16: how long the losers of a rush on the local stack wait for their answer, compared with its winners."""

import json
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.client import HTTPConnection
from statistics import median
from typing import NamedTuple
from urllib.parse import urlsplit

from bench.figures import Figure, at_most
from bench.stack import Running
from bench.world import now
from chalicelib.rules.times import written

SPOTS, PEOPLE, THREADS, ROUNDS = 60, 400, 32, 3
OF_A_HUNDRED = 95


class Answered(NamedTuple):
    status: int
    seconds: float


def figures(stack: Running) -> Iterator[Figure]:
    """Let 400 people ask for 60 spots at once, each from an address of their own, and compare both kinds of answers."""
    rounds = [_rush(stack) for _ in range(ROUNDS)]
    for which, of in (("median", median), ("95th percentile", _late)):
        ratio = median(of(lost) / of(won) for won, lost in rounds)
        yield at_most("P16", f"losers of a rush of {PEOPLE} for {SPOTS} spots: their {which} to the winners'", ratio, 1, "×")


def _rush(stack: Running) -> tuple[list[float], list[float]]:
    """Return the seconds of the answers to those who got a spot, and to those who did not."""
    session = _session(stack)
    with ThreadPoolExecutor(THREADS) as pool:
        responses = list(pool.map(lambda number: _register(stack, session, number), range(PEOPLE)))
    won, lost = ([one.seconds for one in responses if one.status == status] for status in (201, 409))
    assert (len(won), len(lost)) == (SPOTS, PEOPLE - SPOTS), [one.status for one in responses]
    return won, lost


def _late(seconds: list[float]) -> float:
    return sorted(seconds)[len(seconds) * OF_A_HUNDRED // 100]


def _session(stack: Running) -> str:
    starts = now() + timedelta(days=20)
    draft = {
        "title": "Rush",
        "time_zone": "Europe/Paris",
        "spots_total": SPOTS,
        "meetings": [{"starts_at": written(starts), "ends_at": written(starts + timedelta(hours=1))}],
        "tiers": [{"name": "Child", "price": {"amount": 0, "currency": "EUR"}}],
    }
    return str(stack.call("/v1/orgs/demo/sessions", draft)["id"])


def _register(stack: Running, session: str, number: int) -> Answered:
    """Register somebody from a loopback address of their own: the registrations of one address are counted."""
    body = {"email": f"rush{number}-{uuid.uuid4().hex[:6]}@example.org", "name": "A Parent", "participants": [{"name": "A Child"}]}
    client = HTTPConnection(urlsplit(stack.url).netloc, timeout=60, source_address=(f"127.1.{number // 200}.{number % 200 + 1}", 0))
    began = time.perf_counter()
    client.request("POST", f"/v1/portal/demo/sessions/{session}/registrations", json.dumps(body), {"Content-Type": "application/json"})
    response = client.getresponse()
    response.read()
    took = time.perf_counter() - began
    client.close()
    return Answered(response.status, took)
