"""Runs the steps of a job. Each may be delivered more than once, and may fail at any point."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from chalicelib import telemetry
from chalicelib.operations import notifications
from chalicelib.operations.jobs.queue import queue_step
from chalicelib.rules.actor import CLOCK, Actor
from chalicelib.rules.jobs import BULK, LONGEST, Failure, Job, JobKind, after_step, as_failed, is_stalled, is_too_old
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import jobs, organisations, usage
from chalicelib.tables.actor import acting

Work = Callable[[Job, Sequence[str], datetime], Sequence[Failure]]
"""Processes some items of a job and returns the failed ones. Must be safe to repeat."""


def run_step(org: str, job_id: str, work: Mapping[JobKind, Work], *, now: datetime) -> None:
    """Run the job's next step and queue the following one. Does nothing for an unknown job, or for a bulk job that is paused.

    If another worker has completed the step meanwhile, that worker's result counts, and it queues the following step.
    """
    try:
        job = jobs.get(org, job_id)
    except NotFound:
        return
    if job.status == "done":
        notifications.record_job(job, now=now)  # The worker of the last step may have failed before it recorded this.
        return
    if _is_paused(job, now):
        return
    items = jobs.items(job)
    with acting(_starter(job)):
        failures = work[job.kind](job, items, now)
    after = after_step(job, len(items), failures, now=now)
    try:
        jobs.save(after, was=job)
    except jobs.StepDone:
        return
    if after.open:
        queue_step(after)
    notifications.record_job(after, now=now)


def wake(org: str, *, since: datetime) -> int:
    """Queue the next step of the paused bulk jobs made since then, and return how many. Others ignore a repeated step."""
    paused = [job for job in jobs.since(org, since - 2 * LONGEST) if job.kind in BULK and job.status != "done"]
    for job in paused:
        queue_step(job)
    return len(paused)


def _is_paused(job: Job, now: datetime) -> bool:
    if job.kind not in BULK:
        return False
    return organisations.get(job.org).suspended_at is not None or usage.mails_today(job.org, now=now).does_harm


def _starter(job: Job) -> Actor:
    """Return the staff member who started the job: its steps are done in their name."""
    return Actor("staff", name=job.by) if job.by else CLOCK


def fail_job(org: str, job_id: str, *, now: datetime) -> None:
    """Mark the job failed, unless it has ended. A step that arrives later resumes it. Raises NotFound."""
    job = jobs.get(org, job_id)
    if not job.open:
        notifications.record_job(job, now=now)
        return
    failed = as_failed(job, now=now)
    try:
        jobs.save(failed, was=job)
    except jobs.StepDone:
        return
    telemetry.count("JobFailed")
    notifications.record_job(failed, now=now)


def resume_stalled(org: str, *, now: datetime) -> int:
    """Queue the next step of stalled jobs and return how many. Those that are too old are marked failed; paused ones stay paused."""
    return sum(_resume(job, now) for job in jobs.since(org, now - 2 * LONGEST))


def resume_job(org: str, job_id: str, *, now: datetime) -> bool:
    """Queue the next step of the job if it is stalled, and return whether that was done. Raises NotFound."""
    return _resume(jobs.get(org, job_id), now)


def _resume(job: Job, now: datetime) -> bool:
    if not is_stalled(job, now) or _is_paused(job, now):
        return False
    if is_too_old(job, now):
        fail_job(job.org, job.id, now=now)
        return False
    queue_step(job)
    return True
