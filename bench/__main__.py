"""`python -m bench`"""

from bench import codes, cold_start, customers, imports, pages, portal_invitations, reports, requests_each, roster, rush, waitlist, week
from bench.figures import show
from bench.world import world


def main() -> None:
    figures = [*cold_start.figures()]
    with world():
        figures += [
            *requests_each.figures(),
            *codes.figures(),
            *imports.figures(),
            *portal_invitations.figures(),
            *roster.figures(),
            *reports.figures(),
            *week.figures(),
            *customers.figures(),
            *waitlist.figures(),
            *rush.figures(),
        ]
    figures += pages.figures()
    show(sorted(figures, key=lambda figure: figure.id))


if __name__ == "__main__":
    main()
