"""When figures are counted, and that an older count never wins."""

from collections.abc import Callable
from datetime import date, datetime

import pytest

from chalicelib import clients
from chalicelib.config import config
from chalicelib.events import schedules
from chalicelib.operations import registrations, sessions
from chalicelib.operations.figures import refresh
from chalicelib.operations.reconcile import reconcile
from chalicelib.rules.figures import FactKey
from chalicelib.rules.inputs.registrations import ParticipantInput, RegistrationInput
from chalicelib.rules.sessions import Session
from chalicelib.tables import figures, keys
from chalicelib.tables.figures import CountedMeanwhile, Figures, Header
from tests.operations.simulated_aws import Streams

OPEN = Callable[..., Session]
DAY = date(2026, 11, 22)
DECEMBER = date(2026, 12, 1)


def counted(amount: int) -> Figures:
    return Figures("s1", "Pottery", (), {FactKey("booked", DAY, "EUR"): (1, amount)}, {})


def test_the_schedule_counts_what_nobody_reads(open_session: OPEN, streams: Streams, now: datetime) -> None:
    open_session()
    person = RegistrationInput(email="ana@example.org", name="Ana", participants=[ParticipantInput(name="Zoé")])
    registrations.register("demo", "s1", person, locale="en", key="r", now=now)
    streams.drain(now)
    assert [one.session for one in figures.changed_sessions("demo", limit=5)] == ["s1"]
    assert schedules.run(now.replace(minute=1))["counted"] == 1
    assert figures.changed_sessions("demo", limit=5) == []
    assert dict(figures.debts("demo")) == {"s1": {"EUR": (1250, 1)}}


def test_more_than_a_hundred_changed_sessions_are_counted_in_one_run(organisation: object, now: datetime) -> None:
    for number in range(101):
        figures.note_change("demo", f"s{number}", "first", now=now)
    assert schedules.run(now.replace(minute=1))["counted"] == 101
    assert figures.changed_sessions("demo", limit=5) == []


def test_a_reader_waits_for_some_sessions_only(open_session: OPEN, streams: Streams, now: datetime) -> None:
    for number in range(3):
        open_session(id=f"s{number}")
    streams.drain(now)
    assert refresh("demo", "Europe/Paris", now=now, most=2) is False
    assert refresh("demo", "Europe/Paris", now=now, most=2) is True


def test_a_count_writes_only_over_the_version_that_it_read(organisation: object) -> None:
    figures.write([figures.put_writes("demo", counted(100), Header(), digest="a", zone="UTC")])
    read = figures.headers("demo", ["s1"])["s1"]
    figures.write([figures.put_writes("demo", counted(200), read, digest="b", zone="UTC")])
    with pytest.raises(CountedMeanwhile):
        figures.write([figures.put_writes("demo", counted(100), read, digest="a", zone="UTC")])
    (month,) = figures.of_months("demo", DAY, DAY, ("booked",))
    assert month.facts == {"booked": [[22, "EUR", "", 1, 200]]}


def test_a_mark_that_was_set_again_stays(organisation: object, now: datetime) -> None:
    figures.note_change("demo", "s1", "first", now=now)
    figures.note_change("demo", "s2", "first", now=now)
    seen = figures.changed_sessions("demo", limit=5)
    figures.note_change("demo", "s1", "second", now=now)
    figures.forget_changes(seen)
    assert [(one.session, one.change) for one in figures.changed_sessions("demo", limit=5)] == [("s1", "second")]


def test_a_month_that_lost_its_facts_loses_its_row(organisation: object) -> None:
    figures.write([figures.put_writes("demo", counted(100), Header(), digest="a", zone="UTC")])
    read = figures.headers("demo", ["s1"])["s1"]
    moved = counted(100)._replace(facts={FactKey("booked", DECEMBER, "EUR"): (1, 100)})
    figures.write([figures.put_writes("demo", moved, read, digest="b", zone="UTC")])
    assert [month.month for month in figures.of_months("demo", DAY, DECEMBER, ("booked",))] == ["2026-12"]


def test_the_recount_finds_and_mends_wrong_figures(open_session: OPEN, streams: Streams, now: datetime) -> None:
    open_session()
    streams.drain(now)
    refresh("demo", "Europe/Paris", now=now)
    assert [drift for drift in reconcile("demo", now=now, repair=True) if "figures" in drift.kind] == []
    clients.dynamodb().update_item(
        TableName=config().records_table,
        Key=keys.figures_of_session("demo", "s1").stored(),
        UpdateExpression="SET digest = :wrong",
        ExpressionAttributeValues={":wrong": {"S": "wrong"}},
    )
    assert [drift.session for drift in reconcile("demo", now=now, repair=True) if drift.kind == "miscounted_figures"] == ["s1"]
    assert [drift for drift in reconcile("demo", now=now, repair=True) if "figures" in drift.kind] == []


def test_a_deleted_session_has_no_figures(open_session: OPEN, streams: Streams, now: datetime) -> None:
    session = open_session()
    streams.drain(now)
    refresh("demo", "Europe/Paris", now=now)
    assert len(list(figures.of_months("demo", DAY, DECEMBER, ("meetings",)))) == 1
    sessions.delete_session("demo", session.id)
    streams.drain(now)
    refresh("demo", "Europe/Paris", now=now)
    assert list(figures.of_months("demo", DAY, DECEMBER, ("meetings",))) == []
    assert figures.all_headers("demo") == {}
