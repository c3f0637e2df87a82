"""Discount codes: a row each with how often it was used, a row for each customer of it, and one for each use while it is open."""

from chalicelib.tables.discounts.keeping import create, every, find, save, tried
from chalicelib.tables.discounts.using import counted_as, finish, give_back, open_uses, return_writes, use_writes, uses_by

__all__ = [
    "counted_as",
    "create",
    "every",
    "find",
    "finish",
    "give_back",
    "open_uses",
    "return_writes",
    "save",
    "tried",
    "use_writes",
    "uses_by",
]
