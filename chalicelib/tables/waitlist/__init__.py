"""The waitlist: a row per entry, a guard row against a second live entry of the same address, and the queue's counts on the ledger."""

from chalicelib.tables.waitlist.queries import all_of_address, count_up_to, find, find_waiting, get, list_alternatives, list_entries
from chalicelib.tables.waitlist.rows import entry_from
from chalicelib.tables.waitlist.unlisted import TooManyUnlisted, add_unlisted, count_unlisted, leave_unlisted, list_unlisted
from chalicelib.tables.waitlist.writes import (
    AddressWaits,
    adopt,
    confirm,
    hold_back,
    join,
    leave,
    let_back,
    move,
    offer,
    readdress,
    return_to_line,
)
