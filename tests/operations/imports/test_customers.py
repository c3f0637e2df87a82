"""Importing customers: checked as a whole, bound to its file and to the data, completed once however often steps die."""

import random
from collections.abc import Callable
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import Any

import pytest

from chalicelib import clients
from chalicelib.operations import customers, imports, organisations
from chalicelib.operations import jobs as operations
from chalicelib.operations.imports import ImportView
from chalicelib.operations.imports import check as check_module
from chalicelib.rules.customers import Customer
from chalicelib.rules.imports import imports as rules
from chalicelib.rules.imports.csv_reader import Sheet, read
from chalicelib.rules.imports.refusals import DataChanged, FileGone, HasIssues
from chalicelib.rules.inputs.customers import ChildInput, CustomerChanges, CustomerInput
from chalicelib.rules.inputs.groups import GroupInput
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import customers as stored
from chalicelib.tables import files, jobs, retries
from chalicelib.tables import imports as rows
from tests.operations.faults import inject_crashes
from tests.operations.simulated_aws import Crashes, Time
from tests.operations.simulated_queue import Sqs, Worker

complete_module = import_module("chalicelib.operations.imports.complete")


PEOPLE = 7
FILE = "Name,Email,Phone,Participants\n" + "".join(f"Ana {n},ana{n}@example.org,0{n},Kim; Lou\n" for n in range(PEOPLE))


@pytest.fixture(autouse=True)
def organisation(bucket: str, now: datetime) -> None:
    organisations.create("demo", "Demo", now=now)


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch, now: datetime) -> Worker:
    """Steps of two rows each."""
    monkeypatch.setattr(complete_module, "STEP", 2)
    sqs = Sqs()
    monkeypatch.setattr(clients, "sqs", cache(lambda: sqs))
    return Worker(sqs, now)


@pytest.fixture
def check(now: datetime) -> Callable[..., ImportView]:
    def checked(text: str, key: str = "") -> ImportView:
        return imports.check_file("demo", text.encode(), kind="customers", by="owner", key=key or text, now=now)

    return checked


@pytest.fixture
def complete(now: datetime) -> Callable[[ImportView], str]:
    return lambda view: imports.complete("demo", view.made.id, by="owner", now=now)


def everybody() -> list[Customer]:
    return customers.list_customers("demo", q="", limit=200).items


def test_a_file_adds_changes_and_leaves_alone(check: Callable[..., ImportView], complete: Any, worker: Worker, now: datetime) -> None:
    draft = CustomerInput(
        name="Ana 1", email="Ana1@Example.org", phone="01", participants=[ChildInput(name="Kim", date_of_birth="2019-01-01")]
    )
    customers.create_customer("demo", draft, key="1", now=now)
    customers.create_customer("demo", CustomerInput(name="Ben", email="ben@example.org", phone="9"), key="2", now=now)
    view = check(FILE + "Ben,ben@example.org,,\n")
    assert (view.made.status, dict(view.made.changes)) == ("valid", {"create": 6, "update": 1, "unchanged": 1})
    job = complete(view)
    worker.work()
    done = operations.read_job("demo", job)
    assert (done.status, done.done, done.total, done.failures) == ("done", 7, 7, ())
    known = {one.email: one for one in everybody()}
    assert len(known) == 8
    assert [(one.name, one.date_of_birth) for one in known["Ana1@Example.org"].participants] == [("Kim", "2019-01-01"), ("Lou", "")]
    assert (known["ben@example.org"].phone, known["ben@example.org"].version) == ("9", 1)
    assert imports.read_import("demo", view.made.id).made.status == "done"


def test_the_same_file_again_changes_nothing(check: Callable[..., ImportView], complete: Any, worker: Worker) -> None:
    complete(check(FILE))
    worker.work()
    before = everybody()
    again = check(FILE, key="again")
    assert dict(again.made.changes) == {"create": 0, "update": 0, "unchanged": PEOPLE}
    job = complete(again)
    worker.work()
    assert operations.read_job("demo", job).status == "done"
    assert everybody() == before


def test_every_issue_of_every_row_comes_at_once_and_nothing_is_imported(check: Callable[..., ImportView], complete: Any) -> None:
    view = check(
        "Name;Email;Phone;Shoe\nAna;;1;\n;ben@;1;\nCem;cem@example.org;;\n\n;CEM@example.org;;;7\n;dora@example.org;0\t1;\nx\u202e;eve@example.org;;\n"
    )
    assert [(issue.row, issue.column, issue.value, issue.code) for issue in view.issues] == [
        (2, "Email", "", "missing"),
        (3, "Email", "ben@", "not_an_address"),
        (6, "", "7", "too_many_cells"),
        (6, "Email", "CEM@example.org", "duplicate_row"),
        (7, "Phone", "0\t1", "control_characters"),
        (7, "Name", "", "missing"),
        (8, "Name", "x\u202e", "control_characters"),
    ]
    assert all(issue.detail.endswith(".") for issue in view.issues)
    assert view.made.status == "invalid"
    with pytest.raises(HasIssues):
        complete(view)
    assert everybody() == []


