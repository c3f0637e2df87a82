"""Jobs: long work, with progress."""

from chalicelib.api import lists
from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.responses import ApiResponse, Out
from chalicelib.api.shapes import Moment
from chalicelib.operations import jobs
from chalicelib.rules.jobs import Job, JobKind, JobStatus
from chalicelib.web.audience import Staff

JOBS = "/v1/orgs/{org}/jobs"


class JobStartedOut(Out):
    """The job has started: its progress is at `/jobs/{job}`."""

    job: str


class JobFailureOut(Out):
    item: str
    reason: str


class JobOut(Out):
    id: str
    kind: JobKind
    status: JobStatus
    done: int
    """The number processed out of `total`, failures included."""
    total: int
    failures: list[JobFailureOut]
    skipped: dict[str, int]
    """The number of people skipped from the start, by reason."""
    session: str | None
    """The resource that the job works on."""
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
            failures=[JobFailureOut(item=failure.item, reason=failure.reason) for failure in job.failures],
            skipped=job.data.get("skipped", {}),
            session=job.data.get("session"),
            by=job.by,
            created_at=job.created_at,
            ended_at=job.ended_at,
        )


class JobsOut(Out):
    items: list[JobOut]
    next: str | None


@endpoint("GET", JOBS, id="jobs.list_jobs", who=Staff("read"), gives={200: JobsOut}, query=lists.QUERY)
def list_jobs(request: Request[None]) -> ApiResponse:
    """List jobs, latest first."""
    paging = lists.list_query(request.call)
    page = jobs.list_jobs(request.org, limit=paging.limit, start=paging.start)
    return ApiResponse(200, JobsOut(items=[JobOut.of(job) for job in page.items], next=lists.cursor(request.call, page.next)))


@endpoint("GET", JOBS + "/{job}", id="jobs.read_job", who=Staff("read"), gives={200: JobOut})
def read_job(request: Request[None]) -> ApiResponse:
    """Read a job's progress and failures."""
    return ApiResponse(200, JobOut.of(jobs.read_job(request.org, request["job"])))
