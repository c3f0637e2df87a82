"""P11: an idle minute costs the same whatever the number of organisations; the work or the fault of one delays no other."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib import telemetry
from chalicelib.config import config
from chalicelib.events import schedules
from chalicelib.events.jobs import WORK
from chalicelib.operations import date_reminders, invitations, messages, orders, recount, reminders, waitlist
from chalicelib.operations.earlier_rows import move_earlier_rows
from chalicelib.operations.identity import derived
from chalicelib.operations.invitations import look_steps
from chalicelib.operations.jobs import run_step
from chalicelib.operations.jobs.queue import ids_from
from chalicelib.operations.sessions import decide
from chalicelib.operations.turns import Turns
from chalicelib.rules import times
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.jobs import Job
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.refs import public_id
from chalicelib.rules.sessions import Session
from chalicelib.rules.waitlist import Entry
from chalicelib.tables import clock, customers, dynamodb, jobs, keys, organisations, sessions
from chalicelib.tables import invitations as rows
from chalicelib.tables import waitlist as line
from chalicelib.tables.clock import Due
from chalicelib.tables.conditions import ALWAYS, THERE, Update
from chalicelib.tables.items import item
from chalicelib.tables.keys import ClockKind, Key
from tests.operations.sample_customers import invited_again, known
from tests.operations.simulated_aws import Ses, Streams
from tests.operations.simulated_queue import Sqs, Worker
from tests.operations.test_reactions import invited
from tests.operations.test_request_counts import counted

OpenSession = Callable[..., Session]
MOST = 100
DAY = timedelta(days=1)


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """What the log names as failed."""
    found: list[dict[str, str]] = []
    monkeypatch.setattr(telemetry, "record_failure", lambda **about: found.append(about))
    return found


def other(org: str, session: Session, now: datetime) -> Session:
    """Found another organisation with the same session."""
    organisations.create(Organisation(org=org, name=org, created_at=now))
    sessions.create(replace(session, org=org))
    return sessions.get(org, session.id)


def invited_to(org: str, email: str, now: datetime) -> Any:
    from chalicelib.rules.inputs.invitations import InvitationInput

    return invitations.invite(org, "s1", InvitationInput(email=email), by="owner", key=email, now=now).invitation


def waits(session: str, now: datetime, email: str = "ben@example.org") -> None:
    line.join(Entry("demo", session, email[0], email, "Ben", spots=9, place=1, joined_at=now, locale="en"))


def requests(now: datetime) -> int:
    with counted() as counts:
        schedules.run(now)
    return counts.total()


def test_an_idle_minute_asks_the_same_with_any_number_of_organisations(
    open_session: OpenSession, sqs: Sqs, streams: Streams, now: datetime
) -> None:
    """The bench says it of 10,000; a query that goes by organisation shows with three."""
    session, later, asked = open_session(), now + timedelta(minutes=1), []
    schedules.run(later)
    for number in (0, 10, 250):
        for one in range(number):
            organisations.create(Organisation(org=f"o{number}-{one}", name="O", created_at=now))
        asked.append(requests(later))
    sessions.create(replace(session, org="o10-3"))
    invited_to("o10-3", "ana@example.org", now)
    streams.drain(now)
    schedules.run(later)
    asked.append(requests(later))
    assert len(set(asked)) == 1, "neither they nor what is not due yet cost anything"
    assert asked[0] <= MOST


def test_waiting_parties_cost_the_run_no_more_than_their_share(open_session: OpenSession, now: datetime, sqs: Sqs) -> None:
    open_session()
    for number in range(3):
        waits("s1", now, f"{number}@example.org")
    schedules.run(now + timedelta(minutes=1))
    assert requests(now + timedelta(minutes=1)) <= MOST


def test_what_expires_in_any_organisation_is_swept(open_session: OpenSession, sqs: Sqs, now: datetime) -> None:
    session = open_session()
    other("studio", session, now)
    made = [invited_to(org, "ana@example.org", now) for org in ("demo", "studio")]
    assert schedules.run(made[0].expires_at - timedelta(seconds=1))["expired"] == 0
    assert schedules.run(made[0].expires_at)["expired"] == 2
    assert [rows.get(one.org, "s1", one.id).ended for one in made] == ["expired", "expired"]
    assert clock.due("invitations", until="9") == []


def test_an_unreadable_row_is_named_and_stops_nothing_else(
    open_session: OpenSession, sqs: Sqs, now: datetime, faults: list[dict[str, str]]
) -> None:
    """Its neighbours in the organisation, those of others, and the other kinds of work go on; the run fails at its end."""
    session = open_session()
    other("aardvark", session, now)
    other("zebra", session, now)
    bad, near, far = (
        invited_to(org, email, now) for org, email in (("aardvark", "a@x.org"), ("aardvark", "b@x.org"), ("zebra", "c@x.org"))
    )
    dynamodb.update(config().rosters_table, keys.invitation("aardvark", "s1", bad.id), Update().remove("created_at"), THERE)
    stalled = Job("zebra", "j", "mailing", 1, "x", datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC) - timedelta(hours=1))
    jobs.create(stalled, {})
    for _ in range(2):
        with pytest.raises(schedules.ClockFailedError):
            schedules.run(near.expires_at)
    assert [rows.get(one.org, "s1", one.id).ended for one in (near, far)] == ["expired", "expired"]
    assert len(sqs.waiting) >= 2, "each run wakes the job"
    assert faults[0] == {"work": "invitations", "org": "aardvark", "row": f"aardvark#s1#2#INVITATION#{bad.id}"}


@pytest.mark.parametrize("kind", ["session", "waitlist", "job", "message"])
def test_each_kind_of_unreadable_row_is_named(
    open_session: OpenSession, sqs: Sqs, now: datetime, faults: list[dict[str, str]], kind: str, ses: Ses
) -> None:
    open_session()
    waits("s1", now)
    at = datetime.now(UTC) - timedelta(hours=1)
    jobs.create(Job("demo", "j", "mailing", 1, "x", at, at), {})
    broken = {
        "session": (config().rosters_table, keys.session("demo", "s1"), "created_at"),
        "waitlist": (config().rosters_table, clock.entries_of_waitlists("0")[0].key, "joined_at"),
        "job": (config().records_table, keys.job("demo", "j"), "created_at"),
    }
    if kind == "message":
        monstrous = {"pk": {"S": "demo#m1"}, "unsent": {"S": keys.clock("gathering", "demo")}, "created_at": {"S": times.written(now)}}
        dynamodb.put(config().messages_table, monstrous, ALWAYS)
        assert schedules.run(now)["dispatched"] == 0, "no message: its condition says so"
        return
    table, key, lacking = broken[kind]
    stored = "created_at" if kind == "waitlist" else lacking
    dynamodb.update(table, key, Update().remove(stored), THERE)
    with pytest.raises(schedules.ClockFailedError):
        schedules.run(now + timedelta(minutes=1))
    assert {fault["org"] for fault in faults} == {"demo"}
    assert all(fault["row"] for fault in faults)


def test_the_large_work_of_one_organisation_delays_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each has its turn; what is left when the time is over waits for the next run."""
    done: list[str] = []
    second = iter(range(1000))
    monkeypatch.setattr(time, "monotonic", lambda: next(second))

    def act(org: str, several: Sequence[Key]) -> int:
        done.extend([org] * len(several))
        return len(several)

    due = [Due("large", Key("large", str(number))) for number in range(5000)] + [Due("small", Key("small", "1"))]
    count = Turns(60).take("x", due, act, at_once=10)
    assert done[:20] == ["large"] * 10 + ["small"] + ["large"] * 9
    assert 100 < count < 5000


