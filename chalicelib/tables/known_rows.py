"""Rows that were read before. The same settings and sessions are read by request after request: comparing costs less than decoding."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from chalicelib.tables.items import Item

M = TypeVar("M")
MOST = 200
"""So many rows of a kind are known; then all are forgotten, so that a list of thousands does not fill the memory."""


def known(decode: Callable[[Item], M]) -> Callable[[Item], M]:
    """Let a decoder return what it returned for the same row: an unchangeable model. A row that differs in anything is decoded anew."""
    found: dict[tuple[str, str], tuple[Item, M]] = {}

    @wraps(decode)
    def decoded(row: Item) -> M:
        key = row["pk"]["S"], row["sk"]["S"]
        before = found.get(key)
        if before and before[0] == row:
            return before[1]
        if len(found) >= MOST:
            found.clear()
        model = decode(row)
        found[key] = row, model
        return model

    return decoded
