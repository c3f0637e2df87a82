"""Rows of an earlier version, which its clock found by organisation: they are moved to where the clock looks now.

The hourly recount does it for each organisation, so that it also finds what an older function has written during an upgrade;
`python -m infra reconcile --repair` does it at once. Each move is conditional on the place that was read, and is safe while people book.
"""

from datetime import datetime

from chalicelib.operations import invitations, jobs
from chalicelib.tables import clock, keys
from chalicelib.tables.keys import ClockKind

PARTITIONS: dict[ClockKind, str] = {
    "invitations": "{org}",
    "waitlists": "{org}#waitlist",
    "portal": "{org}",
    "unsent": "{org}",
    "gathering": "{org}#gathering",
}
"""Where an earlier version has put the rows of each kind."""


def migrate_rows(org: str, *, now: datetime) -> int:
    """Migrate the rows of an organisation, and do what was due on others of an earlier version. Return how many rows were moved."""
    moved = sum(_move(kind, org, partition.format(org=org)) for kind, partition in PARTITIONS.items())
    invitations.sweep(org, now=now)
    jobs.resume_stalled(org, now=now)
    return moved


def _move(kind: ClockKind, org: str, partition: str) -> int:
    index = clock.index_of(kind)
    rows = clock.of_an_earlier_version(index, partition)
    return sum(clock.move(kind, one, was=partition) for one in rows if kind != "portal" or one.key.sk.startswith(keys.CUSTOMER))
