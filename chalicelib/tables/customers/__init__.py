"""Customers: a row each, one for each address."""

from chalicelib.tables.customers.finding import Sought, addresses, get, of_address, of_addresses, page
from chalicelib.tables.customers.groups import create_group, end_group, forget_group, get_group, groups, save_group
from chalicelib.tables.customers.inviting import due, every, find, look_again, note_sent, replace_link
from chalicelib.tables.customers.portal import accept, end_sessions
from chalicelib.tables.customers.rows import customer_from
from chalicelib.tables.customers.writing import create, merge, save

__all__ = [
    "Sought",
    "accept",
    "addresses",
    "create",
    "create_group",
    "customer_from",
    "due",
    "end_group",
    "end_sessions",
    "every",
    "find",
    "forget_group",
    "get",
    "get_group",
    "groups",
    "look_again",
    "merge",
    "note_sent",
    "of_address",
    "of_addresses",
    "page",
    "replace_link",
    "save",
    "save_group",
]
