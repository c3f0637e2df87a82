"""The import of customers."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.operations.identity import derived
from chalicelib.operations.quotas import within_quota
from chalicelib.rules.addresses import compared
from chalicelib.rules.customers import Customer, CustomerExists, CustomerMerged, Participant
from chalicelib.rules.groups import same_name
from chalicelib.rules.imports import customers as rules
from chalicelib.rules.imports.csv_reader import Sheet
from chalicelib.rules.imports.imports import Comparison, Import, RowChange
from chalicelib.rules.inputs.customers import COLUMNS
from chalicelib.rules.quotas import TooManyCustomers
from chalicelib.rules.refusals import ChangedMeanwhile, NotFound
from chalicelib.tables import customers

GONE, CHANGED = "gone", "changed_meanwhile"
ATTEMPTS = 5


class CustomerImport:
    columns = COLUMNS

    def compare(self, made: Import, sheet: Sheet) -> Comparison:
        groups = {same_name(group.name): group.id for group in customers.groups(made.org)}
        wanted, issues = rules.check(sheet, groups)
        known = customers.of_addresses(made.org, (row.email for row in wanted))
        beside = [(row, known.get(compared(row.email))) for row in wanted]
        held = [(row, customer, rules.customer_issues(row, customer)) for row, customer in beside]
        late = [issue for _, _, found in held for issue in found]
        return Comparison([rules.change(row, customer) for row, customer, found in held if row.sound and not found], issues + late)

    def apply(self, made: Import, change: RowChange, now: datetime) -> str:
        return _create(made, change, now) if change.action == "create" else _update(made, change)


CUSTOMERS = CustomerImport()


def _create(made: Import, change: RowChange, now: datetime) -> str:
    """Create the customer of a row and return why it failed, empty on success. A repeated step finds the customer that it created."""
    values = change.values
    customer = Customer(
        org=made.org,
        id=derived("imported", made.org, made.id, str(change.row)),
        email=values["email"],
        name=values["name"],
        created_at=now,
        phone=values["phone"],
        participants=tuple(Participant(name) for name in values["participants"]),
        groups=tuple(values["groups"]),
        fields=tuple((name, value) for name, value in values["fields"]),
    )
    try:
        within_quota(customer.org, "customers", lambda beside: customers.create(customer, beside))
    except CustomerExists as exists:
        return "" if exists.customer == customer.id else CHANGED
    except ChangedMeanwhile:
        return CHANGED
    except TooManyCustomers:
        return TooManyCustomers.code
    return ""


def _update(made: Import, change: RowChange) -> str:
    """Update the customer, if unchanged since the check, and return why it failed. A repeated step finds the update done."""
    for _ in range(ATTEMPTS):
        try:
            known = customers.get(made.org, change.id)
        except (NotFound, CustomerMerged):
            return GONE
        if not rules.changed(change.values, known):
            return ""
        if known.version != change.version:
            return CHANGED
        try:
            customers.save(_changed(known, change.values), was=known)
        except ChangedMeanwhile:
            continue
        return ""
    return CHANGED


def _changed(known: Customer, values: dict[str, Any]) -> Customer:
    more = tuple(Participant(name) for name in values.get("participants", ()))
    facts = {name: values[name] for name in ("name", "phone") if name in values}
    groups = tuple(dict.fromkeys((*known.groups, *values.get("groups", ()))))
    return replace(known, **facts, participants=(*known.participants, *more), groups=groups, fields=rules.merged(values, known))
