"""Discount codes: a row each with the count of its uses, a row with the count of each customer, and a row for each open use."""

from chalicelib.tables.discounts.manage import create, discount_from, every, find, find_with_wrong_codes, save
from chalicelib.tables.discounts.usage import (
    count_writes,
    counted_as,
    finish,
    give_back,
    open_uses,
    return_writes,
    uncount_writes,
    use_writes,
    uses_by,
)