def test_columns_are_missing_double_or_nameless(check: Callable[..., ImportView]) -> None:
    view = check("Name,NAME,,Phone\nAna,Ana,x,\n")
    assert [(issue.column, issue.code) for issue in view.issues] == [
        ("NAME", "duplicate_column"),
        ("", "nameless_column"),
        ("Email", "missing_column"),
    ]


def test_issues_beyond_the_most_are_counted(check: Callable[..., ImportView], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOST_ISSUES", 2)
    view = check("Name,Email\n" + "Ana,x\n" * 5)
    assert (len(view.issues), view.made.issues) == (2, 5)


def test_an_import_is_bound_to_the_data_that_it_was_checked_against(check: Callable[..., ImportView], complete: Any, now: datetime) -> None:
    ben = customers.create_customer("demo", CustomerInput(name="Ben", email="ben@example.org"), key="1", now=now)
    changing, adding = check("Name,Email\nBen B.,ben@example.org\n"), check("Name,Email\nCem,cem@example.org\n")
    customers.edit_customer("demo", ben.id, CustomerChanges(phone="1"), expected=None)
    customers.create_customer("demo", CustomerInput(name="C", email="cem@example.org"), key="2", now=now)
    for view in (changing, adding):
        with pytest.raises(DataChanged):
            complete(view)
        assert imports.read_import("demo", view.made.id).made.status == "valid"
    assert operations.list_jobs("demo", limit=10).items == []


def test_what_changes_while_it_is_completed_is_left_alone_and_named(
    check: Callable[..., ImportView], complete: Any, worker: Worker, now: datetime
) -> None:
    ben = customers.create_customer("demo", CustomerInput(name="Ben", email="ben@example.org"), key="1", now=now)
    view = check("Name,Email\nBen B.,ben@example.org\nCem,cem@example.org\nDora,dora@example.org\n")
    job = complete(view)
    customers.edit_customer("demo", ben.id, CustomerChanges(phone="1"), expected=None)
    customers.create_customer("demo", CustomerInput(name="C", email="cem@example.org"), key="2", now=now)
    worker.work()
    done = operations.read_job("demo", job)
    assert [tuple(failure) for failure in done.failures] == [("row 2", "changed_meanwhile"), ("row 3", "changed_meanwhile")]
    assert {one.name for one in everybody()} == {"Ben", "C", "Dora"}


def test_a_file_that_takes_long_to_read_leaves_the_database_its_time(
    check: Callable[..., ImportView], complete: Any, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Time()
    monkeypatch.setattr(retries, "time", clock)

    def slowly(content: bytes) -> Sheet:
        clock.sleep(retries.DEADLINE_SECONDS + 1)
        return read(content)

    for stage in (check_module, complete_module):
        monkeypatch.setattr(stage, "read", slowly)
    with retries.shared_deadline():
        view = check(FILE)
    with retries.shared_deadline():
        assert complete(view)


def test_completed_twice_it_is_one_job(check: Callable[..., ImportView], complete: Any, worker: Worker) -> None:
    view = check(FILE)
    job = complete(view)
    assert complete(view) == job
    worker.work()
    assert complete(view) == job
    worker.work()
    assert (len(everybody()), len(operations.list_jobs("demo", limit=10).items)) == (PEOPLE, 1)


def test_a_job_that_was_noted_and_never_begun_begins_when_it_is_completed_again(
    check: Callable[..., ImportView], complete: Any, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = check(FILE)
    with monkeypatch.context() as broken:
        broken.setattr(jobs, "create", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            complete(view)
    complete(view)
    worker.work()
    assert len(everybody()) == PEOPLE


@pytest.mark.parametrize("seed", range(8))
def test_steps_that_die_anywhere_and_come_again_add_everybody_once(
    check: Callable[..., ImportView], complete: Any, worker: Worker, now: datetime, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    customers.create_customer("demo", CustomerInput(name="Old", email="ana3@example.org"), key="1", now=now)
    view = check(FILE)
    job = complete(view)
    crashes = Crashes(0.12, random.Random(seed))
    worker.dice, worker.repeats = random.Random(seed), 0.3
    with monkeypatch.context() as patch:
        steps = {
            "read": (jobs, "get"),
            "file": (files, "checked"),
            "create": (stored, "create"),
            "save": (stored, "save"),
            "finish": (rows, "finish"),
            "progress": (jobs, "save"),
            "queue": (worker.sqs, "send_message"),
        }
        inject_crashes(patch, crashes, steps)
        worker.work()
    while operations.read_job("demo", job).open:
        for body in worker.set_aside or [f'{{"org": "demo", "job": "{job}"}}']:
            worker.deliver(body)
        worker.work()
    done = operations.read_job("demo", job)
    assert (done.status, done.done, done.failures) == ("done", PEOPLE, ())
    assert sorted(one.name for one in everybody()) == [f"Ana {n}" for n in range(PEOPLE)]
    assert {one.version for one in everybody()} == {1, 2}


def test_a_file_is_kept_byte_for_byte_under_its_digest(check: Callable[..., ImportView]) -> None:
    view = check(FILE)
    assert files.content(view.made) == FILE.encode()
    assert view.made.file == files.digest(FILE.encode())


def test_the_same_request_again_is_the_same_import(check: Callable[..., ImportView]) -> None:
    first, again, other = check(FILE, key="k"), check(FILE, key="k"), check(FILE + "\n", key="k")
    assert (again.made, again.again, again.of_another_file) == (first.made, True, False)
    assert other.of_another_file


def test_a_file_that_is_gone_cannot_be_completed(check: Callable[..., ImportView], complete: Any, bucket: str) -> None:
    view = check(FILE)
    for entry in clients.s3().list_objects_v2(Bucket=bucket)["Contents"]:
        clients.s3().delete_object(Bucket=bucket, Key=entry["Key"])
    assert imports.read_import("demo", view.made.id).made.status == "valid"
    with pytest.raises(FileGone):
        complete(view)


def test_an_upload_is_found_by_its_own_organisation_alone(bucket: str) -> None:
    offer = imports.prepare_upload("demo", contract="", key="k")
    clients.s3().put_object(Bucket=bucket, Key=offer.fields["key"], Body=FILE.encode())
    assert imports.uploaded_file("demo", offer.upload) == FILE.encode()
    for org, upload in [("other", offer.upload), ("demo", "nothing"), ("demo", "x" * 2000)]:
        with pytest.raises(NotFound):
            imports.uploaded_file(org, upload)


def test_the_latest_imports_come_first(check: Callable[..., ImportView], now: datetime) -> None:
    made = [check(FILE, key=str(number)).made for number in range(3)]
    assert {one.id for one in imports.latest_imports("demo", limit=10)} == {one.id for one in made}
    assert imports.latest_imports("other", limit=10) == []


def test_groups_are_joined_by_name_and_columns_of_other_names_are_fields(
    check: Callable[..., ImportView], complete: Any, worker: Worker, now: datetime
) -> None:
    made = [customers.create_group("demo", GroupInput(name=name), key=name, now=now).id for name in ("Judo kids", "Summer")]
    draft = CustomerInput(name="Ana", email="ana@example.org", groups=[made[1]], fields={"Level": "blue", "Size": "M"})
    customers.create_customer("demo", draft, key="ana", now=now)
    text = "Name,Email,Groups,Status,level,Note\nAna,ana@example.org,JUDO kids; summer,accepted,green,\nBen,ben@example.org,,,,new here\n"
    view = check(text)
    assert dict(view.made.changes) == {"create": 1, "update": 1, "unchanged": 0}
    complete(view)
    worker.work()
    ana, ben = everybody()
    assert (ana.groups, ana.fields, ana.status) == ((made[1], made[0]), (("Level", "green"), ("Size", "M")), "added")
    assert (ben.groups, ben.fields) == ((), (("Note", "new here"),))
    assert dict(check(text, key="again").made.changes) == {"create": 0, "update": 0, "unchanged": 2}


def test_a_group_that_is_not_there_and_a_name_that_cannot_be_one_are_issues(check: Callable[..., ImportView]) -> None:
    view = check(f"Name,Email,Groups,{'x' * 101}\nAna,ana@example.org,,\n")
    assert [(issue.row, issue.code) for issue in view.issues] == [(1, "too_long")]
    view = check("Name,Email,Groups\nAna,ana@example.org,Judo; Karate\n")
    assert [(issue.row, issue.column, issue.value, issue.code) for issue in view.issues] == [
        (2, "Groups", "Judo", "unknown_group"),
        (2, "Groups", "Karate", "unknown_group"),
    ]


def test_an_unchanged_export_imports_without_changes(check: Callable[..., ImportView], now: datetime) -> None:
    group = customers.create_group("demo", GroupInput(name="=Judo"), key="1", now=now).id
    draft = CustomerInput(
        name="+Ana",
        email="ana@example.org",
        phone="+33 1",
        participants=[ChildInput(name="@Kim"), ChildInput(name="Lou")],
        groups=[group],
        fields={"=Level": "-1", "Size": "'=x"},
    )
    customers.create_customer("demo", draft, key="ana", now=now)
    customers.create_customer("demo", CustomerInput(name="Ben", email="ben@example.org"), key="ben", now=now)
    table = customers.export_customers("demo", by="m", now=now).text
    assert table.splitlines()[0] == "\ufeffName,Email,Phone,Participants,Groups,Status,'=Level,Size"
    assert "'+33 1" in table
    view = check(table)
    assert (list(view.issues), dict(view.made.changes)) == ([], {"create": 0, "update": 0, "unchanged": 2})
