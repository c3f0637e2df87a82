"""Discount codes: staff create and edit them, bookings use them, and a use returns when its registration or invitation ends."""

from chalicelib.operations.discounts.apply import finish, look_up, return_use, return_uses_on, usable
from chalicelib.operations.discounts.manage import create_discount, edit_discount, list_discounts, list_usable, read_discount
