"""The portal accounts of customers. An account has one customer in each organisation that knows the person."""

from dataclasses import replace
from datetime import datetime

from chalicelib.config import config
from chalicelib.rules import times
from chalicelib.rules.customers import Customer
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.conditions import THERE, Update, as_read, equals
from chalicelib.tables.customers.lists import list_writes
from chalicelib.tables.customers.rows import customer_from


def accept(customer: Customer, user: str) -> Customer:
    """Link the customer to the account that confirmed the address, and end the reminders.

    Raises ChangedMeanwhile when the customer has changed since it was read: the link was used or replaced, or the address changed.
    """
    change = Update().set(status="accepted", user=user).remove("remind_at", "due", "due_at", "unconfirmed").add(version=1)
    row = dynamodb.update_write(config().records_table, keys.customer(customer.org, customer.id), change, as_read(customer.version))
    accepted = replace(customer, status="accepted", user=user, unconfirmed=False, remind_at=None, version=customer.version + 1)
    try:
        dynamodb.transact([row, *list_writes(accepted, was=customer)])
    except dynamodb.TransactionFailed:
        raise ChangedMeanwhile from None
    return accepted


def renew_feed(customer: Customer) -> Customer:
    """Give the calendar feed a new URL; the old one is dead. Raises ChangedMeanwhile when the customer is gone or merged."""
    renewed = Update().add(feed_version=1, version=1)
    try:
        found = dynamodb.update(config().records_table, keys.customer(customer.org, customer.id), renewed, equals("user", customer.user))
    except dynamodb.ConditionFailed:
        raise ChangedMeanwhile from None
    return customer_from(found)


def end_sessions(customer: Customer, *, now: datetime) -> None:
    """Invalidate the access tokens issued before `now`. Nothing to do for a deleted customer."""
    ended = Update().set(sessions_from=times.written(now)).add(version=1, feed_version=1)
    try:
        dynamodb.update(config().records_table, keys.customer(customer.org, customer.id), ended, THERE)
    except dynamodb.ConditionFailed:
        return
