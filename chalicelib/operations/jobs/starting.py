"""A job begins as rows, all of them or none; work follows from them."""

from collections.abc import Sequence

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib import telemetry
from chalicelib.operations.jobs.waking import wake
from chalicelib.rules.jobs import Job, in_rows
from chalicelib.tables import jobs


def start(job: Job, items: Sequence[str] = ()) -> None:
    """Begin the job with the items that are stored for it; a counted one has none. The same job begun again is the one that there is.

    Once its rows are written it will be done: if the queue cannot be reached now, the schedule wakes it.
    """
    jobs.create(job, in_rows(items))
    try:
        wake(job)
    except (ClientError, BotoCoreError):
        telemetry.failed()
