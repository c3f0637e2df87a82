"""Discount codes: made and changed by staff, used by whoever has one, and given back when what they were used for ends."""

from chalicelib.operations.discounts.keeping import create_discount, edit_discount, list_discounts, read_discount
from chalicelib.operations.discounts.using import check_guess, finish, give_back, give_back_on, usable

__all__ = [
    "check_guess",
    "create_discount",
    "edit_discount",
    "finish",
    "give_back",
    "give_back_on",
    "list_discounts",
    "read_discount",
    "usable",
]
