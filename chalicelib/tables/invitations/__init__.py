"""Invitations: a row each, and a row that keeps a second live one for the same address away.

The row says what people did (ended, resent, waits); whether the spots are held or taken is the ledger's to say.
"""

from chalicelib.tables.invitations.changing import NotMovable, ask_approval, drop_claimant, end, mark_accepted, note_resend
from chalicelib.tables.invitations.finding import all_of_address, due, find, get, of_address, soonest
from chalicelib.tables.invitations.reminding import find_all, look_again, to_remind
from chalicelib.tables.invitations.rows import invitation_from
from chalicelib.tables.invitations.writing import (
    AddressTaken,
    RowStands,
    Writes,
    put_back,
    renew,
    row_writes,
    take_back,
    write,
    write_revived,
)

__all__ = [
    "AddressTaken",
    "NotMovable",
    "RowStands",
    "Writes",
    "all_of_address",
    "ask_approval",
    "drop_claimant",
    "due",
    "end",
    "find",
    "find_all",
    "get",
    "invitation_from",
    "look_again",
    "mark_accepted",
    "note_resend",
    "of_address",
    "put_back",
    "renew",
    "row_writes",
    "soonest",
    "take_back",
    "to_remind",
    "write",
    "write_revived",
]
