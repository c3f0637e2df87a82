"""The waitlist: an entry a row, a row that keeps a second live one for the same address away, and the line counted on the ledger."""

from chalicelib.tables.waitlist.finding import all_of_address, find, get, list_entries, live
from chalicelib.tables.waitlist.rows import entry_from
from chalicelib.tables.waitlist.writing import AddressWaits, adopt, hold_back, join, leave, move, offer, return_to_line

__all__ = [
    "AddressWaits",
    "adopt",
    "all_of_address",
    "entry_from",
    "find",
    "get",
    "hold_back",
    "join",
    "leave",
    "list_entries",
    "live",
    "move",
    "offer",
    "return_to_line",
]
