"""Lifts the suppression of a customer's addresses after a bounce."""

from datetime import datetime
from typing import NamedTuple

from chalicelib.operations.waitlist.entries import return_held_back
from chalicelib.rules.customers import AddressComplained, Customer
from chalicelib.rules.organisations import Bounce, EmailPreferences
from chalicelib.rules.refusals import Busy
from chalicelib.tables import customers, organisations

ATTEMPTS = 5


class Lifted(NamedTuple):
    """A customer with the bounces whose suppression was lifted: address → bounce."""

    customer: Customer
    bounces: dict[str, Bounce]


def lift_suppression(org: str, customer_id: str, *, now: datetime) -> Lifted:
    """Forget the bounces of a customer's addresses, so that e-mails are sent again; waitlist entries that they held back are in line again.

    Repeatable: nothing that bounced means nothing to lift. A further address that complained stays suppressed.
    Raises NotFound, CustomerMerged, and AddressComplained when the main address complained.
    """
    customer = customers.get(org, customer_id)
    bounces = {}
    for email in customers.addresses(customer):
        bounce = _lifted(org, email, main=email == customer.email, now=now)
        if bounce:
            bounces[email] = bounce
        return_held_back(org, email)
    return Lifted(customer, bounces)


def _lifted(org: str, email: str, *, main: bool, now: datetime) -> Bounce | None:
    """Lift the suppression of one address and return its bounce. Raises AddressComplained for the main one, Busy."""
    for _ in range(ATTEMPTS):
        preferences = organisations.email_preferences(org, email)
        if _complained(preferences, main):
            return None
        if preferences.bounce is None or organisations.lift_bounce(org, email, preferences.bounce, now=now):
            return preferences.bounce
    raise Busy


def _complained(preferences: EmailPreferences, main: bool) -> bool:
    if preferences.complaints and main:
        raise AddressComplained
    return bool(preferences.complaints)
