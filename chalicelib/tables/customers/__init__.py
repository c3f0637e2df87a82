"""Customers: a row each, one for each address."""

from chalicelib.tables.customers.finding import get, of_address, of_addresses, page
from chalicelib.tables.customers.inviting import due, every, find, look_again, note_sent, replace_link
from chalicelib.tables.customers.portal import accept, end_sessions
from chalicelib.tables.customers.rows import customer_from
from chalicelib.tables.customers.writing import create, save

__all__ = [
    "accept",
    "create",
    "customer_from",
    "due",
    "end_sessions",
    "every",
    "find",
    "get",
    "look_again",
    "note_sent",
    "of_address",
    "of_addresses",
    "page",
    "replace_link",
    "save",
]
