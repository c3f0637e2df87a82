"""The CSV export of customers, which can be imported again, and the data export of one customer."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from chalicelib.operations.attendance.history import marked_dates
from chalicelib.operations.audit import record_act
from chalicelib.operations.exports import Exported, ExportedRows, ExportKind, ExportRequest, export, write_part
from chalicelib.rules.csv_export import join_names
from chalicelib.rules.customers import Customer
from chalicelib.rules.data_export import DataExport, to_json
from chalicelib.rules.inputs.customers import COLUMNS
from chalicelib.rules.jobs import Failure, Job
from chalicelib.tables import customers, invitations, invoices, messages, organisations, registrations, sessions, usage, waitlist
from chalicelib.tables.customers import CustomerFilter
from chalicelib.tables.items import Item

CUSTOMERS_CSV = "customers.csv"
CUSTOMER_JSON = "customer.json"


def export_customers(org: str, *, q: str = "", status: str = "", group: str = "", locale: str = "en", by: str, now: datetime) -> Exported:
    """Export customers as CSV, filtered as their list is, with a column for each custom field that any of them has.

    A job writes more than 10,000.
    """
    record_act(org, "customers.exported", now=now)
    return export(CUSTOMERS, ExportRequest(org, {"q": q.strip(), "status": status, "group": group}, locale, now), by=by)


def write_export(job: Job, items: Sequence[str], now: datetime) -> list[Failure]:
    return write_part(CUSTOMERS, job, items, now)


def export_customer(org: str, customer_id: str, *, now: datetime) -> str:
    """Return all personal data of a customer, under each of their addresses, as JSON. Raises NotFound, CustomerMerged."""
    customer = customers.get(org, customer_id)
    record_act(org, "customer.exported", customer.id, now=now)
    emails = customers.addresses(customer)
    booked = [one for email in emails for one in registrations.all_of_address(org, email)]
    invited = [one for email in emails for one in invitations.all_of_address(org, email)]
    waited = [one for email in emails for one in waitlist.all_of_address(org, email)]
    on = {one.session for one in booked} | {one.session for one in invited} | {one.session for one in waited}
    known = sessions.several(org, on)
    numbers = [number for one in booked for number in (*one.invoices_before, one.invoice) if number]
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


def _read(request: ExportRequest, columns: Sequence[str], start: Item | None, limit: int) -> ExportedRows:
    wanted = CustomerFilter(q=request.of.get("q", ""), status=request.of.get("status", ""), group=request.of.get("group", ""))
    found, next_start = customers.page(request.org, wanted, limit=limit, start=start)
    groups = {group.id: group.name for group in customers.groups(request.org)}
    fields = {name.casefold(): name for name in columns}
    for customer in found:
        for name, _ in customer.fields:
            fields.setdefault(name.casefold(), name)
    return ExportedRows([_row(customer, groups, fields) for customer in found], list(fields.values()), next_start)


def _count(request: ExportRequest) -> int:
    return usage.count_customers(request.org)


def _row(customer: Customer, groups: Mapping[str, str], fields: Iterable[str]) -> list[str]:
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


CUSTOMERS = ExportKind("customers_table", CUSTOMERS_CSV, COLUMNS, _read, _count)
