"""A long table is made by a job, part by part: the same table wherever its steps die, with a column for each field that comes late."""

import csv
import io
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache

import pytest

from chalicelib import clients
from chalicelib.operations import customers, exports, jobs, registrations
from chalicelib.operations.exports import Exported
from chalicelib.rules.csv_export import csv_rows, widened
from chalicelib.rules.customers import Customer
from chalicelib.rules.organisations import Organisation
from chalicelib.tables import customers as rows
from chalicelib.tables import export_files
from chalicelib.tables import jobs as job_rows
from chalicelib.tables.export_files import FilePart
from tests.operations.codes.test_export import fetched
from tests.operations.faults import inject_crashes
from tests.operations.sample_customers import known
from tests.operations.simulated_aws import Crashes, Streams
from tests.operations.simulated_queue import Sqs, Worker
from tests.operations.test_reactions import registered

FEW = 4
LATE = exports.FRESH * 2


@pytest.fixture
def worker(bucket: str, organisation: Organisation, monkeypatch: pytest.MonkeyPatch, now: datetime) -> Worker:
    """A request has time for so few rows, and so has a step."""
    monkeypatch.setattr(exports, "AT_ONCE", FEW)
    sqs = Sqs()
    monkeypatch.setattr(clients, "sqs", cache(lambda: sqs))
    return Worker(sqs, now)


def dies(worker: Worker, job: str, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the job with crashes and repeats until it is done."""
    worker.dice, worker.repeats = random.Random(seed), 0.3
    with monkeypatch.context() as patch:
        steps = {"keep": (export_files, "keep"), "join": (export_files, "join"), "progress": (job_rows, "save")}
        inject_crashes(patch, Crashes(0.15, random.Random(seed)), steps)
        worker.work()
    while (status := jobs.read_job("demo", job).status) != "done":
        assert status != "failed", worker.set_aside
        worker.deliver(f'{{"org": "demo", "job": "{job}"}}')
        worker.work()


def whole(export: Callable[[datetime], Exported], now: datetime, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the table as one request with time for all of it gives it."""
    with monkeypatch.context() as patient:
        patient.setattr(exports, "AT_ONCE", 1_000)
        return export(now + LATE).text


@pytest.mark.parametrize("seed", range(4))
def test_customers_are_the_same_table_with_columns_that_come_late(
    worker: Worker, now: datetime, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    kinds: list[tuple[tuple[str, str], ...]] = [(), (("Diet", "x, y"),), (("Level", 'red "belt"\nor so'),)]
    for number, fields in enumerate(kinds):
        for own in (f"c{number}{index}" for index in range(5)):
            rows.create(Customer("demo", own, f"{own}@example.org", f"Customer {own}", now, fields=fields))

    def export(moment: datetime) -> Exported:
        return customers.export_customers("demo", by="m", now=moment)

    job = export(now).job
    assert export(now + timedelta(minutes=1)).job == job
    dies(worker, job, seed, monkeypatch)
    text = fetched(export(now).link)
    assert text == whole(export, now, monkeypatch)
    table = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert (len(table), {len(row) for row in table}) == (16, {len(table[0])})
    assert table[0][-2:] == ["Diet", "Level"]
    assert [row[-2:] for row in table[1:]] == [["", ""]] * 5 + [["x, y", ""]] * 5 + [["", 'red "belt"\nor so']] * 5


@pytest.mark.parametrize("status", ["", "unpaid"])
def test_orders_are_the_same_table(
    worker: Worker, streams: Streams, open_session: Callable[..., object], now: datetime, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    open_session(spots_total=20)
    for number in range(9):
        registered(f"{number}@example.org", now=now)
    streams.drain(now)

    def export(moment: datetime) -> Exported:
        return registrations.export_orders("demo", status=status, by="m", now=moment)

    job = export(now).job
    dies(worker, job, 1, monkeypatch)
    text = fetched(export(now).link)
    assert text == whole(export, now, monkeypatch)
    assert len(text.splitlines()) == 10


def test_filters_and_languages_have_files_of_their_own(worker: Worker, now: datetime) -> None:
    known(FEW + 1, now=now)
    queries: list[dict[str, str]] = [{}, {"locale": "fr"}, {"status": "added"}]
    made = [customers.export_customers("demo", **one, by="m", now=now).job for one in queries]
    assert len({*made, ""}) == 4
    assert customers.export_customers("demo", q="c3", by="m", now=now).text.count("Customer") == 1


def test_a_table_that_an_earlier_release_has_begun_keeps_its_header(bucket: str) -> None:
    for number, text in enumerate(["A,B\r\n1,2\r\n", "3,4\r\n"]):
        export_files.keep("demo", "old", number, FilePart(text, None))
    export_files.join("demo", "old", 2, lambda _columns: "never")
    assert fetched(export_files.link_to("demo", "old", "x.csv")) == "A,B\r\n1,2\r\n3,4\r\n"


@pytest.mark.parametrize("cell", ["", "a,b", 'say "x"', "two\r\nlines", "=1+1", "'=1", "\u00e9"])
def test_widening_leaves_cells_as_they_are(cell: str) -> None:
    rows = csv_rows([[cell, "last"]])
    (was,), (wide,) = (list(csv.reader(io.StringIO(text, newline=""))) for text in (rows, widened(rows, 2)))
    assert wide == [*was, "", ""]
