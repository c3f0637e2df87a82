"""P13: a report over 10,000 registrations: requests and processor time."""

import time
from collections.abc import Iterator
from datetime import timedelta
from statistics import median

from bench.counting import counting
from bench.figures import Figure, at_most
from bench.world import ORG, now
from chalicelib.operations.reports import read_report
from chalicelib.rules.figures import FactKey
from chalicelib.tables import figures as rows
from chalicelib.tables.figures import Figures, Header

SESSIONS, EACH = 1000, 10
ROUNDS = 9


def _session(number: int) -> Figures:
    """Return the figures of a session with ten registrations on ten days and four meetings."""
    began = now().date() - timedelta(days=number % 300)
    booked = {FactKey("booked", began + timedelta(days=day), "EUR"): (1, 1250) for day in range(EACH)}
    paid = {FactKey("received", began + timedelta(days=day + 1), "EUR"): (1250,) for day in range(EACH)}
    met = {FactKey("meetings", began + timedelta(days=14 + 7 * week)): (1, 12, EACH) for week in range(4)}
    return Figures(f"session{number}", f"Course {number}", ("kids", "sport")[: number % 3], {**booked, **paid, **met}, {})


def figures() -> Iterator[Figure]:
    for number in range(SESSIONS):
        rows.write([rows.put_writes(ORG, _session(number), Header(), digest="bench", zone="Europe/Paris")])
    for name, by in (("revenue", "month"), ("revenue", "session"), ("occupancy", "tag")):
        spent = list[float]()
        for _ in range(ROUNDS):
            began = time.process_time()
            with counting() as count:
                read_report(ORG, name, first=None, last=None, by=by, now=now())
            spent.append(time.process_time() - began)
        what = f"report of 10,000 registrations, {name} by {by}"
        yield at_most("P13", f"{what}: requests", count.requests, 20, "requests")
        yield at_most("P13", f"{what}: processor time", median(spent) * 1000, 150, "ms")
