"""Importing a contract's participants: each gets one code at the price that the file names, however often steps die."""

import random
from collections.abc import Callable
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import Any

import pytest

from chalicelib import clients
from chalicelib.operations import contracts, imports, organisations
from chalicelib.operations import jobs as operations
from chalicelib.operations.imports import ImportView
from chalicelib.rules.contracts import Contract, ContractPrice
from chalicelib.rules.csv_export import csv_text
from chalicelib.rules.imports.refusals import DataChanged
from chalicelib.rules.inputs.contracts import (
    COLUMNS,
    ContractInput,
    ContractParticipantChanges,
    ContractParticipantInput,
    PriceChanges,
    PriceInput,
)
from chalicelib.tables import codes as stored_codes
from chalicelib.tables import contracts as stored
from chalicelib.tables import files, jobs
from chalicelib.tables import imports as rows
from tests.operations.faults import inject_crashes
from tests.operations.simulated_aws import Crashes
from tests.operations.simulated_queue import Sqs, Worker

PEOPLE = 5


@pytest.fixture
def contract(bucket: str, now: datetime) -> Contract:
    organisations.create("demo", "Demo", now=now)
    return contracts.create_contract("demo", ContractInput(name="Acme", client="Acme", prefix="AC"), key="k", now=now)


@pytest.fixture
def price(contract: Contract) -> ContractPrice:
    draft = PriceInput.model_validate({"code": "STD", "label": "Standard", "price": {"amount": 1000, "currency": "EUR"}, "tag": "judo"})
    return contracts.create_price("demo", contract.id, draft, key="k")


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch, now: datetime) -> Worker:
    """Steps of two rows each."""
    monkeypatch.setattr(import_module("chalicelib.operations.imports.complete"), "STEP", 2)
    sqs = Sqs()
    monkeypatch.setattr(clients, "sqs", cache(lambda: sqs))
    return Worker(sqs, now)


@pytest.fixture
def check(contract: Contract, now: datetime) -> Callable[..., ImportView]:
    def checked(text: str, key: str = "") -> ImportView:
        return imports.check_file(
            "demo", text.encode(), kind="participants", contract=contract.id, width=10, by="owner", key=key or text, now=now
        )

    return checked


@pytest.fixture
def complete(now: datetime) -> Callable[[ImportView], str]:
    return lambda view: imports.complete("demo", view.made.id, by="owner", now=now)


def people(price_code: str = "STD") -> str:
    return csv_text([*COLUMNS, "Team"], ([f"E-{n}", f"Ana {n}", f"a{n}@b.test", price_code, "", "Red"] for n in range(PEOPLE)))


def check_one_code_each(contract: Contract) -> None:
    found = list(stored.participants("demo", contract.id))
    assert sorted(one.client_id for one in found) == [f"E-{n}" for n in range(PEOPLE)]
    assert {(one.email[0], one.details, len(one.codes)) for one in found} == {("a", (("Team", "Red"),), 1)}
    issued = stored_codes.full_page("demo", contract.id, batch=None, limit=1_000, start=None)[0]
    assert sorted((code.code, code.participant) for code in issued) == sorted((one.codes[0], one.id) for one in found)


def test_changes_are_counted_without_rows_that_have_issues(price: ContractPrice, check: Callable[..., ImportView]) -> None:
    view = check("Client Id,Price Code\nE-1,STD\nE-2,NONE\n")
    assert [(issue.row, issue.code) for issue in view.issues] == [(3, "unknown_price_code")]
    assert (view.made.changes["create"], [change.row for change in view.todo]) == (1, [2])


@pytest.mark.parametrize("seed", range(6))
def test_steps_that_die_anywhere_and_come_again_make_one_code_each(
    contract: Contract,
    price: ContractPrice,
    check: Callable[..., ImportView],
    complete: Any,
    worker: Worker,
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
) -> None:
    contracts.add_participant("demo", contract.id, ContractParticipantInput(client_id="E-3", name="Old"), key="k")
    job = complete(check(people()))
    crashes = Crashes(0.1, random.Random(seed))
    worker.dice, worker.repeats = random.Random(seed), 0.3
    with monkeypatch.context() as patch:
        steps = {
            "file": (files, "checked"),
            "create": (stored, "create_participant"),
            "save": (stored, "save_participant"),
            "code": (stored_codes, "assign"),
            "look": (stored_codes, "get"),
            "finish": (rows, "finish"),
            "progress": (jobs, "save"),
            "queue": (worker.sqs, "send_message"),
        }
        inject_crashes(patch, crashes, steps)
        worker.work()
    while operations.read_job("demo", job).open or operations.read_job("demo", job).status == "failed":
        worker.deliver(f'{{"org": "demo", "job": "{job}"}}')
        worker.work()
    done = operations.read_job("demo", job)
    assert (done.status, done.done, done.failures) == ("done", PEOPLE, ())
    check_one_code_each(contract)


def test_an_unchanged_download_imports_without_changes(
    contract: Contract, price: ContractPrice, check: Callable[..., ImportView], complete: Any, worker: Worker, now: datetime
) -> None:
    complete(check(people()))
    worker.work()
    table = imports.export_participants("demo", contract.id, now=now)
    again = check(table)
    assert dict(again.made.changes) == {"create": 0, "update": 0, "unchanged": PEOPLE}
    complete(again)
    worker.work()
    assert imports.export_participants("demo", contract.id, now=now) == table


def test_two_imports_of_the_same_people_make_one_code_each(
    contract: Contract, price: ContractPrice, check: Callable[..., ImportView], complete: Any, worker: Worker
) -> None:
    complete(check(people("")))
    worker.work()
    for view in [check(people(), key="one"), check(people(), key="two")]:
        complete(view)
    worker.work()
    check_one_code_each(contract)


def test_a_price_that_changed_is_looked_at_again(
    contract: Contract, price: ContractPrice, check: Callable[..., ImportView], complete: Any
) -> None:
    view = check(people())
    changes = PriceChanges.model_validate({"price": {"amount": 900, "currency": "EUR"}})
    contracts.edit_price("demo", contract.id, price.id, changes, expected=None)
    with pytest.raises(DataChanged):
        complete(view)


def test_a_participant_changed_while_it_is_completed_keeps_that_and_is_named(
    contract: Contract, price: ContractPrice, check: Callable[..., ImportView], complete: Any, worker: Worker
) -> None:
    added = contracts.add_participant(
        "demo", contract.id, ContractParticipantInput(client_id="E-0", name="Ana 0", email="a0@b.test"), key="k"
    )
    job = complete(check("Client Id,Price Code\nE-0,STD\nE-9,STD\n"))
    contracts.edit_participant("demo", contract.id, added.id, ContractParticipantChanges(name="New"), expected=None)
    contracts.add_participant("demo", contract.id, ContractParticipantInput(client_id="E-9"), key="9")
    worker.work()
    failures = [tuple(failure) for failure in operations.read_job("demo", job).failures]
    assert failures == [("row 2", "changed_meanwhile"), ("row 3", "changed_meanwhile")]
    assert [one.codes for one in stored.participants("demo", contract.id)] == [(), ()]
