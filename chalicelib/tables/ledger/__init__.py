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
from chalicelib.tables.ledger.parties import resize
from chalicelib.tables.ledger.sizes import resize_writes, settle

__all__ = [
    "HoldConfirmed",
    "HoldGone",
    "HoldRunOut",
    "check_gate",
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
    "locate",
    "preferred",
    "read",
    "read_chunk",
    "recount",
    "release",
    "release_on",
    "release_write",
    "reopen",
    "resize",
    "resize_writes",
    "seat",
    "settle",
]
