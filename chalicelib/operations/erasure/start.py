"""Previews an erasure and starts its job."""

from datetime import datetime
from typing import NamedTuple

from chalicelib.operations import jobs
from chalicelib.operations.identity import derived
from chalicelib.rules.customers import Customer
from chalicelib.rules.jobs import Job
from chalicelib.rules.registrations import Registration
from chalicelib.tables import contracts, customers, invitations, registrations, sessions

FIRST_STEPS = ("account",)
LAST_STEPS = ("invoices", "jobs", "files", "messages", "audit", "customer")
"""The customer's row goes last, because an interrupted erasure reads the customer's addresses from it."""


class Consequences(NamedTuple):
    """The consequences of an erasure."""

    customer: Customer
    coming: list[Registration]
    """Registrations for sessions that have not ended. Their spots stay taken, without a name."""
    invoiced: int
    """The number of invoices whose customer name is removed."""


def consequences(org: str, customer_id: str, *, now: datetime) -> Consequences:
    """Return the consequences of erasing the customer. Changes nothing. Raises NotFound, CustomerMerged."""
    customer = customers.get(org, customer_id)
    booked = [registration for email in customers.addresses(customer) for registration in registrations.of_address(org, email)]
    kept = [registration for registration in booked if not registration.removed_at]
    booked_sessions = {id: sessions.get(org, id) for id in {registration.session for registration in kept}}
    coming = [one for one in kept if (session := booked_sessions[one.session]).ends_at > now and not session.cancelled_at]
    return Consequences(customer, coming, sum(bool(registration.invoice) for registration in booked))


def erase_customer(org: str, customer_id: str, *, by: str, now: datetime) -> str:
    """Start the erasure of a customer and return its job's id, the same for a repeated call. Raises NotFound, CustomerMerged."""
    customer = customers.get(org, customer_id)
    emails = customers.addresses(customer)
    booked = [registration.session for email in emails for registration in registrations.all_of_address(org, email)]
    invited = [invitation.session for email in emails for invitation in invitations.all_of_address(org, email)]
    rosters = dict.fromkeys((*(session.id for session in sessions.every(org)), *booked, *invited))
    steps = [
        *FIRST_STEPS,
        *(f"session#{id}" for id in rosters),
        *(f"contract#{contract.id}" for contract in contracts.every(org)),
        *LAST_STEPS,
    ]
    id = derived("erase", org, customer.id)
    job = Job(org=org, id=id, kind="erase", total=len(steps), by=by, created_at=now, moved_at=now, data={"customer": customer.id})
    jobs.start(job, steps)
    return job.id
