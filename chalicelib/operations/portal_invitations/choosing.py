"""Who of an audience would be invited, and who is skipped and why: two queries for each megabyte of customers, whoever is chosen."""

from datetime import datetime

from chalicelib.rules.addresses import compared
from chalicelib.rules.organisations import Wishes
from chalicelib.rules.portal_invitations import Audience, Sorting
from chalicelib.tables import customers, organisations

NOTHING_NOTED = Wishes()


def sort(org: str, audience: Audience, *, now: datetime) -> Sorting:
    """Sort the customers of an audience into those who get the e-mail and those who do not. Changes nothing.

    Raises NotFound for a group that is not there.
    """
    if audience.group:
        customers.get_group(org, audience.group)
    zone = organisations.get(org).time_zone
    wishes = organisations.every_wish(org)
    sorting = Sorting()
    for customer in customers.every(org):
        if audience.includes(customer):
            sorting.add(customer, wishes.get(compared(customer.email), NOTHING_NOTED), zone=zone, now=now)
    return sorting
