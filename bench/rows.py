"""Rows that a measurement needs and that are no part of it, written in bulk: no conditions, no operations, no audit log."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

from chalicelib import clients
from chalicelib.tables.items import Item

BATCH, THREADS = 25, 4


def write(table: str, rows: Iterable[Item]) -> None:
    """Write rows of a table, whatever is there."""
    some = iter(rows)
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda batch: _write(table, batch), iter(lambda: list(islice(some, BATCH)), [])))


def _write(table: str, rows: list[Item]) -> None:
    unwritten: Any = {table: [{"PutRequest": {"Item": row}} for row in rows]}
    while unwritten:
        unwritten = clients.dynamodb().batch_write_item(RequestItems=unwritten)["UnprocessedItems"]
