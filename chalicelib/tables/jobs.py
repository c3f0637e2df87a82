"""Jobs: a row each, and rows with their items. Progress is written only over the progress that was read.

Times are kept to the microsecond, to order jobs, and to distinguish steps by `moved_at`, within one second.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from chalicelib.config import config
from chalicelib.rules import jobs as rules
from chalicelib.rules import times
from chalicelib.rules.jobs import Job, next_numbers, row_of
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.codec import MICROSECONDS, Codec
from chalicelib.tables.conditions import NEW, Update, differs, equals, unchanged
from chalicelib.tables.items import Item, item, plain, stored

JOBS = Codec(Job, elsewhere={"org", "id"}, always={"status", "done", "failures"}, forms={"moved_at": MICROSECONDS})
PROGRESS = ("status", "done", "failures", "moved_at", "ended_at")
"""The writes of a step."""


class StepDone(Exception):
    """Another process has done this step."""


def create(job: Job, rows: Mapping[int, Sequence[str]], *, also: Sequence[dict[str, Any]] = ()) -> bool:
    """Write a new job with its items, and `also`, in one transaction. False, with nothing written, when it exists or `also` failed."""
    try:
        dynamodb.transact([*writes(job, rows), *also])
    except dynamodb.TransactionFailed:
        return False
    return True


def writes(job: Job, rows: Mapping[int, Sequence[str]]) -> list[dict[str, Any]]:
    """Return the writes of a new job with its items, for a transaction. They fail when it exists already."""
    new = [_item(job), *(_row(job, first, items) for first, items in rows.items())]
    return [dynamodb.put_write(config().records_table, row, NEW) for row in new]


def is_stored(org: str, id: str) -> bool:
    return dynamodb.get(config().records_table, keys.job(org, id)) is not None


def get(org: str, id: str) -> Job:
    """Return the job. Raises NotFound."""
    found = dynamodb.get(config().records_table, keys.job(org, id))
    if not found:
        raise NotFound
    return job_from(found)


def items(job: Job) -> list[str]:
    """Return the items of the job's next step; none when all are handled."""
    if job.counted:
        return next_numbers(job)
    first = row_of(job)
    found = dynamodb.get(config().records_table, keys.job_items(job.org, job.id, first))
    start = job.done - first
    return list(plain(found)["items"])[start : start + rules.SLICE] if found else []


def stored_items(job: Job, start: int, limit: int) -> list[str]:
    """Return at most `limit` stored items of the job, from index `start` on; fewer where a row ends."""
    first = start // rules.ROW * rules.ROW
    found = dynamodb.get(config().records_table, keys.job_items(job.org, job.id, first))
    return list(plain(found)["items"])[start - first :][:limit] if found else []


def save(job: Job, *, was: Job) -> None:
    """Write the job's progress over the progress that was read. Raises StepDone when it has changed, or the job is done."""
    values = JOBS.changes(job)
    change = Update().set(**{name: values[name] for name in PROGRESS}, **_watched(job))
    nobody_went_on = equals("done", was.done) & differs("status", "done")
    try:
        dynamodb.update(config().records_table, keys.job(job.org, job.id), change, nobody_went_on)
    except dynamodb.ConditionFailed as failed:
        if not (failed.old and _same_progress(job_from(failed.old), job)):
            raise StepDone from None


def export_job_of(org: str, what: str) -> str:
    """Return the id of the latest job that exported the same; empty when there was none."""
    found = dynamodb.get(config().records_table, keys.export_job(org, what))
    return str(found["job"]["S"]) if found else ""


def record_export_job(org: str, what: str, job: str, *, was: str) -> None:
    """Record the job that follows the one that was read. A concurrent request records the same job."""
    row = {**keys.export_job(org, what).stored(), "job": stored(job)}
    try:
        dynamodb.put(config().records_table, row, unchanged("job", was))
    except dynamodb.ConditionFailed:
        return


def page(org: str, *, limit: int, start: Item | None) -> tuple[list[Job], Item | None]:
    """Return a page of jobs, latest first."""
    found, next_start = dynamodb.query_page(**_latest_first(org), Limit=limit, start=start)
    return [job_from(row) for row in found], next_start


def since(org: str, moment: datetime) -> list[Job]:
    """Return the jobs created after this moment, latest first."""
    query = _latest_first(org)
    query["KeyConditionExpression"] += " AND directory_at > :moment"
    query["ExpressionAttributeValues"][":moment"] = stored(moment.isoformat())
    return [job_from(row) for row in dynamodb.query(**query)]


def job_from(row: Item) -> Job:
    values = plain(row)
    return JOBS.read(values, org=values["directory"].removesuffix(keys.JOBS), id=values["sk"].removeprefix(keys.JOB))


def _same_progress(one: Job, other: Job) -> bool:
    """Whether two jobs have the same progress: then the write had succeeded, and only its reply was lost."""
    return (one.status, one.done, one.moved_at) == (other.status, other.done, other.moved_at)


def _latest_first(org: str) -> dict[str, Any]:
    return {
        "TableName": config().records_table,
        "IndexName": "directory",
        "KeyConditionExpression": "directory = :jobs",
        "ExpressionAttributeValues": {":jobs": stored(f"{org}{keys.JOBS}")},
        "ScanIndexForward": False,
    }


def _row(job: Job, first: int, items: Sequence[str]) -> Item:
    return {**keys.job_items(job.org, job.id, first).stored(), "items": stored(list(items))}


def _item(job: Job) -> Item:
    listed = {"directory": f"{job.org}{keys.JOBS}", "directory_at": f"{job.created_at.isoformat()}#{job.id}"}
    return {**keys.job(job.org, job.id).stored(), **item({**JOBS.write(job), **listed, **_watched(job)})}


def _watched(job: Job) -> dict[str, str | None]:
    """Return the index attributes by which the clock finds an open job that makes no progress."""
    if not job.open:
        return {"due": None, "due_at": None}
    return {"due": keys.clock("jobs", job.org), "due_at": f"{times.written(rules.stalls_at(job))}#{job.id}"}
