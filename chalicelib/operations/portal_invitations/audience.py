"""The recipients of an audience, and the customers who are skipped, with the reason: two queries for each megabyte of customers."""

from datetime import datetime

from chalicelib.rules.addresses import compared
from chalicelib.rules.organisations import EmailPreferences
from chalicelib.rules.portal_invitations import Audience, AudienceCheck
from chalicelib.tables import customers, organisations
from chalicelib.tables.retries import own_deadline

NOTHING_NOTED = EmailPreferences()


def check_audience(org: str, audience: Audience, *, now: datetime) -> AudienceCheck:
    """Split the customers of an audience into recipients and skipped ones. Changes nothing. Raises NotFound for an unknown group."""
    if audience.group:
        customers.get_group(org, audience.group)
    zone, sorting = organisations.get(org).time_zone, AudienceCheck()
    with own_deadline():
        preferences = organisations.every_email_preferences(org)
        for customer in customers.of_group(org, audience.group) if audience.group else customers.every(org):
            if audience.includes(customer):
                sorting.add(customer, preferences.get(compared(customer.email), NOTHING_NOTED), zone=zone, now=now)
    return sorting
