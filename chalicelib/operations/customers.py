"""Customers: made by staff, by registering, or by accepting an invitation; one for each address."""

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from chalicelib.operations.identity import derived
from chalicelib.rules.customers import Customer, CustomerExists, Participant
from chalicelib.rules.drafts.customers import CustomerChanges, CustomerDraft
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.rules.registrations import Registration, same_participant
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


def know(registration: Registration, *, now: datetime) -> None:
    """Make sure that whoever registered is a customer, and that their participants are known. It may be done again."""
    for _ in range(ATTEMPTS):
        known = customers.of_address(registration.org, registration.email)
        try:
            if known is None:
                customers.create(_from(registration, now))
            elif more := _unknown(known, registration):
                customers.save(replace(known, participants=(*known.participants, *more)), was=known)
        except (ChangedMeanwhile, CustomerExists):
            continue
        return


def _from(registration: Registration, now: datetime) -> Customer:
    return Customer(
        org=registration.org,
        id=derived("customer", registration.org, registration.session, registration.id),
        email=registration.email,
        name=registration.name,
        created_at=now,
        phone=registration.phone,
        participants=tuple(Participant(name) for name in registration.participants),
    )


def _unknown(customer: Customer, registration: Registration) -> list[Participant]:
    known = {same_participant(participant.name) for participant in customer.participants}
    return [Participant(name) for name in registration.participants if same_participant(name) not in known]
