"""Merges two customers that are the same person."""

from datetime import datetime

from chalicelib.rules.customers import Customer, CustomerMerged
from chalicelib.rules.merge import merged_customer
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.tables import customers

ATTEMPTS = 5


def merge_customers(org: str, customer_id: str, *, into: str, now: datetime) -> Customer:
    """Merge the customer into another and return that one. Does nothing if they are merged already.

    Future registrations of both addresses belong to the remaining customer.
    Raises NotFound, CustomerMerged, SameCustomer, TooManyAddresses, ChangedMeanwhile.
    """
    for _ in range(ATTEMPTS):
        survivor = customers.get(org, into)
        try:
            merged = customers.get(org, customer_id)
        except CustomerMerged as already:
            if already.customer == survivor.id:
                return survivor
            raise
        try:
            return customers.merge(merged, merged_customer(survivor, merged), was=survivor, now=now)
        except ChangedMeanwhile:
            continue
    raise ChangedMeanwhile
