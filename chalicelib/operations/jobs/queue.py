"""The queue of jobs: a message in it asks for the next step of a job."""

import json

from chalicelib import clients
from chalicelib.config import config
from chalicelib.rules.jobs import Job


def queue_step(job: Job) -> None:
    """Queue the next step of the job. Duplicate messages are harmless: each step counts once."""
    clients.sqs().send_message(QueueUrl=config().jobs_queue, MessageBody=json.dumps({"org": job.org, "job": job.id}))


def ids_from(body: str) -> tuple[str, str]:
    """Return (org, job id) from a message of the queue."""
    named = json.loads(body)
    return named["org"], named["job"]
