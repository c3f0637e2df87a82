"""Jobs: long work, with its progress."""

from chalicelib.api import lists
from chalicelib.api.answers import Answer, Out
from chalicelib.api.endpoints import Request, Staff, endpoint
from chalicelib.api.shapes import Moment
from chalicelib.operations import jobs
from chalicelib.rules.jobs import Job, Kind, Status

JOBS = "/v1/orgs/{org}/jobs"


class BegunOut(Out):
    """The work has begun: its progress is at `/jobs/{job}`."""

    job: str


class FailureOut(Out):
    item: str
    reason: str


class JobOut(Out):
    id: str
    kind: Kind
    status: Status
    done: int
    """Of `total`; what failed counts as dealt with."""
    total: int
    failures: list[FailureOut]
    skipped: dict[str, int]
    """How many of an audience were left out from the start, by reason."""
    session: str | None
    """What it is about."""
    by: str
    created_at: Moment
    ended_at: Moment | None

    @classmethod
    def of(cls, job: Job) -> "JobOut":
        return cls(
            id=job.id,
            kind=job.kind,
            status=job.status,
            done=job.done,
            total=job.total,
            failures=[FailureOut(item=failure.item, reason=failure.reason) for failure in job.failures],
            skipped=job.data.get("skipped", {}),
            session=job.data.get("session"),
            by=job.by,
            created_at=job.created_at,
            ended_at=job.ended_at,
        )


class JobsOut(Out):
    items: list[JobOut]
    next: str | None


@endpoint("GET", JOBS, who=Staff("viewer"), gives={200: JobsOut}, query=lists.QUERY)
def list_jobs(request: Request[None]) -> Answer:
    """List jobs, latest first."""
    asked = lists.wanted(request.call)
    page = jobs.list_jobs(request.org, limit=asked.limit, start=asked.start)
    return Answer(200, JobsOut(items=[JobOut.of(job) for job in page.items], next=lists.cursor(request.call, page.next)))


@endpoint("GET", JOBS + "/{job}", who=Staff("viewer"), gives={200: JobOut})
def read_job(request: Request[None]) -> Answer:
    """Read how far a job has come, and what of it failed."""
    return Answer(200, JobOut.of(jobs.read_job(request.org, request["job"])))
