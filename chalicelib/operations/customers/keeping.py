"""Customers as staff make, find and change them."""

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from chalicelib.operations.identity import derived
from chalicelib.rules.customers import Customer
from chalicelib.rules.drafts.customers import CustomerChanges, CustomerDraft
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.rules.registrations import Registration
from chalicelib.tables import customers, registrations
from chalicelib.tables.items import Item

ATTEMPTS = 5


class CustomerPage(NamedTuple):
    items: list[Customer]
    next: Item | None


def create_customer(org: str, draft: CustomerDraft, *, key: str, now: datetime) -> Customer:
    """Make a customer; a retry under the same key makes the same one. Raises CustomerExists with the one who has the address."""
    customer = Customer(
        org=org,
        id=derived("customer", org, key),
        email=draft.email,
        name=draft.name,
        created_at=now,
        phone=draft.phone,
        participants=tuple(child.participant() for child in draft.participants),
    )
    customers.create(customer)
    return customer


def list_customers(org: str, *, q: str, limit: int, start: Item | None = None) -> CustomerPage:
    """Return a page of customers by name, all or those that a search finds."""
    return CustomerPage(*customers.page(org, q=q.strip(), limit=limit, start=start))


def read_customer(org: str, customer_id: str) -> tuple[Customer, list[Registration]]:
    """Return a customer and what they registered for, latest first. Raises NotFound."""
    customer = customers.get(org, customer_id)
    return customer, registrations.of_address(org, customer.email)


def edit_customer(org: str, customer_id: str, changes: CustomerChanges, *, expected: int | None) -> Customer:
    """Change what is named. What was booked keeps the name it was booked under. Raises ChangedMeanwhile, CustomerExists."""
    for _ in range(ATTEMPTS):
        was = customers.get(org, customer_id)
        if expected is not None and was.version != expected:
            raise ChangedMeanwhile
        named = {name: getattr(changes, name) for name in changes.model_fields_set}
        if "participants" in named:
            named["participants"] = tuple(child.participant() for child in named["participants"])
        try:
            return customers.save(replace(was, **named), was=was)
        except ChangedMeanwhile:
            continue
    raise ChangedMeanwhile
