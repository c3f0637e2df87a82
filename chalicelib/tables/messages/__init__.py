"""Messages: a row each, with its lease, its content and its delivery state."""

from chalicelib.tables.messages.queries import about_session, all_to_address, find, get, page_start, to_address, unnoted, unsent
from chalicelib.tables.messages.rows import gathers, is_call, message_from, named_by
from chalicelib.tables.messages.writes import (
    DATES,
    add,
    add_write,
    call_for_overdue,
    defer,
    dispatch,
    mark_sent,
    note_fate,
    note_write,
    put_back,
    take,
    withhold,
)
