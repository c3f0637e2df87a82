"""A snapshot: rows that were read in one request, from which the reads by key of a block are answered.

For work that would read one row after the other, such as writing an e-mail. The first write of the block ends its snapshot, so that
nothing that the block wrote is read as it was before.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from chalicelib.tables.items import Item
from chalicelib.tables.keys import Key

Rows = Mapping[tuple[str, Key], Item | None]
"""Rows by table and key; None for one that did not exist."""
NOTHING: Rows = {}
_rows: ContextVar[Rows] = ContextVar("rows", default=NOTHING)


@contextmanager
def use(rows: Rows) -> Iterator[None]:
    """Answer reads of these rows from memory, until the block ends or writes."""
    token = _rows.set(rows)
    try:
        yield
    finally:
        _rows.reset(token)


def rows() -> Rows:
    """Return the rows of the block's snapshot; nothing outside such a block."""
    return _rows.get()


def end() -> None:
    """Read every row anew from now on."""
    if _rows.get():
        _rows.set(NOTHING)
