"""Closes Stripe's payment pages of invoices on which nothing is due any more, as a job.

The streams and the clock correct invoices and cancel sessions, but may not read the Stripe keys. They start a job, whose function may.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from chalicelib.operations import jobs
from chalicelib.operations.identity import derived
from chalicelib.operations.invoices.close_checkouts import close
from chalicelib.operations.invoices.queries import read_by_number
from chalicelib.rules.invoices import Invoice
from chalicelib.rules.jobs import Failure, Job
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.tables import invoices
from chalicelib.tables.booking_context import Roster


def close_later(org: str, numbers: Iterable[str], *, now: datetime) -> None:
    """Start a job for each of the invoices that has open payment pages. Safe to repeat: the same pages have one job."""
    for invoice in invoices.several(org, numbers):
        if invoice.checkouts:
            jobs.start(_job(invoice, now), [invoice.number])


def close_settled(registration: Registration, *, now: datetime) -> None:
    """Close the payment pages of a registration's invoice, after billing says that nothing is due."""
    close_later(registration.org, [registration.invoice], now=now)


def close_cancelled(roster: Roster, *, now: datetime) -> None:
    """Close the payment pages of all invoices of a cancelled session, also of those that are not credited."""
    numbers = dict.fromkeys(one.invoice for one in roster.registrations if one.invoice and not one.moved_to)
    close_later(roster.session.org, numbers, now=now)


def close_next(job: Job, items: Sequence[str], _now: datetime) -> list[Failure]:
    """Close the payment pages of these invoices, unless something is due on them again. Raises StripeUnavailable: the queue repeats it."""
    for number in items:
        try:
            view = read_by_number(job.org, number)
        except NotFound:  # Its registrations were erased.
            continue
        if view.due.amount == 0 and view.invoice.checkouts:
            close(view.invoice)
    return []


def _job(invoice: Invoice, now: datetime) -> Job:
    id = derived("checkouts", invoice.org, invoice.number, *invoice.checkouts)
    return Job(org=invoice.org, id=id, kind="checkouts", total=1, by="", created_at=now, moved_at=now)
