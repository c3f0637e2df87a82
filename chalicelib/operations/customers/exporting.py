"""Customers as a table that can be changed and imported again, and all that is kept about one of them."""

import json
from collections.abc import Mapping

from chalicelib.rules.csv_cells import written
from chalicelib.rules.customers import Customer
from chalicelib.rules.dossiers import Dossier, told
from chalicelib.rules.drafts.customers import COLUMNS
from chalicelib.rules.drafts.groups import SEPARATOR
from chalicelib.tables import customers, invitations, invoices, messages, organisations, registrations, sessions, waitlist

CUSTOMERS_CSV = "customers.csv"
CUSTOMER_JSON = "customer.json"


def export_customers(org: str) -> str:
    """Return all customers by name as CSV, with a column for every field that there is."""
    known = list(customers.every(org))
    groups = {group.id: group.name for group in customers.groups(org)}
    fields: dict[str, str] = {}
    for customer in known:
        for name, _ in customer.fields:
            fields.setdefault(name.casefold(), name)
    return written([*COLUMNS, *fields.values()], (_row(customer, groups, list(fields)) for customer in known))


def export_customer(org: str, customer_id: str) -> str:
    """Return all that is kept about a customer, under all of its addresses, as JSON. Raises NotFound, CustomerMerged."""
    customer = customers.get(org, customer_id)
    emails = customers.addresses(customer)
    booked = [entry for email in emails for entry in registrations.all_of_address(org, email)]
    invited = [entry for email in emails for entry in invitations.all_of_address(org, email)]
    waited = [entry for email in emails for entry in waitlist.all_of_address(org, email)]
    on = {entry.session for entry in booked} | {entry.session for entry in invited} | {entry.session for entry in waited}
    numbers = [number for entry in booked for number in (*entry.invoices_before, entry.invoice) if number]
    names = {group.id: group.name for group in customers.groups(org)}
    dossier = Dossier(
        customer=customer,
        groups=[names[own] for own in customer.groups if own in names],
        wishes=organisations.wishes_of(org, emails),
        registrations=booked,
        invitations=invited,
        waitlists=waited,
        messages=[message for email in emails for message in messages.all_to_address(org, email)],
        invoices=invoices.several(org, dict.fromkeys(numbers)),
        titles={own: session.title for own, session in sessions.several(org, on).items()},
    )
    return json.dumps(told(dossier), ensure_ascii=False, indent=1)


def _row(customer: Customer, groups: Mapping[str, str], fields: list[str]) -> list[str]:
    have = {name.casefold(): value for name, value in customer.fields}
    together = f"{SEPARATOR} "
    return [
        customer.name,
        customer.email,
        customer.phone,
        together.join(one.name for one in customer.participants),
        together.join(groups[own] for own in customer.groups if own in groups),
        customer.status,
        *(have.get(name, "") for name in fields),
    ]
