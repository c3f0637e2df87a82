"""Invitation codes: a row each, found by the typed code.

`left` counts the remaining uses and `h` has the taken ones, as `spots` and `h` of a ledger chunk do.
"""

from chalicelib.tables.codes.issue import CodeExists, assign, begin_batch, store
from chalicelib.tables.codes.queries import CodeContext, batch, batches, code_context, count, count_by_stage, find, full_page, get, page
from chalicelib.tables.codes.rows import code_from, code_or_none
from chalicelib.tables.codes.updates import NotAsRead, delete_unused, edit, record_return
from chalicelib.tables.codes.usage import delete_failed_booking, finish_use, renew_use, return_use, use_write, uses_write
