"""Sessions: a row each, and the ledger chunks that are created with it."""

from chalicelib.tables.sessions.queries import (
    ended,
    ended_in_brief,
    every,
    exists,
    get,
    get_with_ledger,
    ids_after,
    ledgers,
    ledgers_of,
    several,
    to_decide,
)
from chalicelib.tables.sessions.rows import sort_key
from chalicelib.tables.sessions.writes import create, decide, delete, keep_extra, not_cancelled_checks, note_ended, save
