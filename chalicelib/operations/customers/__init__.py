"""Customers: made by staff, by registering, or by accepting an invitation; one for each address."""

from chalicelib.operations.customers.exporting import (
    CUSTOMER_JSON,
    CUSTOMERS_CSV,
    export_customer,
    export_customers,
)
from chalicelib.operations.customers.grouping import (
    count_members,
    create_group,
    delete_group,
    join,
    leave,
    leave_group,
    list_groups,
    read_group,
    rename_group,
)
from chalicelib.operations.customers.keeping import (
    CustomerPage,
    CustomerView,
    create_customer,
    edit_customer,
    list_customers,
    read_customer,
)
from chalicelib.operations.customers.knowing import know
from chalicelib.operations.customers.merging import merge_customers

__all__ = [
    "CUSTOMERS_CSV",
    "CUSTOMER_JSON",
    "CustomerPage",
    "CustomerView",
    "count_members",
    "create_customer",
    "create_group",
    "delete_group",
    "edit_customer",
    "export_customer",
    "export_customers",
    "join",
    "know",
    "leave",
    "leave_group",
    "list_customers",
    "list_groups",
    "merge_customers",
    "read_customer",
    "read_group",
    "rename_group",
]
