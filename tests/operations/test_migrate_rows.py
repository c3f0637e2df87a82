"""Rows that an earlier version put where its clock looked are moved once, and none that is over comes back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chalicelib.config import config
from chalicelib.operations import invitations, messages, recount
from chalicelib.operations.migrate_rows import migrate_rows
from chalicelib.rules.jobs import Job
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.refs import public_id
from chalicelib.rules.sessions import Session
from chalicelib.tables import clock, customers, dynamodb, jobs, keys
from chalicelib.tables import invitations as rows
from chalicelib.tables.clock import Due
from chalicelib.tables.conditions import ALWAYS, THERE, Update
from chalicelib.tables.keys import ClockKind
from tests.operations.clock_rows import sample, waits
from tests.operations.sample_customers import invited_again, known
from tests.operations.simulated_aws import Ses
from tests.operations.simulated_queue import Worker
from tests.operations.test_reactions import invited

DAY = timedelta(days=1)

OpenSession = Callable[..., Session]


OLD: dict[ClockKind, str] = {
    "invitations": "demo",
    "waitlists": "demo#waitlist",
    "portal": "demo",
    "unsent": "demo",
    "gathering": "demo#gathering",
}


def as_an_earlier_version(kind: ClockKind) -> list[Due]:
    """Put the rows of a kind where an earlier version has put them."""
    index, found = clock.index_of(kind), clock.due(kind, until="9~") if kind != "waitlists" else clock.entries_of_waitlists("0")
    for one in found:
        dynamodb.update(index.table, one.key, Update().set(**{index.name: OLD[kind]}), THERE)
    return found


@pytest.fixture
def busy(open_session: OpenSession, worker: Worker, ses: Ses, now: datetime) -> Session:
    """A session with an invitation to remind of, somebody who waits, somebody invited to the portal, e-mails unsent and gathering."""
    starts = now + timedelta(days=40)
    session = open_session(meetings=(replace(sample(open_session).meetings[0], starts_at=starts, ends_at=starts + timedelta(hours=1)),))
    invited("ana@example.org", now=now)
    waits("s1", now)
    invited_again(*known(1, now=now), now=now)
    worker.work()
    people, _ = customers.page("demo", customers.CustomerFilter(), limit=1, start=None)
    customers.save(replace(people[0], remind_at=now + DAY, asked_at=now, status="invited"), was=people[0])
    messages.queue(org="demo", to="a@example.org", kind="password_reset", locale="en", data={"user": "u"}, key="k", now=now)
    return session


@pytest.mark.parametrize("kind", ["invitations", "waitlists", "portal", "unsent"])
def test_rows_of_an_earlier_version_are_moved_once(busy: Session, now: datetime, kind: ClockKind) -> None:
    before = as_an_earlier_version(kind)
    assert before
    assert not [one for one in clock.due(kind, until="9~") if kind != "waitlists"]
    assert migrate_rows("demo", now=now) == len(before)
    assert migrate_rows("demo", now=now) == 0
    moved = clock.due(kind, until="9~") if kind != "waitlists" else clock.entries_of_waitlists("0")
    assert {one.key for one in moved} == {one.key for one in before}


def test_a_row_that_is_over_meanwhile_is_left_alone(busy: Session, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """People book while rows are moved: what has left the index is not put back. Without the condition this fails."""
    (one,) = as_an_earlier_version("invitations")
    invitations.cancel_invitation("demo", public_id("s1", one.key.sk.removeprefix(keys.INVITATION)), by="x", now=now)
    assert not clock.move("invitations", one, was="demo")
    assert clock.due("invitations", until="9~") == []


def test_without_its_condition_a_move_would_bring_back_what_is_over(busy: Session, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    (one,) = as_an_earlier_version("invitations")
    invitations.cancel_invitation("demo", public_id("s1", one.key.sk.removeprefix(keys.INVITATION)), by="x", now=now)
    monkeypatch.setattr(clock, "equals", lambda *_: ALWAYS)
    assert clock.move("invitations", one, was="demo")


def test_the_recount_moves_them_and_ends_what_an_earlier_version_left(busy: Session, worker: Worker, now: datetime) -> None:
    """An invitation without a reminder is in no index of reminders there: what has expired is found by its expiry."""
    (one,) = clock.due("invitations", until="9~")
    dynamodb.update(config().rosters_table, one.key, Update().remove("remind", "remind_at"), THERE)
    as_an_earlier_version("waitlists")
    worker.now = now + timedelta(days=30)
    recount.begin(worker.now)
    worker.work()
    assert worker.set_aside == []
    assert len(clock.entries_of_waitlists("0")) == 1
    assert rows.get("demo", "s1", one.key.sk.removeprefix(keys.INVITATION)).ended == "expired"


def test_a_stalled_job_of_an_earlier_version_is_resumed_by_the_recount(organisation: Organisation, worker: Worker, now: datetime) -> None:
    jobs.create(Job("demo", "j", "mailing", 1, "x", now, now), {})
    dynamodb.update(config().records_table, keys.job("demo", "j"), Update().remove("due", "due_at"), THERE)
    worker.now = now + timedelta(minutes=30)
    migrate_rows("demo", now=worker.now)
    assert len(worker.sqs.waiting) == 1
