"""The stored form of jobs stays: rows of the deployed version are read, and an equal row is written."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.config import config
from chalicelib.rules.jobs import Failure, Job
from chalicelib.tables import dynamodb, jobs, keys
from chalicelib.tables.items import Item, item, plain

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOW + timedelta(microseconds=250)
NEW = Job("demo", "j1", "mailing", 3, "owner", NOW, NOW)
NEW_ROW = {
    "pk": "demo#jobs",
    "sk": "JOB#j1",
    "failures": [],
    "due": "#jobs#0",
    "due_at": "2026-11-22T12:10:00Z#j1",
    "directory": "demo#jobs",
    "directory_at": "2026-11-22T12:00:00+00:00#j1",
    "kind": "mailing",
    "status": "queued",
    "done": 0,
    "total": 3,
    "by": "owner",
    "created_at": "2026-11-22T12:00:00Z",
    "moved_at": "2026-11-22T12:00:00+00:00",
    "data": {},
}
FULL = Job(
    org="demo",
    id="j1",
    kind="codes",
    total=250,
    by="owner",
    created_at=NOW,
    moved_at=LATER,
    data={"batch": "b1", "filter": {"tags": ["a", "b"], "all": True}},
    status="running",
    done=100,
    counted=100,
    failures=(Failure("7", "taken"),),
)
FULL_ROW = {
    "pk": "demo#jobs",
    "sk": "JOB#j1",
    "failures": [{"item": "7", "reason": "taken"}],
    "due": "#jobs#0",
    "due_at": "2026-11-22T12:10:00Z#j1",
    "directory": "demo#jobs",
    "directory_at": "2026-11-22T12:00:00+00:00#j1",
    "kind": "codes",
    "status": "running",
    "done": 100,
    "total": 250,
    "by": "owner",
    "created_at": "2026-11-22T12:00:00Z",
    "moved_at": "2026-11-22T12:00:00.000250+00:00",
    "data": {"batch": "b1", "filter": {"tags": ["a", "b"], "all": True}},
    "counted": 100,
}


@pytest.mark.parametrize(("job", "row"), [(NEW, NEW_ROW), (FULL, FULL_ROW)], ids=["new", "full"])
def test_a_job_is_stored_as_it_always_was(job: Job, row: Item) -> None:
    assert jobs._item(job) == item(row)
    assert jobs.job_from(item(row)) == job


def test_a_job_is_listed_by_the_microsecond() -> None:
    assert plain(jobs._item(replace(NEW, created_at=LATER)))["directory_at"] == "2026-11-22T12:00:00.000250+00:00#j1"


def test_progress_is_stored_as_it_always_was(tables: None) -> None:
    jobs.create(NEW, {})
    jobs.save(replace(NEW, status="running", done=1, moved_at=LATER, failures=(Failure("a", "gone"),)), was=NEW)
    running = {"status": "running", "done": 1, "moved_at": "2026-11-22T12:00:00.000250+00:00"}
    row = {**NEW_ROW, **running, "failures": [{"item": "a", "reason": "gone"}]}
    assert dynamodb.get(config().records_table, keys.job("demo", "j1")) == item(row)
    ended = replace(jobs.get("demo", "j1"), status="done", done=3, ended_at=NOW)
    jobs.save(ended, was=jobs.get("demo", "j1"))
    row |= {"status": "done", "done": 3, "ended_at": "2026-11-22T12:00:00Z"}
    del row["due"], row["due_at"]
    assert dynamodb.get(config().records_table, keys.job("demo", "j1")) == item(row)
    assert jobs.get("demo", "j1") == ended


def test_a_job_without_attributes_that_were_added_later_is_read() -> None:
    older = {name: value for name, value in NEW_ROW.items() if name not in {"data", "status", "done"}}
    assert jobs.job_from(item(older)) == NEW
