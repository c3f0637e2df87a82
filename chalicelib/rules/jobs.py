"""A job: long work in slices, with progress that staff can follow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

JobKind = Literal[
    "mailing",
    "codes",
    "codes_table",
    "orders_table",
    "customers_table",
    "import",
    "portal_invitations",
    "group",
    "erase",
    "correction",
    "session_invitations",
    "checkouts",
    "refunds",
    "orders",
    "cancellation",
]
JobStatus = Literal["queued", "running", "done", "failed"]

BULK: frozenset[JobKind] = frozenset({"mailing", "portal_invitations", "session_invitations"})
"""The kinds that send e-mails to many. They are paused while the organisation is suspended, and on a day on which too many of its e-mails
come back; then they go on where they stopped."""
SLICE = 100
"""How many items one step works on: few enough for the shortest time that a step may take."""
ROW = 4_000
"""How many of the items one row holds: as many as it has room for."""
MOST_FAILURES = 500
"""How many are kept: a row has room for no more."""
LEFT_BEHIND = timedelta(minutes=10)
"""A job without progress for so long has lost its next step."""
LONGEST = timedelta(days=1)
"""An older job is given up."""


class Failure(NamedTuple):
    """An item that could not be worked on, and why in one word."""

    item: str
    reason: str


@dataclass(frozen=True, slots=True)
class Job:
    """Work on `total` items, of which the first `done` are handled. `data` has the parameters of the work."""

    org: str
    id: str
    kind: JobKind
    total: int
    by: str
    created_at: datetime
    moved_at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)
    status: JobStatus = "queued"
    done: int = 0
    counted: int = 0
    """Items that are mere numbers, from 0 up, are not stored: this many make a step. 0 when the items are stored."""
    failures: tuple[Failure, ...] = ()
    ended_at: datetime | None = None

    @property
    def open(self) -> bool:
        return self.status in {"queued", "running"}


def in_rows(items: Sequence[str]) -> dict[int, Sequence[str]]:
    """Return the stored rows of the items: index of the first item → items."""
    return {first: items[first : first + ROW] for first in range(0, len(items), ROW)}


def row_of(job: Job) -> int:
    """Return the row in which the next step starts, as the index of the row's first item."""
    return job.done // ROW * ROW


def next_numbers(job: Job) -> list[str]:
    """Return the items of a counted job's next step."""
    return [str(number) for number in range(job.done, min(job.done + job.counted, job.total))]


def is_stalled(job: Job, now: datetime) -> bool:
    """Whether the job has had no progress for so long that its next step must be lost."""
    return job.open and now > stalls_at(job)


def stalls_at(job: Job) -> datetime:
    return job.moved_at + LEFT_BEHIND


def is_too_old(job: Job, now: datetime) -> bool:
    """Whether the job is given up. A bulk job may have been paused until midnight."""
    return now - job.created_at > (LONGEST * 3 / 2 if job.kind in BULK else LONGEST)


def after_step(job: Job, handled: int, failures: Sequence[Failure], *, now: datetime) -> Job:
    """Return the job after a step that handled this number of items. A step that handled none before the end fails the job."""
    done = job.done + handled
    status: JobStatus = "done" if done >= job.total else "running" if handled else "failed"
    kept = (*job.failures, *failures)[:MOST_FAILURES]
    return replace(job, status=status, done=done, failures=kept, moved_at=now, ended_at=None if status == "running" else now)


def as_failed(job: Job, *, now: datetime) -> Job:
    return replace(job, status="failed", moved_at=now, ended_at=now)
