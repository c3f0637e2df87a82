"""P8: ten times the rows of an import, and of the table that is downloaded, take at most eleven times the processor time, and are checked
in little memory.

Processor time is this process's. That of the database is counted too where it writes, and left out where it only reads: DynamoDB Local
takes longer for each page of a partition the more rows it has, so ten times the rows cost a bare query 14 times as much there. DynamoDB
itself asks for read units, which are counted instead.
"""

import io
import time
import tracemalloc
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from statistics import mean
from typing import Any, NamedTuple

from bench.counting import counting
from bench.figures import Figure, at_most
from bench.processes import used_so_far
from bench.world import ORG, now
from chalicelib import clients
from chalicelib.operations import contracts, imports
from chalicelib.operations.imports.complete import import_rows
from chalicelib.rules.csv_export import csv_text
from chalicelib.rules.imports.imports import STEP
from chalicelib.rules.inputs.contracts import COLUMNS, ContractInput
from chalicelib.rules.jobs import Job
from chalicelib.tables import imports as stored

FIRST, FEW, MANY = 200, 1_000, 10_000
"""The first ones let Java compile the database: they are not measured."""
ROUNDS, TURNS = 3, 5
MEGABYTE = 1024 * 1024


class MemoryBucket:
    """A stand-in for S3 that keeps objects in memory."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def put_object(self, *, Key: str, Body: bytes, **_: Any) -> None:  # noqa: N803 - as boto3 has it
        self._kept[Key] = Body

    def get_object(self, *, Key: str, **_: Any) -> dict[str, Any]:  # noqa: N803 - as boto3 has it
        return {"Body": io.BytesIO(self._kept[Key])}


def figures() -> Iterator[Figure]:
    with _shelf():
        _filled(FIRST)
        few, many, again = map(_filled, (FEW, MANY, FEW))
        yield from _grown("import: complete", mean((few.seconds, again.seconds)), many.seconds)
        yield from _grown("import: check", *_alternately(few.check, many.check))
        yield from _grown("export", *_alternately(few.export, many.export))
        yield at_most("P8", "export: read units of 10 000 to those of 1 000", _read_units(many) / _read_units(few), 11, "×")
        yield at_most("P8", "import: check of 10 000: memory", _memory(MANY) / MEGABYTE, 256, "MB")


def _grown(stage: str, few: float, many: float) -> Iterator[Figure]:
    yield at_most("P8", f"{stage}: processor time of 10 000 to that of 1 000", many / few, 11, "×")
    yield Figure("P8", f"{stage}: processor time of 10 000", round(many, 1), "s")


def _alternately(few: Callable[[], None], many: Callable[[], None]) -> tuple[float, float]:
    """Return the processor seconds of both, in this process. The smaller one takes too little to be measured once."""
    turns = [[*(_seconds(few) for _ in range(TURNS)), _seconds(many)] for _ in range(ROUNDS)]
    return mean(seconds for *some, _ in turns for seconds in some), mean(last for *_, last in turns)


def _seconds(do: Callable[[], None]) -> float:
    began = time.process_time()
    do()
    return time.process_time() - began


def _read_units(of: "Filled") -> float:
    with counting() as count:
        of.export()
    return count.read_units


@contextmanager
def _shelf() -> Iterator[None]:
    real, bucket = clients.s3, MemoryBucket()
    clients.s3 = cache(lambda: bucket)  # type: ignore[arg-type, return-value]
    try:
        yield
    finally:
        clients.s3 = real


class Filled(NamedTuple):
    """A contract with so many participants."""

    id: str
    rows: int
    seconds: float
    """What completing their import took, with the database."""

    def check(self) -> None:
        _checked(self.id, _file(self.rows))

    def export(self) -> None:
        table = imports.export_participants(ORG, self.id, now=datetime.now(UTC))
        assert table.count("\n") == self.rows + 1


def _filled(rows: int) -> Filled:
    contract = _contract()
    view = _checked(contract, _file(rows))
    began = used_so_far()
    _complete(view)
    return Filled(contract, rows, used_so_far() - began)


def _memory(rows: int) -> int:
    contract, file = _contract(), _file(rows)
    tracemalloc.start()
    _checked(contract, file)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def _contract() -> str:
    draft = ContractInput(name="Bench", client="Bench", prefix=uuid.uuid4().hex[:10])
    return contracts.create_contract(ORG, draft, key=uuid.uuid4().hex, now=now()).id


def _file(rows: int) -> bytes:
    people = ([f"E-{number}", f"Person {number}", f"p{number}@example.org", "", "", "Red"] for number in range(rows))
    return csv_text([*COLUMNS, "Team"], people).encode()


def _checked(contract: str, file: bytes) -> imports.ImportView:
    key = uuid.uuid4().hex
    return imports.check_file(ORG, file, kind="participants", contract=contract, width=10, by="bench", key=key, now=now())


def _complete(view: imports.ImportView) -> None:
    """Process all rows step by step, as the job does."""
    made = stored.begin(view.made, "bench")
    for first in range(0, made.todo, STEP):
        items = [str(index) for index in range(first, min(first + STEP, made.todo))]
        job = Job(ORG, "bench", "import", made.todo, "bench", now(), now(), {"import": made.id}, done=first)
        assert import_rows(job, items, now()) == []
