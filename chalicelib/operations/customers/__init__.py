"""Customers: created by staff, by a registration or by an accepted invitation; one for each address."""

from chalicelib.operations.customers.export import CUSTOMER_JSON, CUSTOMERS_CSV, export_customer, export_customers, write_export
from chalicelib.operations.customers.from_registration import ensure_customer
from chalicelib.operations.customers.groups import (
    add_to_group,
    count_customers,
    create_group,
    delete_group,
    leave_group,
    list_groups,
    read_group,
    remove_from_group,
    rename_group,
)
from chalicelib.operations.customers.lift_suppression import Lifted, lift_suppression
from chalicelib.operations.customers.manage import (
    CustomerPage,
    CustomerView,
    create_customer,
    delete_customer,
    edit_customer,
    find_by_address,
    find_customers,
    list_customers,
    read_customer,
)
from chalicelib.operations.customers.merge import merge_customers
