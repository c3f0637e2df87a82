"""Invitation codes: create, look up, change, and redeem under a contract."""

from chalicelib.operations.codes.export import export_codes, write_export
from chalicelib.operations.codes.issue import IssuedBatch, generate_codes, issue_code, make_codes
from chalicelib.operations.codes.lookup import CodeLookup, look_up
from chalicelib.operations.codes.manage import delete_code, edit_code, return_code, return_uses_on, uses_left
from chalicelib.operations.codes.queries import BatchView, CodePage, CodeView, list_batches, list_codes, read_batch, read_code
from chalicelib.operations.codes.reclaim import delete_attempt, delete_unbooked, finish
from chalicelib.operations.codes.redeem import book, price_at
