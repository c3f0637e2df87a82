"""Jobs: the items of the next step, the progress, and when a job is given up."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules.jobs import (
    LEFT_BEHIND,
    LONGEST,
    MOST_FAILURES,
    ROW,
    SLICE,
    Failure,
    Job,
    JobStatus,
    after_step,
    as_failed,
    in_rows,
    is_stalled,
    is_too_old,
    next_numbers,
    row_of,
)
from tests.samples import NOW

SECOND = timedelta(seconds=1)
LATER = NOW + timedelta(minutes=1)
JOB = Job("demo", "j", "mailing", total=250, by="ben", created_at=NOW, moved_at=NOW)


@pytest.mark.parametrize(
    ("done", "handled", "status", "ends"),
    [
        pytest.param(0, 100, "running", False, id="the first slice"),
        pytest.param(200, 50, "done", True, id="the last slice"),
        pytest.param(200, 60, "done", True, id="a step that was done twice"),
        pytest.param(100, 0, "failed", True, id="a step that found nothing to do"),
        pytest.param(250, 0, "done", True, id="a step after the end"),
    ],
)
def test_a_step_moves_the_job_on(done: int, handled: int, status: JobStatus, ends: bool) -> None:
    after = after_step(replace(JOB, done=done, status="running"), handled, [], now=LATER)
    assert (after.status, after.done, after.moved_at) == (status, done + handled, LATER)
    assert after.ended_at == (LATER if ends else None)
    assert after.open is not ends


def test_a_job_without_items_is_done_at_once() -> None:
    assert after_step(replace(JOB, total=0), 0, [], now=LATER).status == "done"


def test_failures_are_kept_in_order_and_not_without_end() -> None:
    failures = [Failure(str(number), "bounced") for number in range(MOST_FAILURES + 10)]
    after = after_step(replace(JOB, failures=(Failure("first", "x"),)), 100, failures, now=LATER)
    assert len(after.failures) == MOST_FAILURES
    assert after.failures[:2] == (Failure("first", "x"), failures[0])


@given(st.integers(0, 3 * ROW + 1))
def test_every_item_is_worked_on_once_and_found_in_its_row(total: int) -> None:
    """Run through a job as its steps do: find the row, take a slice of its remaining items, advance."""
    items = [str(number) for number in range(total)]
    rows, job = in_rows(items), replace(JOB, total=total)
    worked: list[str] = []
    while job.done < total:
        first = row_of(job)
        slice_ = rows[first][job.done - first :][:SLICE]
        worked += slice_
        job = after_step(job, len(slice_), [], now=LATER)
    assert worked == items
    assert job.status == ("done" if total else "queued")


def test_an_empty_job_has_no_rows() -> None:
    assert in_rows([]) == {}


@pytest.mark.parametrize(
    ("done", "total", "numbers"),
    [(0, 5, ["0", "1", "2"]), (3, 5, ["3", "4"]), (5, 5, []), (2, 3, ["2"])],
    ids=["first", "last and shorter", "none left", "one left"],
)
def test_items_that_are_mere_numbers_follow_each_other(done: int, total: int, numbers: list[str]) -> None:
    assert next_numbers(replace(JOB, done=done, total=total, counted=3)) == numbers


@pytest.mark.parametrize(
    ("what", "after", "behind"),
    [
        pytest.param({}, LEFT_BEHIND, False, id="a step may take so long"),
        pytest.param({}, LEFT_BEHIND + SECOND, True, id="its step is lost"),
        pytest.param({"status": "running"}, LEFT_BEHIND + SECOND, True, id="lost on the way"),
        pytest.param({"status": "done"}, timedelta(days=9), False, id="done"),
        pytest.param({"status": "failed"}, timedelta(days=9), False, id="failed"),
        pytest.param({"moved_at": LATER}, LEFT_BEHIND + SECOND, False, id="it has moved since"),
    ],
)
def test_a_job_that_stands_still_is_left_behind(what: dict[str, Any], after: timedelta, behind: bool) -> None:
    assert is_stalled(replace(JOB, **what), NOW + after) is behind


@pytest.mark.parametrize(("after", "old"), [(LONGEST, False), (LONGEST + SECOND, True)])
def test_a_job_is_given_up_after_a_day_and_one_that_may_rest_half_a_day_later(after: timedelta, old: bool) -> None:
    assert is_too_old(replace(JOB, kind="codes"), NOW + after) is old
    assert is_too_old(replace(JOB, kind="mailing"), NOW + after + LONGEST / 2) is old


def test_a_job_that_was_given_up_has_failed_and_keeps_what_was_done() -> None:
    ended = as_failed(replace(JOB, done=100, status="running", failures=(Failure("a", "x"),)), now=LATER)
    assert (ended.status, ended.open, ended.ended_at, ended.done, len(ended.failures)) == ("failed", False, LATER, 100, 1)
