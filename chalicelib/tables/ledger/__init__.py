"""The roster ledger: the one module that writes how many spots are free, held and taken. rules/ledger.py has its law."""

from chalicelib.tables.ledger.chunks import chunk_from, empty, preferred, read, read_chunk
from chalicelib.tables.ledger.claims import claim, claim_extra, claim_patiently
from chalicelib.tables.ledger.holds import HoldConfirmed, HoldGone, confirm, locate, make_permanent, release
from chalicelib.tables.ledger.sizes import resize_writes, settle

__all__ = [
    "HoldConfirmed",
    "HoldGone",
    "chunk_from",
    "claim",
    "claim_extra",
    "claim_patiently",
    "confirm",
    "empty",
    "locate",
    "make_permanent",
    "preferred",
    "read",
    "read_chunk",
    "release",
    "resize_writes",
    "settle",
]
