"""Jobs: a row each, and rows with the items of each step. Progress is written only over the progress that was read.

Jobs of one second are told apart by where they stand in the list, steps of one second by `moved_at`: both are kept to the microsecond.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from chalicelib.rules import jobs as rules
from chalicelib.rules import times
from chalicelib.rules.jobs import Failure, Job, next_numbers, row_of
from chalicelib.rules.refusals import NotFound
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.items import Item, item, plain, stored

NEW = "attribute_not_exists(pk)"
NOBODY_WENT_ON = "done = :seen AND #status <> :finished"
MOVE = "SET #status = :status, done = :done, failures = :failures, moved_at = :moved_at"
STATUS = {"#status": "status"}


class WentOn(Exception):
    """Somebody else has done this step."""


def create(job: Job, rows: Mapping[int, Sequence[str]]) -> bool:
    """Write a new job with its items, in one transaction. False when it was written before: the first one stands."""
    entries = [_item(job), *(_row(job, first, items) for first, items in rows.items())]
    puts = [{"Put": {"TableName": settings().records_table, "Item": entry, "ConditionExpression": NEW}} for entry in entries]
    try:
        requests.transact(puts)
    except requests.TransactionFailed:
        return False
    return True


def get(org: str, own: str) -> Job:
    """Return the job, or NotFound."""
    found = requests.get(settings().records_table, keys.job(org, own))
    if not found:
        raise NotFound
    return job_from(found)


def items(job: Job) -> list[str]:
    """Return the items of the job's next step; none when all are dealt with."""
    if job.counted:
        return next_numbers(job)
    first = row_of(job)
    found = requests.get(settings().records_table, keys.job_items(job.org, job.id, first))
    place = job.done - first
    return list(plain(found)["items"])[place : place + rules.SLICE] if found else []


def listed(job: Job, start: int, limit: int) -> list[str]:
    """Return some of the job's stored items, from a place in the list on: fewer than asked where their row ends."""
    first = start // rules.ROW * rules.ROW
    found = requests.get(settings().records_table, keys.job_items(job.org, job.id, first))
    return list(plain(found)["items"])[start - first :][:limit] if found else []


def save(job: Job, *, was: Job) -> None:
    """Write where the job stands now over where it was read. Raises WentOn when it stands elsewhere by now, or is done."""
    values = {
        ":status": stored(job.status),
        ":done": stored(job.done),
        ":failures": _failures(job),
        ":moved_at": stored(job.moved_at.isoformat()),
        ":seen": stored(was.done),
        ":finished": stored("done"),
        **({":ended_at": stored(times.written(job.ended_at))} if job.ended_at else {}),
    }
    change = MOVE + (", ended_at = :ended_at" if job.ended_at else " REMOVE ended_at")
    try:
        requests.update(settings().records_table, keys.job(job.org, job.id), change, NOBODY_WENT_ON, names=STATUS, values=values)
    except requests.ConditionFailed as failed:
        if not (failed.old and _same_place(job_from(failed.old), job)):
            raise WentOn from None


def page(org: str, *, limit: int, start: Item | None) -> tuple[list[Job], Item | None]:
    """Return a page of jobs, latest first."""
    found, following = requests.query_page(**_latest_first(org), Limit=limit, **({"ExclusiveStartKey": start} if start else {}))
    return [job_from(entry) for entry in found], following


def since(org: str, moment: datetime) -> list[Job]:
    """Return the jobs that began after this moment, latest first."""
    asked = _latest_first(org)
    asked["KeyConditionExpression"] += " AND directory_at > :moment"
    asked["ExpressionAttributeValues"][":moment"] = stored(moment.isoformat())
    return [job_from(entry) for entry in requests.query(**asked)]


def job_from(entry: Item) -> Job:
    values = plain(entry)
    read = {name: values[name] for name in Job.__dataclass_fields__ if name in values}
    return Job(
        **{
            **read,
            "org": values["directory"].removesuffix(keys.JOBS),
            "id": values["sk"].removeprefix(keys.JOB),
            "created_at": times.read(values["created_at"]),
            "moved_at": datetime.fromisoformat(values["moved_at"]),
            "ended_at": times.read(values["ended_at"]) if "ended_at" in values else None,
            "failures": tuple(Failure(**failure) for failure in values["failures"]),
        }
    )


def _same_place(one: Job, other: Job) -> bool:
    """Whether a write that seemed to fail had succeeded, and only its answer was lost."""
    return (one.status, one.done, one.moved_at) == (other.status, other.done, other.moved_at)


def _latest_first(org: str) -> dict[str, Any]:
    return {
        "TableName": settings().records_table,
        "IndexName": "directory",
        "KeyConditionExpression": "directory = :jobs",
        "ExpressionAttributeValues": {":jobs": stored(f"{org}{keys.JOBS}")},
        "ScanIndexForward": False,
    }


def _failures(job: Job) -> dict[str, Any]:
    return stored([failure._asdict() for failure in job.failures])


def _row(job: Job, first: int, items: Sequence[str]) -> Item:
    return {**keys.job_items(job.org, job.id, first).stored(), "items": stored(list(items))}


def _item(job: Job) -> Item:
    return {
        **keys.job(job.org, job.id).stored(),
        "failures": _failures(job),
        **item(
            {
                "directory": f"{job.org}{keys.JOBS}",
                "directory_at": f"{job.created_at.isoformat()}#{job.id}",
                "kind": job.kind,
                "status": job.status,
                "done": job.done,
                "total": job.total,
                "by": job.by,
                "created_at": times.written(job.created_at),
                "moved_at": job.moved_at.isoformat(),
                "data": job.data,
                "counted": job.counted or None,
            }
        ),
    }
