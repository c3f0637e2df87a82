"""`python -m bench`"""

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
from bench.figures import show
from bench.world import world


def main() -> None:
    figures = [*cold_start.figures(), *quick_tests.figures()]
    with world():
        figures += [
            *requests_each.figures(),
            *request_time.figures(),
            *overhead.figures(),
            *first_load.figures(),
            *codes.figures(),
            *imports.figures(),
            *portal_invitations.figures(),
            *roster.figures(),
            *reports.figures(),
            *week.figures(),
            *customers.figures(),
            *waitlist.figures(),
            *rush.figures(),
            *clock.figures(),
            *full_session.figures(),
            *discounts.figures(),
        ]
    figures += [*pages.figures(), *growth.figures()]
    show(sorted(figures, key=lambda figure: figure.id))


if __name__ == "__main__":
    main()
