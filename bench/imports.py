"""P8: ten times the rows of an import, and of the table that is downloaded, take at most eleven times the processor time, and are checked
in little memory."""

import io
import tracemalloc
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any

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
        _, few, many = map(_stages, (FIRST, FEW, MANY))
        for stage, seconds in many.items():
            yield at_most("P8", f"{stage}: processor time of 10 000 to that of 1 000", seconds / few[stage], 11, "×")
            yield Figure("P8", f"{stage}: processor time of 10 000", round(seconds, 1), "s")
        yield at_most("P8", "import: check of 10 000: memory", _memory(MANY) / MEGABYTE, 256, "MB")


@contextmanager
def _shelf() -> Iterator[None]:
    real, bucket = clients.s3, MemoryBucket()
    clients.s3 = cache(lambda: bucket)  # type: ignore[arg-type, return-value]
    try:
        yield
    finally:
        clients.s3 = real


def _stages(rows: int) -> dict[str, float]:
    """Return the processor seconds of each stage for this many participants of a new contract, with those of the database."""
    contract, file = _contract(), _file(rows)
    began = used_so_far()
    view = _checked(contract, file)
    checked = used_so_far()
    _complete(view)
    completed = used_so_far()
    table = imports.export_participants(ORG, contract, now=datetime.now(UTC))
    exported = used_so_far()
    assert table.count("\n") == rows + 1
    return {"import: check": checked - began, "import: complete": completed - checked, "export": exported - completed}


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
