"""Invitation codes: made, looked at, changed, and used to book under a contract."""

from chalicelib.operations.codes.booking import book, price_at
from chalicelib.operations.codes.changing import delete_code, edit_code, return_code, return_uses_on, uses_left
from chalicelib.operations.codes.exporting import Exported, export_codes, write_table
from chalicelib.operations.codes.issuing import Generated, generate_codes, issue_code, make_codes
from chalicelib.operations.codes.looking_up import LookedUp, look_up
from chalicelib.operations.codes.reading import (
    BatchView,
    CodePage,
    CodeView,
    list_batches,
    list_codes,
    read_batch,
    read_code,
)
from chalicelib.operations.codes.settling import finish, take_back

__all__ = [
    "BatchView",
    "CodePage",
    "CodeView",
    "Exported",
    "Generated",
    "LookedUp",
    "book",
    "delete_code",
    "edit_code",
    "export_codes",
    "finish",
    "generate_codes",
    "issue_code",
    "list_batches",
    "list_codes",
    "look_up",
    "make_codes",
    "price_at",
    "read_batch",
    "read_code",
    "return_code",
    "return_uses_on",
    "take_back",
    "uses_left",
    "write_table",
]
