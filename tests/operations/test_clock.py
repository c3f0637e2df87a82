"""P11: an idle minute costs the same whatever the number of organisations; the work or the fault of one delays no other."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.config import config
from chalicelib.events import schedules
from chalicelib.operations import waitlist
from chalicelib.operations.identity import derived
from chalicelib.rules import times
from chalicelib.rules.jobs import Job
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.sessions import Session
from chalicelib.tables import clock, dynamodb, jobs, keys, organisations, sessions
from chalicelib.tables import invitations as rows
from chalicelib.tables.conditions import ALWAYS, THERE, Update
from tests.operations.clock_rows import invited_to, other, requests, waits
from tests.operations.simulated_aws import Ses, Streams
from tests.operations.simulated_queue import Sqs
from tests.operations.test_reactions import invited

OpenSession = Callable[..., Session]


MOST = 100


DAY = timedelta(days=1)


def test_an_idle_minute_asks_the_same_with_any_number_of_organisations(
    open_session: OpenSession, sqs: Sqs, streams: Streams, now: datetime
) -> None:
    """The bench says it of 10,000; a query that goes by organisation shows with three."""
    session, later, counts = open_session(), now + timedelta(minutes=1), []
    schedules.run(later)
    for number in (0, 10, 250):
        for one in range(number):
            organisations.create(Organisation(org=f"o{number}-{one}", name="O", created_at=now))
        counts.append(requests(later))
    sessions.create(replace(session, org="o10-3"))
    invited_to("o10-3", "ana@example.org", now)
    streams.drain(now)
    schedules.run(later)
    counts.append(requests(later))
    assert len(set(counts)) == 1, "neither they nor what is not due yet cost anything"
    assert counts[0] <= MOST


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
