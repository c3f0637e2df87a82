"""`python -m bench`"""

import sys
import time
from collections.abc import Callable, Iterator

from bench import (
    clock,
    codes,
    cold_start,
    customers,
    discounts,
    first_load,
    full_session,
    growth,
    imports,
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
from bench.figures import Figure, show
from bench.world import world


def main() -> None:
    figures = [*timed(cold_start.figures), *timed(quick_tests.figures)]
    with world():
        figures += [
            *timed(requests_each.figures),
            *timed(request_time.figures),
            *timed(overhead.figures),
            *timed(first_load.figures),
            *timed(codes.figures),
            *timed(imports.figures),
            *timed(portal_invitations.figures),
            *timed(roster.figures),
            *timed(reports.figures),
            *timed(week.figures),
            *timed(customers.figures),
            *timed(waitlist.figures),
            *timed(rush.figures),
            *timed(clock.figures),
            *timed(full_session.figures),
            *timed(discounts.figures),
        ]
    figures += [*timed(pages.figures), *timed(growth.figures)]
    show(sorted(figures, key=lambda figure: figure.id))


def timed(figures: Callable[[], Iterator[Figure]]) -> list[Figure]:
    """Return the figures of a module, and print how long they took."""
    began = time.monotonic()
    found = list(figures())
    print(f"{figures.__module__.removeprefix('bench.')}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    return found


if __name__ == "__main__":
    main()
