"""How far a job of invitations has come with each customer."""

from typing import NamedTuple

from chalicelib.operations.portal_invitations.inviting import own_message
from chalicelib.rules.customers import Customer
from chalicelib.rules.jobs import Job
from chalicelib.rules.messages import Message
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import customers, jobs, messages

MOST_AT_ONCE = 100


class Progress(NamedTuple):
    """One customer of a job; no message while it is not its turn, or when there will be none: `left_out` says why."""

    id: str
    customer: Customer | None
    message: Message | None
    left_out: str


class ProgressPage(NamedTuple):
    items: list[Progress]
    next: int | None
    """How many come before the next page."""


def list_progress(org: str, job_id: str, *, limit: int, start: int = 0) -> ProgressPage:
    """Return a page of the customers of a job, in the order in which they are invited. Raises NotFound, also for a job of another kind."""
    job = jobs.get(org, job_id)
    if job.kind != "portal_invitations":
        raise NotFound
    owns = jobs.listed(job, start, min(limit, MOST_AT_ONCE))
    people = customers.find(org, owns)
    sent = messages.find(org, (own_message(job, own) for own in owns))
    reasons = {failure.item: failure.reason for failure in job.failures}
    items = [Progress(own, people.get(own), sent.get(own_message(job, own)), reasons.get(own, "")) for own in owns]
    following = start + len(owns)
    return ProgressPage(items, following if owns and following < job.total else None)


def count_skipped(job: Job) -> dict[str, int]:
    """Return how many of the audience were skipped from the start, by reason."""
    return dict(job.data.get("skipped", {}))
