"""Many due invitations are looked at through the queue, in steps that may come late, twice or fail."""

from collections.abc import Callable
from datetime import datetime

import pytest

from chalicelib.config import config
from chalicelib.events import schedules
from chalicelib.events.jobs import WORK
from chalicelib.operations import reminders
from chalicelib.operations.invitations import due_steps
from chalicelib.operations.jobs import run_step
from chalicelib.operations.jobs.queue import ids_from
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.sessions import Session
from chalicelib.tables import clock, dynamodb, keys
from chalicelib.tables import invitations as rows
from chalicelib.tables.conditions import THERE, Update
from tests.operations.clock_rows import invited_to, other
from tests.operations.simulated_queue import Sqs, Worker
from tests.operations.test_reactions import invited

OpenSession = Callable[..., Session]


@pytest.fixture
def many_are_due(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reminders, "MOST_IN_A_RUN", 2)


@pytest.mark.usefixtures("many_are_due")
def test_many_invitations_are_looked_at_through_the_queue(open_session: OpenSession, worker: Worker, now: datetime) -> None:
    """The run itself ends none; a step for each partition does, and what is done twice does nothing."""
    session = open_session()
    for org in (others := [f"o{number}" for number in range(4)]):
        other(org, session, now)
    made = [invited_to(org, "ana@example.org", now) for org in others]
    worker.now = made[0].expires_at.replace(minute=1)
    assert schedules.run(worker.now)["expired"] == 0
    assert len(worker.sqs.waiting) == len(keys.clocks("invitations")) == 8
    worker.sqs.waiting += worker.sqs.waiting
    worker.work()
    assert [rows.get(one.org, "s1", one.id).ended for one in made] == ["expired"] * 4
    assert clock.due("invitations", until="9") == []


@pytest.mark.usefixtures("many_are_due")
def test_a_step_that_comes_late_is_let_go(open_session: OpenSession, worker: Worker, now: datetime) -> None:
    """The clock has queued others meanwhile."""
    open_session()
    made = [invited(f"{number}@example.org", now=now) for number in range(3)]
    schedules.run(made[0].expires_at.replace(minute=1))
    worker.now = made[0].expires_at.replace(minute=3)
    worker.work()
    assert worker.set_aside == []
    assert len(clock.due("invitations", until="9")) == 3


@pytest.mark.usefixtures("many_are_due")
def test_a_row_that_fails_in_a_step_is_named_and_its_neighbours_are_looked_at(
    open_session: OpenSession, worker: Worker, now: datetime, faults: list[dict[str, str]]
) -> None:
    open_session()
    bad, *good = (invited(f"{number}@example.org", now=now) for number in range(3))
    dynamodb.update(config().rosters_table, keys.invitation("demo", "s1", bad.id), Update().remove("created_at"), THERE)
    worker.now = bad.expires_at.replace(minute=1)
    schedules.run(worker.now)
    worker.work()
    assert [rows.get("demo", "s1", one.id).ended for one in good] == ["expired"] * 2
    assert {"work": "invitations", "org": "demo", "row": f"demo#s1#2#INVITATION#{bad.id}"} in faults


@pytest.mark.usefixtures("many_are_due")
def test_a_queue_that_refuses_is_asked_again_by_the_next_minute(
    open_session: OpenSession, worker: Worker, now: datetime, faults: list[dict[str, str]]
) -> None:
    open_session()
    made = [invited(f"{number}@example.org", now=now) for number in range(3)]
    send, worker.sqs.send_message_batch = worker.sqs.send_message_batch, lambda **_: {"Failed": [{"Id": "0"}]}  # type: ignore[method-assign]
    with pytest.raises(schedules.ClockFailedError):
        schedules.run(made[0].expires_at.replace(minute=1))
    assert faults == [{"work": "invitations"}]
    worker.sqs.send_message_batch = send  # type: ignore[method-assign]
    worker.now = made[0].expires_at.replace(minute=2)
    schedules.run(worker.now)
    worker.work()
    assert clock.due("invitations", until="9") == []


def test_the_version_before_finds_no_job_in_a_step(organisation: Organisation, sqs: Sqs, now: datetime) -> None:
    due_steps.queue_steps(now)
    run_step(*ids_from(sqs.waiting[0]), WORK, now=now)
