"""Customers: made by staff, by registering, or by accepting an invitation; one for each address."""

from chalicelib.operations.customers.keeping import CustomerPage, create_customer, edit_customer, list_customers, read_customer
from chalicelib.operations.customers.knowing import know

__all__ = ["CustomerPage", "create_customer", "edit_customer", "know", "list_customers", "read_customer"]
