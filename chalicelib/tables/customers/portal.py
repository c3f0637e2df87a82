"""Customers as holders of an account: one for each organisation that knows them."""

from dataclasses import replace
from datetime import datetime

from chalicelib.rules import times
from chalicelib.rules.customers import Customer
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.items import stored

AS_READ = "version = :version"
THERE = "attribute_exists(pk)"


def accept(customer: Customer, user: str) -> Customer:
    """Let the account that proved the customer's address be the customer's, and remind it no more.

    Raises ChangedMeanwhile when the customer is not as it was read: its link was used or replaced, or its address is another.
    """
    try:
        requests.update(
            settings().records_table,
            keys.customer(customer.org, customer.id),
            "SET #status = :accepted, #user = :user, version = :next REMOVE remind_at, due, due_at",
            AS_READ,
            names={"#status": "status", "#user": "user"},
            values={
                ":accepted": stored("accepted"),
                ":user": stored(user),
                ":next": stored(customer.version + 1),
                ":version": stored(customer.version),
            },
        )
    except requests.ConditionFailed:
        raise ChangedMeanwhile from None
    return replace(customer, status="accepted", user=user, remind_at=None, version=customer.version + 1)


def end_sessions(customer: Customer, *, now: datetime) -> None:
    """Let the access tokens of before this moment count no more. A customer who is gone has none that count."""
    try:
        requests.update(
            settings().records_table,
            keys.customer(customer.org, customer.id),
            "SET sessions_from = :now, version = version + :one",
            THERE,
            values={":now": stored(times.written(now)), ":one": stored(1)},
        )
    except requests.ConditionFailed:
        return