def settled(now: datetime, run: Turns, sqs: Sqs, _patch: pytest.MonkeyPatch) -> list[str]:
    orders.settle_due(now=now, turns=run)
    return [json.loads(body)["org"] for body in sqs.waiting]


def noting(done: list[str]) -> Callable[..., int]:
    """Return work on a row that only notes its organisation."""

    def act(org: str, *_: Any) -> int:
        done.append(org)
        return 1

    return act


def decided(now: datetime, run: Turns, _sqs: Sqs, patch: pytest.MonkeyPatch) -> list[str]:
    done: list[str] = []
    patch.setattr(decide, "_decide", noting(done))
    decide.decide_due(now=now, turns=run)
    return done


def reminded(now: datetime, run: Turns, _sqs: Sqs, patch: pytest.MonkeyPatch) -> list[str]:
    done: list[str] = []
    patch.setattr(date_reminders, "_look", noting(done))
    date_reminders.remind_of_dates(now=now, leaves_at=now, turns=run)
    return done


@pytest.mark.parametrize(
    ("index", "place", "key", "work"),
    [
        ("due", keys.to_settle(), keys.order, settled),
        ("due", keys.to_decide(), keys.session, decided),
        ("remind", keys.to_look_at(), keys.session, reminded),
    ],
)
def test_the_many_due_rows_of_a_large_organisation_delay_those_of_no_other(
    organisation: Organisation,
    sqs: Sqs,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    index: str,
    place: str,
    key: Callable[[str, str], Key],
    work: Callable[..., list[str]],
) -> None:
    """Those of the large one are older, and more than one run has time for."""
    for org, number in [*(("large", number) for number in range(150)), ("small", 1)]:
        at = times.written(now - timedelta(minutes=2 if org == "large" else 1))
        row = {**key(org, str(number)).stored(), **item({index: place, f"{index}_at": f"{at}#{org}#{number}"})}
        dynamodb.put_new(config().rosters_table, row)
    second = iter(range(1000))
    with monkeypatch.context() as patch:
        patch.setattr(time, "monotonic", lambda: next(second) / 10)
        asked = work(now, Turns(3), sqs, patch)
    assert 2 < len(asked) < 100
    assert asked[:2] == ["large", "small"]


