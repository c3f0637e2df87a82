"""The roster ledger: the one module that writes how many spots are free, held and taken. rules/ledger.py has its law."""

from chalicelib.tables.ledger.chunks import chunk_from, empty, hold_item, preferred, read, read_chunk
from chalicelib.tables.ledger.claims import claim, claim_extra, claim_patiently, claim_publicly, claim_write, seat
from chalicelib.tables.ledger.gate import check as check_gate
from chalicelib.tables.ledger.gate import close as close_gate
from chalicelib.tables.ledger.gate import reopen
from chalicelib.tables.ledger.holds import (
    HoldConfirmed,
    HoldGone,
    HoldRunOut,
    confirm,
    keeping_write,
    locate,
    recount,
    release,
    release_on,
    release_write,
)
from chalicelib.tables.ledger.line import check_line, line_write, recount_line
from chalicelib.tables.ledger.offers import offer_writes
from chalicelib.tables.ledger.parties import resize
from chalicelib.tables.ledger.sizes import resize_writes, settle

__all__ = [
    "HoldConfirmed",
    "HoldGone",
    "HoldRunOut",
    "check_gate",
    "check_line",
    "chunk_from",
    "claim",
    "claim_extra",
    "claim_patiently",
    "claim_publicly",
    "claim_write",
    "close_gate",
    "confirm",
    "empty",
    "hold_item",
    "keeping_write",
    "line_write",
    "locate",
    "offer_writes",
    "preferred",
    "read",
    "read_chunk",
    "recount",
    "recount_line",
    "release",
    "release_on",
    "release_write",
    "reopen",
    "resize",
    "resize_writes",
    "seat",
    "settle",
]
