"""Starts a job: all of its rows are written in one transaction, or none."""

from collections.abc import Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib import telemetry
from chalicelib.operations.jobs.queue import queue_step
from chalicelib.rules.jobs import Job, in_rows
from chalicelib.tables import jobs


def start(job: Job, items: Sequence[str] = ()) -> None:
    """Store the job with its items and queue its first step. Does nothing new for a job that exists. A counted job has no items.

    Once stored, the job will run: if the queue cannot be reached now, the schedule queues it.
    """
    jobs.create(job, in_rows(items))
    _queue(job)


def start_with(job: Job, items: Sequence[str], also: Sequence[dict[str, Any]]) -> bool:
    """Store the job with its items and do the writes `also`, all or nothing, and queue its first step.

    True also for a job that exists: an earlier attempt did all of it. False when a write of `also` failed its condition.
    """
    if not jobs.create(job, in_rows(items), also=also) and not jobs.is_stored(job.org, job.id):
        return False
    _queue(job)
    return True


def _queue(job: Job) -> None:
    try:
        queue_step(job)
    except (ClientError, BotoCoreError):
        telemetry.record_failure()


def is_started(org: str, job_id: str) -> bool:
    """Whether an earlier attempt stored the job."""
    return jobs.is_stored(org, job_id)
