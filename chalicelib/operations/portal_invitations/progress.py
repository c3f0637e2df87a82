"""The progress of a job of portal invitations, customer by customer."""

from typing import NamedTuple

from chalicelib.operations.portal_invitations.invite import message_of
from chalicelib.rules.customers import Customer
from chalicelib.rules.jobs import Job
from chalicelib.rules.messages import Message
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import customers, jobs, messages

MOST_AT_ONCE = 100


class Progress(NamedTuple):
    """One customer of a job. `message` is None until it is queued, and for a customer left out: `left_out` is the reason."""

    id: str
    customer: Customer | None
    message: Message | None
    left_out: str


class ProgressPage(NamedTuple):
    items: list[Progress]
    next: int | None
    """The index of the next page's first customer, None on the last page."""


def list_progress(org: str, job_id: str, *, limit: int, start: int = 0) -> ProgressPage:
    """Return a page of a job's customers in the order of sending. Raises NotFound, also for a job of another kind."""
    job = jobs.get(org, job_id)
    if job.kind != "portal_invitations":
        raise NotFound
    ids = jobs.stored_items(job, start, min(limit, MOST_AT_ONCE))
    people = customers.find(org, ids)
    sent = messages.find(org, (message_of(job, id) for id in ids))
    reasons = {failure.item: failure.reason for failure in job.failures}
    items = [Progress(id, people.get(id), sent.get(message_of(job, id)), reasons.get(id, "")) for id in ids]
    next_start = start + len(ids)
    return ProgressPage(items, next_start if ids and next_start < job.total else None)


def count_skipped(job: Job) -> dict[str, int]:
    """Return the number of customers skipped at the start, by reason."""
    return dict(job.data.get("skipped", {}))
