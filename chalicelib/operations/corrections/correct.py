"""Corrects an address on a customer or on a registration. All rows with the old address get the new one, if staff want it.

The job that makes it follow is written in the transaction of the correction, so a crash loses nothing. The request then does the work
itself as far as it goes, so that an e-mail that leaves a moment later reaches the new address already.
"""

from contextlib import suppress
from datetime import datetime
from itertools import islice

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib import telemetry
from chalicelib.operations import customers as customer_operations
from chalicelib.operations import registrations as registration_operations
from chalicelib.operations.corrections.apply import apply_correction, parties_of_address
from chalicelib.operations.identity import derived
from chalicelib.operations.jobs.queue import queue_step
from chalicelib.rules.addresses import compared
from chalicelib.rules.customers import Customer
from chalicelib.rules.inputs.customers import CustomerChanges
from chalicelib.rules.inputs.roster import ContactChanges
from chalicelib.rules.jobs import Job
from chalicelib.rules.refs import Ref
from chalicelib.rules.refusals import Busy, ChangedMeanwhile
from chalicelib.rules.registrations import Registration
from chalicelib.tables import customers, jobs, registrations

MOST_AT_ONCE = 50
"""How many bookings the request moves itself. The job moves the rest."""
MOST_COUNTED = 100


def edit_customer(org: str, customer_id: str, changes: CustomerChanges, *, expected: int | None, by: str = "", now: datetime) -> Customer:
    """Edit a customer as `customers.edit_customer` does; with a corrected address, its bookings follow unless `changes` says no."""
    was = customers.get(org, customer_id)
    job = _job(org, was.email, changes.email, by=by, now=now) if changes.bookings_follow else None
    saved = customer_operations.edit_customer(org, customer_id, changes, expected=expected, beside=jobs.writes(job, {}) if job else ())
    _go(job, now)
    return saved


def correct_contact(org: str, public_id: str, changes: ContactChanges, *, by: str = "", now: datetime) -> Registration:
    """Correct who booked as `registrations.correct_contact` does; everything else under the old address follows if `changes` says so."""
    _, session_id, id = Ref.parse(org, public_id)
    was = registrations.get(org, session_id, id)
    job = _job(org, was.email, changes.email, by=by, now=now) if changes.bookings_follow else None
    beside = jobs.writes(job, {}) if job else ()
    corrected = registration_operations.correct_contact(org, public_id, changes, now=now, beside=beside)
    _go(job, now)
    return corrected


def count_bookings(org: str, email: str, *, now: datetime) -> int:
    """Return how many registrations, invitations and waitlist entries have an address; MOST_COUNTED at most."""
    return sum(1 for _ in islice(parties_of_address(org, email, now=now), MOST_COUNTED))


def _job(org: str, old: str, new: str | None, *, by: str, now: datetime) -> Job | None:
    """Return the job that corrects the rows with an address; None when the address stays the same."""
    if new is None or compared(new) == compared(old):
        return None
    return Job(
        org=org,
        id=derived("correction", org, old, new, now.isoformat()),
        kind="correction",
        total=1,
        counted=1,
        by=by,
        created_at=now,
        moved_at=now,
        data={"old": old, "new": new},
    )


def _go(job: Job | None, now: datetime) -> None:
    if job is None:
        return
    try:
        queue_step(job)
    except (ClientError, BotoCoreError):
        telemetry.record_failure()
    with suppress(Busy, ChangedMeanwhile):
        apply_correction(job.org, str(job.data["old"]), str(job.data["new"]), now=now, most=MOST_AT_ONCE)
