"""Customers: a row each, one for each address."""

from chalicelib.tables.customers.finding import get, of_address, of_addresses, page
from chalicelib.tables.customers.rows import customer_from
from chalicelib.tables.customers.writing import create, save

__all__ = [
    "create",
    "customer_from",
    "get",
    "of_address",
    "of_addresses",
    "page",
    "save",
]
