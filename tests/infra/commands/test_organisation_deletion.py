"""R13 for an organisation: asked twice, after thirty days everything of it is gone, from each table, bucket and the user pool."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib import clients
from chalicelib.config import config
from chalicelib.events import audit, messages, rosters
from chalicelib.operations import organisations, staff
from chalicelib.operations.auth import user_pool as pool
from chalicelib.rules.organisation_refusals import BeingDeleted, NotYetDeletable
from chalicelib.tables import dynamodb, organisation_rows
from chalicelib.tables import organisations as table
from infra.__main__ import main
from infra.commands.organisation import delete as command
from infra.operation import delete_organisation as deletion
from tests.api.tenants import Office
from tests.http import call
from tests.infra.commands.conftest import NOW, PASSWORD
from tests.operations.simulated_aws import Stream

MONTH = timedelta(days=30)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the operator types, one answer after another."""
    typed: list[str] = []
    monkeypatch.setattr(command, "typed_answer", lambda _question: typed.pop(0) if typed else "")
    return typed


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return moment

    monkeypatch.setattr(command, "datetime", Clock)


def run(*more: str) -> int:
    return main(["organisation", "delete", "--stage", "test", *more])


def everything() -> str:
    """Return every row, every name and content of a file, and every account, as text."""
    rows = [str(row) for name in deletion.TABLES for row in dynamodb.scan(TableName=organisation_rows.table_of(name))]
    files = []
    for bucket in map(organisation_rows.bucket_of, ("imports", "pictures")):
        for file in clients.s3().list_objects_v2(Bucket=bucket).get("Contents", ()):
            files.append(f"{file['Key']} {clients.s3().get_object(Bucket=bucket, Key=file['Key'])['Body'].read()!r}")
    users = clients.cognito().list_users(UserPoolId=config().user_pool)["Users"]
    return "\n".join([*rows, *files, *map(str, users)])


def test_nothing_is_left_of_it_and_nothing_follows(
    demo: Office, monkeypatch: pytest.MonkeyPatch, answers: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    staff.set_owner("demonstration", "other@elsewhere.test", "Other", password=PASSWORD, now=NOW)
    staff.set_owner("demonstration", "owner@demo.test", "Works for both", password=PASSWORD, now=NOW)
    other = {name: list(organisation_rows.scanned(["demonstration"], name)) for name in deletion.TABLES}
    streams = {rosters: Stream(config().rosters_table), messages: Stream(config().messages_table), audit: Stream(config().records_table)}
    for handler, stream in streams.items():
        handler.handle({"Records": stream.read()}, clock=lambda: NOW)
    organisations.ask_deletion("demo", now=NOW)
    for stream in streams.values():
        stream.read()
    at(monkeypatch, NOW + MONTH)
    answers += ["demo", "delete"]
    assert run("--id", "demo") == 0
    assert "demo is deleted." in capsys.readouterr().out
    left = everything()
    for sentinel in ("@demo.test", "'demo'", "demo#", "demo/", "The demo'"):
        assert sentinel not in left.replace("owner@demo.test", ""), sentinel
    for handler, stream in streams.items():
        assert handler.handle({"Records": stream.read()}, clock=lambda: NOW) == {"batchItemFailures": []}
    assert everything() == left, "nothing follows from the rows that went"
    assert {name: list(organisation_rows.scanned(["demonstration"], name)) for name in deletion.TABLES} == other
    assert pool.user_of("owner@demo.test"), "who works elsewhere too keeps the account"
    assert pool.user_of("manager@demo.test") is None
    assert list(table.every()) == ["demonstration"]


def test_it_is_asked_twice_and_waits_for_thirty_days(
    demo: Office, monkeypatch: pytest.MonkeyPatch, answers: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    at(monkeypatch, NOW)
    for typed in ([], ["demo"], ["demonstration", "delete"], ["demo", "yes"]):
        answers[:] = typed
        assert run("--id", "demo") == 1
    assert organisations.read("demo").deletes_at is None
    answers[:] = ["demo", "delete"]
    assert run("--id", "demo") == 0
    assert organisations.read("demo").suspended_at == NOW
    before = everything()
    at(monkeypatch, NOW + MONTH - timedelta(seconds=1))
    assert run("--id", "demo") == run("--due") == 0
    assert everything() == before
    assert "from 2026-12-22 12:00 UTC on" in capsys.readouterr().out
    at(monkeypatch, NOW + MONTH)
    answers[:] = ["demo"]
    assert run("--id", "demo") == 1
    assert everything() == before
    with pytest.raises(NotYetDeletable):
        next(deletion.delete_organisations(["demonstration"], now=NOW))


def test_resuming_calls_it_off_until_it_has_begun(demo: Office) -> None:
    organisations.ask_deletion("demo", now=NOW)
    organisations.resume("demo", now=NOW)
    assert demo.call("GET", "/sessions").status == 200
    with pytest.raises(NotYetDeletable):
        organisations.begin_deletion("demo", now=NOW + MONTH)
    organisations.ask_deletion("demo", now=NOW)
    organisations.begin_deletion("demo", now=NOW + MONTH)
    with pytest.raises(BeingDeleted):
        organisations.resume("demo", now=NOW + MONTH)


@pytest.mark.parametrize("after", [5, 60])
def test_an_interrupted_deletion_goes_on(demo: Office, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    organisations.ask_deletion("demo", now=NOW)
    at(monkeypatch, NOW + MONTH)
    drop, done = organisation_rows.drop, 0

    def die(*arguments: Any) -> None:
        nonlocal done
        done += 1
        if done > after:
            raise KeyboardInterrupt
        drop(*arguments)

    with monkeypatch.context() as dying:
        dying.setattr(organisation_rows, "drop", die)
        with pytest.raises(KeyboardInterrupt):
            run("--due")
    assert organisations.read("demo").deleting
    assert run("--due") == 0
    assert "demo#" not in everything()


def test_what_arrives_while_it_is_deleted_goes_too(demo: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    organisations.ask_deletion("demo", now=NOW)
    at(monkeypatch, NOW + MONTH)
    scanned, passes = organisation_rows.scanned, 0

    def late(orgs: Any, name: str) -> Any:
        nonlocal passes
        passes += name == "memory"
        yield from scanned(orgs, name)
        if name == "records" and passes == 0:
            dynamodb.put_new(config().codes_table, {"pk": {"S": "demo#LATE"}})

    monkeypatch.setattr(organisation_rows, "scanned", late)
    assert run("--due") == 0
    assert "demo#" not in everything()
    assert call("GET", "/v1/portal/demo/sessions").status == 404


def test_all_that_are_due_share_the_passes_over_the_tables(demo: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    scanned: list[str] = []

    def noted(orgs: Any, name: str) -> Any:
        scanned.append(f"{name} of {', '.join(orgs)}")
        yield from scan(orgs, name)

    scan = organisation_rows.scanned
    monkeypatch.setattr(organisation_rows, "scanned", noted)
    for org in ("demo", "demonstration"):
        organisations.ask_deletion(org, now=NOW)
    at(monkeypatch, NOW + MONTH)
    assert run("--due") == 0
    assert scanned == 2 * [f"{name} of demo, demonstration" for name in deletion.TABLES]
    assert list(table.every()) == []
    assert "demo" not in everything()
