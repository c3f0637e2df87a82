"""Discount codes: a row each, its shares, a row with the count of each customer, and a row for each open use."""

from chalicelib.tables.discounts.manage import create, discount_from, every, find, find_with_wrong_codes, save
from chalicelib.tables.discounts.shares import allot, forbid_earlier_versions, with_all_shares, with_shares
from chalicelib.tables.discounts.usage import (
    count_writes,
    counted_as,
    finish,
    open_uses,
    return_use,
    return_writes,
    uncount_writes,
    use_writes,
    uses_by,
)
