"""The order of the bench: what is timed, each part alone; then counts and processor time, while a local stack rests that must not be used.

A part that fails is named in the table, and the exit code is 1. What the others have measured is kept.
"""

import sys
import time
import traceback
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

from bench import (
    clock,
    codes,
    cold_start,
    customers,
    discounts,
    first_load,
    full_session,
    growth,
    idle,
    imports,
    losers,
    overhead,
    pages,
    portal_invitations,
    quick_tests,
    reports,
    request_time,
    requests_each,
    roster,
    rush,
    waitlist,
    week,
)
from bench.crowd import crowded
from bench.figures import Figure, show
from bench.world import world


def main() -> int:
    found = [*_timed(), *_of_a_stack()]
    show(sorted(found, key=lambda figure: figure.id))
    return int(any(figure.id == FAILED for figure in found))


def _timed() -> list[Figure]:
    """Measure what other programs would slow down."""
    found = [*measured(cold_start.figures), *measured(quick_tests.figures)]
    with world():
        found += [
            *measured(request_time.figures),
            *measured(overhead.figures),
            *measured(first_load.figures),
            *measured(codes.figures),
            *measured(roster.figures),
            *measured(reports.figures),
            *measured(week.figures),
            *measured(waitlist.figures),
            *measured(rush.figures),
        ]
    return found


def _of_a_stack() -> list[Figure]:
    """Measure a filled local stack, and, while it rests for minutes, what nothing slows down."""
    with crowded() as stack, ThreadPoolExecutor(1) as aside, ProcessPoolExecutor(1, get_context("spawn")) as apart:
        found = [*measured(pages.figures, stack), *measured(losers.figures, stack)]
        resting, grown = aside.submit(measured, idle.figures, stack), apart.submit(_grown)
        return [*found, *_counted(), *measured(_result, grown), *resting.result()]


def _grown() -> list[Figure]:
    """Measure processor time of thousands of rows, in a process and a database of their own."""
    with world():
        return [*measured(imports.figures), *measured(portal_invitations.figures)]


def _result(grown: Future[list[Figure]]) -> list[Figure]:
    """Return what the other process has measured. Raises BrokenExecutor if that died."""
    return grown.result()


def _counted() -> list[Figure]:
    """Count requests and units."""
    with world():
        found = [
            *measured(requests_each.figures),
            *measured(full_session.figures),
            *measured(discounts.figures),
            *measured(customers.figures),
        ]
    return [*found, *measured(clock.figures), *measured(growth.figures)]


FAILED = "!"


def measured(figures: Callable[..., Iterable[Figure]], *arguments: object) -> list[Figure]:
    """Return the figures of a module, and print how long they took. Those of one that fails end with its failure."""
    began, found = time.monotonic(), list[Figure]()
    name = figures.__module__.removeprefix("bench.")
    try:
        found.extend(figures(*arguments))
    except Exception:
        traceback.print_exc()
        found.append(Figure(FAILED, f"{name} could not be measured", 0, "", "", reached=False))
    print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    return found
