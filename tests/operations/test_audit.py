"""The audit log behind the streams: records may be repeated, shuffled and cut short by a crash, and each change is one entry."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.events import audit as audit_events
from chalicelib.events import rosters
from chalicelib.events.records import RecordChange
from chalicelib.operations import audit as audit_log
from chalicelib.operations import customers
from chalicelib.operations.sessions import cancel_session
from chalicelib.rules import times
from chalicelib.rules.actor import Actor
from chalicelib.rules.audit import AuditEntry
from chalicelib.rules.inputs.customers import CustomerChanges, CustomerInput
from chalicelib.rules.inputs.sessions import CancelInput
from chalicelib.rules.sessions import Session
from chalicelib.tables import audit as table
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.actor import acting
from chalicelib.tables.audit import Filters
from chalicelib.tables.items import item
from tests.operations.simulated_aws import Crash, Lambda, Ses, Streams, in_threes_and_shuffled
from tests.operations.test_reactions import accepted, invited, registered

ANA = Actor("staff", "u-ana", "ana@demo.test")
EVERYTHING = [
    "customer.created",
    "customer.created",
    "customer.created",
    "customer.updated",
    "invitation.accepted",
    "invitation.cancelled",
    "invitation.created",
    "invitation.created",
    "registration.created",
    "registration.created",
    "session.cancelled",
    "session.created",
]
OpenSession = Callable[..., Session]


def a_day(open_session: OpenSession, now: datetime) -> None:
    """Staff invite two, one of whom accepts; somebody registers; a customer is made and changed; the session is cancelled."""
    with acting(ANA):
        open_session(spots_total=9)
        first = invited("ana@example.org", now=now)
        invited("ben@example.org", now=now)
        accepted(first, now=now)
        registered("cleo@example.org", now=now)
        known = customers.create_customer("demo", CustomerInput(name="Dan", email="dan@example.org"), key="dan", now=now)
        customers.edit_customer("demo", known.id, CustomerChanges(name="Daniel"), expected=None)
        cancel_session("demo", "s1", CancelInput(), by=ANA.name, now=now)


def entries() -> list[AuditEntry]:
    return list(table.every("demo", Filters()))


def actions() -> list[str]:
    return sorted(entry.action for entry in entries())


def handlers(now: datetime) -> dict[str, Callable[[dict[str, Any]], dict[str, Any]]]:
    return {
        "rosters": lambda event: rosters.handle(event, clock=lambda: now),
        "records": lambda event: audit_events.handle(event, clock=lambda: now),
    }


def test_each_change_is_an_entry(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    a_day(open_session, now)
    streams.drain_audit(now)
    assert actions() == EVERYTHING
    assert {entry.actor for entry in entries() if entry.action.startswith("session")} == {ANA}


def test_repeated_and_shuffled_records_give_the_same_entries(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    a_day(open_session, now)
    dice = random.Random(5)
    for name, stream in (("rosters", streams.rosters), ("records", streams.records)):
        Lambda(handlers(now)[name]).deliver(list(in_threes_and_shuffled(stream.read(), dice)))
    once = {entry.id for entry in entries()}
    streams.drain_audit(now)
    assert actions() == EVERYTHING
    assert once <= {entry.id for entry in entries()}


@pytest.mark.parametrize("name", ["rosters", "records"])
def test_a_handler_that_dies_after_writing_an_entry_runs_again(
    name: str, open_session: OpenSession, streams: Streams, ses: Ses, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_day(open_session, now)
    add, written = table.add, set[str]()

    def dies(entry: AuditEntry) -> None:
        add(entry)
        if entry.id not in written:
            written.add(entry.id)
            raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(table, "add", dies)
        handed = Lambda(handlers(now)[name], retries=99)
        handed.deliver(getattr(streams, name).read())
    assert written
    assert handed.set_aside == []
    streams.drain_audit(now)
    assert actions() == EVERYTHING


def test_a_failed_entry_is_reported_and_does_not_stop_the_others(
    open_session: OpenSession, streams: Streams, ses: Ses, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_day(open_session, now)
    streams.drain(now)
    records, transact = streams.records.read(), dynamodb.transact

    def fails(writes: Any) -> None:
        if "customer.created" in str(writes):
            raise RuntimeError
        transact(writes)

    monkeypatch.setattr(dynamodb, "transact", fails)
    result = handlers(now)["records"]({"Records": records})
    assert len(result["batchItemFailures"]) == 3
    assert "customer.updated" in actions()


def test_a_record_made_from_the_tables_gives_no_entry(organisation: object, now: datetime) -> None:
    row = item({"pk": "demo", "sk": f"{keys.CUSTOMER}c1", "name": "Ana", "written_by": ANA.written()})
    audit_events.record(RecordChange(None, row), lambda: now)
    assert entries() == []
    audit_events.record(RecordChange(None, row, id="1"), lambda: now)
    assert actions() == ["customer.created"]


def test_what_nobody_is_named_for_gives_no_entry(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    open_session()
    streams.drain_audit(now)
    assert entries() == []


def test_a_file_has_so_many_entries_and_the_last_moment_leads_on(
    organisation: object, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_log, "MOST_EXPORTED", 3)
    with acting(ANA):
        for minute in range(5):
            audit_log.record_act("demo", "orders.exported", str(minute), now=now + timedelta(minutes=minute))
        later = now + timedelta(hours=1)
        first = audit_log.export_entries("demo", Filters(), now=later).splitlines()
        assert [line.split(",")[3:5] for line in first[1:]] == [["audit.exported", ""], ["orders.exported", "4"], ["orders.exported", "3"]]
        last = times.read(first[-1].split(",")[0])
        assert last == now + timedelta(minutes=3)
        second = audit_log.export_entries("demo", Filters(until=last), now=later).splitlines()
    assert [line.split(",")[4] for line in second[1:]] == ["3", "2", "1"]
