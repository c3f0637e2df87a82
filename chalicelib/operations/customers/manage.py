"""Customers, for staff: create, find, edit and delete."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from chalicelib.operations import portal_invitations
from chalicelib.operations.customers.from_registration import ensure_customer
from chalicelib.operations.customers.history import has_history
from chalicelib.operations.identity import derived
from chalicelib.operations.quotas import within_quota
from chalicelib.rules.addresses import compared
from chalicelib.rules.customers import Customer, CustomerExists, CustomerInUse, CustomerMerged
from chalicelib.rules.inputs.customers import CustomerChanges, CustomerInput
from chalicelib.rules.inputs.portal_invitations import CustomTextInput
from chalicelib.rules.merge import with_address
from chalicelib.rules.organisations import EmailPreferences
from chalicelib.rules.refusals import ChangedMeanwhile, NotFound, ValidationFailed
from chalicelib.rules.registrations import Registration
from chalicelib.rules.translation import N_
from chalicelib.tables import customers, organisations, registrations
from chalicelib.tables.items import Item

ATTEMPTS = 5
NO_SUCH_GROUP = ("unknown_group", N_("There is no such group. Choose one of the list, or make it first."))


class CustomerPage(NamedTuple):
    items: list[Customer]
    next: Item | None


class CustomerView(NamedTuple):
    """A customer with the data of their page."""

    customer: Customer
    registrations: list[Registration]
    """The registrations under any of the customer's addresses, latest first."""
    email_preferences: EmailPreferences
    """Whether the main address has unsubscribed or is suppressed."""


def create_customer(org: str, draft: CustomerInput, *, key: str, now: datetime, by: str = "") -> Customer:
    """Create a customer, and invite them to the portal if the draft says so. A retry with the same key returns the same customer.

    Raises CustomerExists, which names the customer with this address; ValidationFailed for unknown groups.
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
    _write_new(customer)
    if draft.invite:
        portal_invitations.invite_customer(org, customer.id, CustomTextInput(), by=by, key=key, now=now)
    return customer


def _write_new(customer: Customer) -> None:
    """Write the customer, unless an earlier attempt of this request did. Raises CustomerExists for another customer's address,
    TooManyCustomers."""
    try:
        within_quota(customer.org, "customers", lambda beside: customers.create(customer, beside))
    except CustomerExists as exists:
        if exists.customer != customer.id:
            raise


def list_customers(org: str, *, q: str = "", status: str = "", group: str = "", limit: int, start: Item | None = None) -> CustomerPage:
    """Return a page of customers by name, filtered by search text, status and group."""
    return CustomerPage(*customers.page(org, customers.CustomerFilter(q.strip(), status, group), limit=limit, start=start))


def find_customers(org: str, q: str, *, limit: int, most_pages: int) -> CustomerPage:
    """Return the first customers by name whom a text finds. It reads at most so many pages of the index, of up to 2,000 customers each."""
    return CustomerPage(*customers.page(org, customers.CustomerFilter(q.strip()), limit=limit, start=None, most_pages=most_pages))


def read_customer(org: str, customer_id: str) -> CustomerView:
    """Return a customer with their registrations and e-mail preferences. Raises NotFound, CustomerMerged."""
    customer = customers.get(org, customer_id)
    emails = customers.addresses(customer)
    booked = [registration for email in emails for registration in registrations.of_address(org, email)]
    latest_first = sorted(booked, key=lambda registration: registration.created_at, reverse=True)
    return CustomerView(customer, latest_first, organisations.email_preferences(org, customer.email))


def find_by_address(org: str, email: str) -> Customer | None:
    """Return the customer with this address; None before the stream has created it, and after an erasure."""
    try:
        return customers.of_address(org, email)
    except (NotFound, CustomerMerged):
        return None


def edit_customer(
    org: str, customer_id: str, changes: CustomerChanges, *, expected: int | None, beside: Sequence[dict[str, Any]] = ()
) -> Customer:
    """Change the given fields. Existing registrations keep their name and address.

    A replaced address stays a secondary address, so that its registrations remain the customer's; another customer may take it.
    Raises NotFound, CustomerMerged, ChangedMeanwhile, CustomerExists, ValidationFailed for unknown groups.
    """
    for _ in range(ATTEMPTS):
        was = customers.get(org, customer_id)
        if expected is not None and was.version != expected:
            raise ChangedMeanwhile
        _check_groups(org, [id for id in changes.groups or () if id not in was.groups], of=changes.groups or ())
        try:
            return customers.save(_changed(was, changes), was=was, beside=beside)
        except ChangedMeanwhile:
            continue
    raise ChangedMeanwhile


def delete_customer(org: str, customer_id: str, *, expected: int | None, now: datetime) -> None:
    """Delete a customer without registrations, invitations and waitlist entries.

    A registration made at the same moment creates the customer anew.
    Raises NotFound, CustomerMerged, CustomerInUse, ChangedMeanwhile.
    """
    customer = customers.get(org, customer_id)
    if expected is not None and customer.version != expected:
        raise ChangedMeanwhile
    emails = customers.addresses(customer)
    if any(has_history(org, email) for email in emails):
        raise CustomerInUse
    customers.delete(customer)
    for registration in (found for email in emails for found in registrations.all_of_address(org, email)):
        ensure_customer(registration, now=now)


def _changed(was: Customer, changes: CustomerChanges) -> Customer:
    named: dict[str, Any] = {name: getattr(changes, name) for name in changes.model_fields_set - {"bookings_follow"}}
    if "participants" in named:
        named["participants"] = tuple(child.participant() for child in named["participants"])
    if "groups" in named:
        named["groups"] = tuple(dict.fromkeys(named["groups"]))
    if "fields" in named:
        named["fields"] = tuple(named["fields"].items())
    customer = replace(was, **named, unconfirmed=False)
    if compared(customer.email) == compared(was.email):
        return customer
    return replace(customer, addresses=with_address(customer, was.email), feed_version=was.feed_version + 1)


def _check_groups(org: str, wanted: Sequence[str], *, of: Sequence[str] = ()) -> None:
    """Raise ValidationFailed, with a fault at the index of each unknown group."""
    if not wanted:
        return
    known = {group.id for group in customers.groups(org)}
    faults = [(f"/groups/{index}", *NO_SUCH_GROUP) for index, id in enumerate(of or wanted) if id in wanted and id not in known]
    if faults:
        raise ValidationFailed(faults)
