"""The steps of a job. Each may be handed over more than once, and may die anywhere."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from chalicelib import telemetry
from chalicelib.operations import notifications
from chalicelib.operations.jobs.waking import wake
from chalicelib.rules.jobs import LONGEST, Failure, Job, Kind, after_step, given_up, left_behind, too_old
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import jobs

Work = Callable[[Job, Sequence[str], datetime], Sequence[Failure]]
"""Does what a job is for with some of its items, and returns those that could not be done. It must be repeatable."""


def go_on(org: str, job_id: str, work: Mapping[Kind, Work], *, now: datetime) -> None:
    """Do the job's next step and queue the one after it.

    A step that was done meanwhile does not count again, and whoever did it queues the next.
    """
    try:
        job = jobs.get(org, job_id)
    except NotFound:
        return
    if job.status == "done":
        notifications.ring_job(job, now=now)  # Whoever did the last step may have died before.
        return
    items = jobs.items(job)
    after = after_step(job, len(items), work[job.kind](job, items, now), now=now)
    try:
        jobs.save(after, was=job)
    except jobs.WentOn:
        return
    if after.open:
        wake(after)
    notifications.ring_job(after, now=now)


def give_up(org: str, job_id: str, *, now: datetime) -> None:
    """Note that the job failed, unless it is done. A step that comes all the same takes it up again."""
    job = jobs.get(org, job_id)
    if not job.open:
        notifications.ring_job(job, now=now)
        return
    failed = given_up(job, now=now)
    try:
        jobs.save(failed, was=job)
    except jobs.WentOn:
        return
    telemetry.counted("JobFailed")
    notifications.ring_job(failed, now=now)


def wake_left_behind(org: str, *, now: datetime) -> int:
    """Wake the jobs that have lost their step, give up those that are too old, and return how many were woken."""
    woken = 0
    for job in jobs.since(org, now - 2 * LONGEST):
        if not left_behind(job, now):
            continue
        if too_old(job, now):
            give_up(org, job.id, now=now)
        else:
            wake(job)
            woken += 1
    return woken
