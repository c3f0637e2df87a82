"""Invitation codes: a row each, found by what is typed. Its `left` and `h` are to uses what a ledger chunk is to spots."""

from chalicelib.tables.codes.changing import NotAsRead, edit, put_away
from chalicelib.tables.codes.finding import Counter, batch, batches, count, counter, find, get, page, stretch, tally
from chalicelib.tables.codes.issuing import CodeExists, assign, begin_batch, store
from chalicelib.tables.codes.rows import code_from, known
from chalicelib.tables.codes.tables import name_table, table_of
from chalicelib.tables.codes.using import finish_use, give_back, renew_use, return_use, use_write

__all__ = [
    "CodeExists",
    "Counter",
    "NotAsRead",
    "assign",
    "batch",
    "batches",
    "begin_batch",
    "code_from",
    "count",
    "counter",
    "edit",
    "find",
    "finish_use",
    "get",
    "give_back",
    "known",
    "name_table",
    "page",
    "put_away",
    "renew_use",
    "return_use",
    "store",
    "stretch",
    "table_of",
    "tally",
    "use_write",
]
