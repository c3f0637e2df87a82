"""Customers as staff make, find and change them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from chalicelib.operations import portal_invitations
from chalicelib.operations.identity import derived
from chalicelib.rules.addresses import compared
from chalicelib.rules.customers import Customer, CustomerExists
from chalicelib.rules.drafts.customers import CustomerChanges, CustomerDraft
from chalicelib.rules.drafts.portal_invitations import WordsDraft
from chalicelib.rules.merging import with_address
from chalicelib.rules.organisations import Wishes
from chalicelib.rules.refusals import ChangedMeanwhile, DoesNotFit, marked
from chalicelib.rules.registrations import Registration
from chalicelib.tables import customers, organisations, registrations
from chalicelib.tables.items import Item

ATTEMPTS = 5
NO_SUCH_GROUP = ("unknown_group", marked("There is no such group. Choose one of the list, or make it first."))


class CustomerPage(NamedTuple):
    items: list[Customer]
    next: Item | None


class CustomerView(NamedTuple):
    """A customer with all that its page shows."""

    customer: Customer
    registrations: list[Registration]
    """What it registered for under any of its addresses, latest first."""
    wishes: Wishes
    """What its first address does not want or does not get."""


def create_customer(org: str, draft: CustomerDraft, *, key: str, now: datetime, by: str = "") -> Customer:
    """Make a customer, and invite it to the portal if that is wanted; a retry under the same key makes the same one.

    Raises CustomerExists with the one who has the address, DoesNotFit for groups that are not there.
    """
    _check_groups(org, draft.groups)
    customer = Customer(
        org=org,
        id=derived("customer", org, key),
        email=draft.email,
        name=draft.name,
        created_at=now,
        phone=draft.phone,
        participants=tuple(child.participant() for child in draft.participants),
        groups=tuple(dict.fromkeys(draft.groups)),
        fields=tuple(draft.fields.items()),
    )
    _created(customer)
    if draft.invite:
        portal_invitations.invite_customer(org, customer.id, WordsDraft(), by=by, key=key, now=now)
    return customer


def _created(customer: Customer) -> None:
    """Write a new customer, unless an earlier try of the same request wrote it. Raises CustomerExists."""
    try:
        customers.create(customer)
    except CustomerExists as exists:
        if exists.customer != customer.id:
            raise


def list_customers(org: str, *, q: str = "", status: str = "", group: str = "", limit: int, start: Item | None = None) -> CustomerPage:
    """Return a page of customers by name: all, or those that a search, a status and a group leave."""
    return CustomerPage(*customers.page(org, customers.Sought(q.strip(), status, group), limit=limit, start=start))


def read_customer(org: str, customer_id: str) -> CustomerView:
    """Return a customer, what they registered for, and what their address wants. Raises NotFound, CustomerMerged."""
    customer = customers.get(org, customer_id)
    emails = customers.addresses(customer)
    booked = [entry for email in emails for entry in registrations.of_address(org, email)]
    latest_first = sorted(booked, key=lambda entry: entry.created_at, reverse=True)
    return CustomerView(customer, latest_first, organisations.wishes(org, customer.email))


def edit_customer(org: str, customer_id: str, changes: CustomerChanges, *, expected: int | None) -> Customer:
    """Change what is named. What was booked keeps the name it was booked under.

    An address before stays known as a further one, so that what it booked is still the customer's; it is free for somebody else.
    Raises ChangedMeanwhile, CustomerExists, DoesNotFit for groups that are not there.
    """
    for _ in range(ATTEMPTS):
        was = customers.get(org, customer_id)
        if expected is not None and was.version != expected:
            raise ChangedMeanwhile
        _check_groups(org, [own for own in changes.groups or () if own not in was.groups], of=changes.groups or ())
        try:
            return customers.save(_changed(was, changes), was=was)
        except ChangedMeanwhile:
            continue
    raise ChangedMeanwhile


def _changed(was: Customer, changes: CustomerChanges) -> Customer:
    named: dict[str, Any] = {name: getattr(changes, name) for name in changes.model_fields_set}
    if "participants" in named:
        named["participants"] = tuple(child.participant() for child in named["participants"])
    if "groups" in named:
        named["groups"] = tuple(dict.fromkeys(named["groups"]))
    if "fields" in named:
        named["fields"] = tuple(named["fields"].items())
    customer = replace(was, **named)
    if compared(customer.email) == compared(was.email):
        return customer
    return replace(customer, addresses=with_address(customer, was.email))


def _check_groups(org: str, wanted: Sequence[str], *, of: Sequence[str] = ()) -> None:
    """Refuse groups that are not there, each where it stands among those that were sent."""
    if not wanted:
        return
    known = {group.id for group in customers.groups(org)}
    faults = [(f"/groups/{place}", *NO_SUCH_GROUP) for place, own in enumerate(of or wanted) if own in wanted and own not in known]
    if faults:
        raise DoesNotFit(faults)
