"""Two customers with two addresses turn out to be one person."""

from datetime import datetime

from chalicelib.rules.customers import Customer, CustomerMerged
from chalicelib.rules.merging import together
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.tables import customers

ATTEMPTS = 5


def merge_customers(org: str, customer_id: str, *, into: str, now: datetime) -> Customer:
    """Let the customer become one with another, which stays, and return that one. Merged there already: nothing changes.

    What either address books from now on is the survivor's. Raises NotFound, CustomerMerged, SameCustomer, TooManyAddresses.
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
            return customers.merge(merged, together(survivor, merged), was=survivor, now=now)
        except ChangedMeanwhile:
            continue
    raise ChangedMeanwhile
