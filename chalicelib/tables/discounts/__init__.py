"""Discount codes: a row each with the count of its uses, a row with the count of each customer, and a row for each open use."""

from chalicelib.tables.discounts.manage import create, every, find, find_with_wrong_codes, save
from chalicelib.tables.discounts.usage import counted_as, finish, give_back, open_uses, return_writes, use_writes, uses_by