def test_one_kind_of_work_leaves_time_to_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    clock_of_run = iter(range(1000))
    monkeypatch.setattr(time, "monotonic", lambda: next(clock_of_run))
    run, many = Turns(90), [Due("o", Key("o", str(number))) for number in range(500)]
    assert run.take("first", many, lambda *_: 1) >= 25
    assert run.take("second", many, lambda *_: 1) >= 15


def test_a_fault_of_the_index_stops_no_other_work(
    open_session: OpenSession, sqs: Sqs, now: datetime, faults: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_session()
    invitation = invited("ana@example.org", now=now)

    def broken(**_: object) -> int:
        raise ValueError

    monkeypatch.setattr(waitlist, "advance_all", broken)
    with pytest.raises(schedules.ClockFailedError):
        schedules.run(invitation.expires_at)
    assert rows.get("demo", "s1", invitation.id).ended == "expired"
    assert faults == [{"work": "offered"}]


def open_far_session(open_session: OpenSession, now: datetime) -> None:
    """Open a session that starts so late that invitations end by their own clock."""
    far = now + 40 * DAY
    open_session(meetings=(replace(sample(open_session).meetings[0], starts_at=far, ends_at=far + timedelta(hours=1)),))


def test_invitations_end_at_their_minute_in_quiet_hours(open_session: OpenSession, sqs: Sqs, now: datetime) -> None:
    open_far_session(open_session, now)
    night = now.replace(hour=23, minute=7) + 5 * DAY
    invitation = invited("ana@example.org", now=now, expires_at=night.isoformat())
    assert schedules.run(night - timedelta(minutes=1))["expired"] == 0
    assert schedules.run(night)["expired"] == 1
    assert rows.get("demo", "s1", invitation.id).ended == "expired"


@pytest.fixture
def reminded_at_night(
    open_session: OpenSession, organisation: Organisation, streams: Streams, sqs: Sqs, now: datetime
) -> tuple[Invitation, datetime]:
    """An invitation that lasts for a month, and the moment of its reminder, which is in quiet hours."""
    open_far_session(open_session, now)
    organisations.save(replace(organisation, reminder_days=(3,)))
    made = now.replace(hour=22)
    invitation = invited("ana@example.org", now=made, expires_at=(now + 30 * DAY).isoformat())
    streams.drain(made)
    schedules.run(made + timedelta(minutes=1))
    return invitation, made + 3 * DAY


def test_a_reminder_due_in_quiet_hours_is_read_once_and_sent_after_them(reminded_at_night: tuple[Invitation, datetime]) -> None:
    invitation, due = reminded_at_night
    idle = [requests(due - timedelta(minutes=minutes)) for minutes in (2, 1)][-1]
    assert requests(due) > idle
    assert [requests(due + timedelta(minutes=minutes)) for minutes in (1, 2, 15)] == [idle] * 3
    waits = rows.get("demo", "s1", invitation.id)
    morning = (due + DAY).replace(hour=7, minute=0)  # Eight in Paris.
    assert (waits.remind_since, waits.remind_at) == (due, morning)
    assert [schedules.run(morning + timedelta(minutes=minutes))["reminded"] for minutes in (-1, 0, 1)] == [0, 1, 0]
    assert rows.get("demo", "s1", invitation.id).remind_since is None


def test_a_reminder_waits_while_its_organisation_is_suspended(reminded_at_night: tuple[Invitation, datetime]) -> None:
    invitation, due = reminded_at_night
    noon = due.replace(hour=12) + DAY
    organisations.save(replace(organisations.get("demo"), suspended_at=due))
    assert [schedules.run(moment)["reminded"] for moment in (due, noon)] == [0, 0]
    assert rows.get("demo", "s1", invitation.id).remind_since == due
    organisations.save(replace(organisations.get("demo"), suspended_at=None))
    assert schedules.run(noon + timedelta(minutes=59))["reminded"] == 0
    assert schedules.run(noon + timedelta(hours=1))["reminded"] == 1


def test_a_reminder_that_would_leave_after_the_end_is_dropped(open_session: OpenSession, organisation: Organisation, now: datetime) -> None:
    open_far_session(open_session, now)
    organisations.save(replace(organisation, reminder_days=(3,)))
    made = now.replace(hour=22)
    ends = made + 3 * DAY + timedelta(hours=3)
    invitation = invited("ana@example.org", now=made, expires_at=ends.isoformat())
    assert schedules.run(made + 3 * DAY)["reminded"] == 0
    assert rows.get("demo", "s1", invitation.id).remind_since is None
    assert schedules.run(ends)["expired"] == 1


def test_while_reminders_are_off_nothing_is_looked_at_each_minute(
    open_session: OpenSession, organisation: Organisation, streams: Streams, sqs: Sqs, now: datetime
) -> None:
    open_far_session(open_session, now)
    invitation = invited("ana@example.org", now=now, expires_at=(now + timedelta(days=20)).isoformat())
    streams.drain(now)
    schedules.run(now + timedelta(minutes=1))
    organisations.save(replace(organisation, reminder_days=()))
    looks = now + timedelta(days=4)
    idle = requests(now + timedelta(minutes=1))
    assert requests(looks) > idle
    assert requests(looks + timedelta(minutes=1)) == idle, "it is looked at again after a day"
    assert rows.get("demo", "s1", invitation.id).remind_at == looks + DAY
    requests(looks + 20 * DAY)
    assert rows.get("demo", "s1", invitation.id).ended == "expired"


def sample(open_session: OpenSession) -> Session:
    return open_session(id="sample")


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
    assert move_earlier_rows("demo", now=now) == len(before)
    assert move_earlier_rows("demo", now=now) == 0
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
    move_earlier_rows("demo", now=worker.now)
    assert len(worker.sqs.waiting) == 1


def test_every_partition_of_a_waitlist_has_its_turn(open_session: OpenSession, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "ENTRIES", 2)
    found = set()
    for letter in "abcdef":
        open_session(id=f"{letter}session")
        waits(f"{letter}session", now)
    for minute in range(600):
        some = clock.entries_of_waitlists(derived(times.written(now + timedelta(minutes=minute))))
        assert len(some) <= 2
        found |= {one.key.pk for one in some}
    assert len(found) == 6


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
    look_steps.queue_steps(now)
    run_step(*ids_from(sqs.waiting[0]), WORK, now=now)
