"""Jobs and their progress, for staff."""

from typing import NamedTuple

from chalicelib.rules.jobs import Job
from chalicelib.tables import jobs
from chalicelib.tables.items import Item


class JobPage(NamedTuple):
    items: list[Job]
    next: Item | None


def list_jobs(org: str, *, limit: int, start: Item | None = None) -> JobPage:
    """Return a page of jobs, latest first."""
    return JobPage(*jobs.page(org, limit=limit, start=start))


def read_job(org: str, job_id: str) -> Job:
    """Return the job. Raises NotFound."""
    return jobs.get(org, job_id)
