"""The CSV export of customers, which can be imported again, and the data export of one customer."""

import json
from collections.abc import Mapping
from datetime import datetime

from chalicelib.operations.attendance.history import marked_dates
from chalicelib.operations.audit import record_act
from chalicelib.operations.headings import headings
from chalicelib.rules.csv_export import csv_text, join_names
from chalicelib.rules.customers import Customer
from chalicelib.rules.data_export import DataExport, to_json
from chalicelib.rules.inputs.customers import COLUMNS
from chalicelib.tables import customers, invitations, invoices, messages, organisations, registrations, sessions, waitlist

CUSTOMERS_CSV = "customers.csv"
CUSTOMER_JSON = "customer.json"


def export_customers(org: str, *, locale: str = "en", now: datetime) -> str:
    """Return all customers as CSV, with a column for each custom field that any of them has."""
    record_act(org, "customers.exported", now=now)
    known = list(customers.every(org))
    groups = {group.id: group.name for group in customers.groups(org)}
    fields: dict[str, str] = {}
    for customer in known:
        for name, _ in customer.fields:
            fields.setdefault(name.casefold(), name)
    return csv_text(headings(COLUMNS, locale, fields.values()), (_row(customer, groups, list(fields)) for customer in known))


def export_customer(org: str, customer_id: str, *, now: datetime) -> str:
    """Return all personal data of a customer, under each of their addresses, as JSON. Raises NotFound, CustomerMerged."""
    customer = customers.get(org, customer_id)
    record_act(org, "customer.exported", customer.id, now=now)
    emails = customers.addresses(customer)
    booked = [entry for email in emails for entry in registrations.all_of_address(org, email)]
    invited = [entry for email in emails for entry in invitations.all_of_address(org, email)]
    waited = [entry for email in emails for entry in waitlist.all_of_address(org, email)]
    on = {entry.session for entry in booked} | {entry.session for entry in invited} | {entry.session for entry in waited}
    known = sessions.several(org, on)
    numbers = [number for entry in booked for number in (*entry.invoices_before, entry.invoice) if number]
    names = {group.id: group.name for group in customers.groups(org)}
    export = DataExport(
        customer=customer,
        groups=[names[id] for id in customer.groups if id in names],
        email_preferences=organisations.email_preferences_of(org, emails),
        registrations=booked,
        invitations=invited,
        waitlists=waited,
        messages=[message for email in emails for message in messages.all_to_address(org, email)],
        invoices=invoices.several(org, dict.fromkeys(numbers)),
        titles={id: session.title for id, session in known.items()},
        attendance=marked_dates(org, booked, known),
    )
    return json.dumps(to_json(export), ensure_ascii=False, indent=1)


def _row(customer: Customer, groups: Mapping[str, str], fields: list[str]) -> list[str]:
    have = {name.casefold(): value for name, value in customer.fields}
    return [
        customer.name,
        customer.email,
        customer.phone,
        join_names(one.name for one in customer.participants),
        join_names(groups[id] for id in customer.groups if id in groups),
        customer.status,
        *(have.get(name, "") for name in fields),
    ]
