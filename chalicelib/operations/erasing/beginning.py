"""An erasure begins: what it will mean, and the job that does it."""

from datetime import datetime
from typing import NamedTuple

from chalicelib.operations import jobs
from chalicelib.operations.identity import derived
from chalicelib.rules.customers import Customer
from chalicelib.rules.jobs import Job
from chalicelib.rules.registrations import Registration
from chalicelib.tables import contracts, customers, invitations, registrations, sessions

BEFORE = ("account", "memory")
AFTER = ("invoices", "jobs", "files", "messages", "customer")
"""The customer's row goes last: from it an erasure that died knows whom it is about."""


class Consequences(NamedTuple):
    """What an erasure will mean."""

    customer: Customer
    coming: list[Registration]
    """What stands on rosters and is not over: the spots stay taken, by nobody in particular."""
    invoiced: int
    """How many invoices lose their name."""


def consequences(org: str, customer_id: str, *, now: datetime) -> Consequences:
    """Say what erasing the customer will mean. Raises NotFound, CustomerMerged."""
    customer = customers.get(org, customer_id)
    booked = [entry for email in customers.addresses(customer) for entry in registrations.of_address(org, email)]
    standing = [entry for entry in booked if not entry.removed_at]
    ends = {own: sessions.get(org, own) for own in {entry.session for entry in standing}}
    coming = [entry for entry in standing if ends[entry.session].ends_at > now and not ends[entry.session].cancelled_at]
    return Consequences(customer, coming, sum(bool(entry.invoice) for entry in booked))


def erase_customer(org: str, customer_id: str, *, by: str, now: datetime) -> str:
    """Begin to erase a customer and return the job; asked again, it is the same job. Raises NotFound, CustomerMerged."""
    customer = customers.get(org, customer_id)
    emails = customers.addresses(customer)
    booked = [entry.session for email in emails for entry in registrations.all_of_address(org, email)]
    invited = [entry.session for email in emails for entry in invitations.all_of_address(org, email)]
    rosters = dict.fromkeys((*(session.id for session in sessions.every(org)), *booked, *invited))
    steps = [
        *BEFORE,
        *(f"session#{own}" for own in rosters),
        *(f"contract#{contract.id}" for contract in contracts.every(org)),
        *AFTER,
    ]
    own = derived("erase", org, customer.id)
    job = Job(org=org, id=own, kind="erase", total=len(steps), by=by, created_at=now, moved_at=now, data={"customer": customer.id})
    jobs.start(job, steps)
    return job.id
