"""The queue that carries the steps of jobs: a message in it says that a job is to go on."""

import json

from chalicelib import clients
from chalicelib.rules.jobs import Job
from chalicelib.settings import settings


def wake(job: Job) -> None:
    """Have the next step of the job done. Too often does no harm: the step is done once."""
    clients.sqs().send_message(QueueUrl=settings().jobs_queue, MessageBody=json.dumps({"org": job.org, "job": job.id}))


def woken(body: str) -> tuple[str, str]:
    """Return (org, job) that a message in the queue names."""
    named = json.loads(body)
    return named["org"], named["job"]
