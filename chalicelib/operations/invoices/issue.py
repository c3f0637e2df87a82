"""Issues an invoice: once per registration, numbered without gaps within the organisation and the year."""

import random
import time
from collections.abc import Sequence
from datetime import datetime

from chalicelib.rules.invoices import Billed, invoice_for_all, numbered, to_be_invoiced, year_of
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.refusals import Busy
from chalicelib.rules.registration_refusals import AlreadyRemoved
from chalicelib.rules.registrations import Registration
from chalicelib.tables import invoices, orders, organisations, registrations, sessions

ATTEMPTS = 40
"""An attempt fails only if another invoice took the number, so the attempts end."""
FIRST_PAUSE_SECONDS = 0.02
LONGEST_PAUSE_SECONDS = 0.4
SETTINGS = "settings"
"""The issuer of invoices that the organisation's settings call for."""


def issue(registration: Registration, *, by: str, now: datetime) -> Registration:
    """Issue the registration's invoice, unless it has one, and return the registration. `by` is the user who issues it.

    Raises AlreadyRemoved if it was transferred, since its invoice went along to the other session; Busy.
    """
    org, organisation = registration.org, organisations.get(registration.org)
    for attempt in range(ATTEMPTS):
        if registration.invoice:
            return registration
        if registration.moved_to:
            raise AlreadyRemoved
        try:
            _write([registration], organisation, by=by, now=now)
        except invoices.NumberTaken:
            wait_before_retry(attempt)
        except invoices.RegistrationChanged:
            pass
        else:
            return registrations.get(org, registration.session, registration.id)
        registration = registrations.get(org, registration.session, registration.id)
    raise Busy


def _issue_together(registration: Registration, organisation: Organisation, *, now: datetime) -> Registration:
    """Issue one invoice for all registrations of an order that are to be invoiced, and return the registration."""
    order = orders.get(registration.org, registration.order)
    for attempt in range(ATTEMPTS):
        billed = [one for one in orders.registrations_of(order) if to_be_invoiced(one, organisation)]
        if not any(one.id == registration.id for one in billed):
            break
        try:
            _write(billed, organisation, by=SETTINGS, now=now)
        except invoices.NumberTaken:
            wait_before_retry(attempt)
        except invoices.RegistrationChanged:
            continue
    else:
        raise Busy
    return registrations.get(registration.org, registration.session, registration.id)


def _write(registered: Sequence[Registration], organisation: Organisation, *, by: str, now: datetime) -> None:
    """Write the invoice of these registrations under the next number. Raises NumberTaken, RegistrationChanged."""
    org, year = organisation.org, year_of(organisation, now)
    seen = invoices.count(org, year)
    billed = [Billed(one, sessions.get(org, one.session)) for one in registered]
    invoice = invoice_for_all(billed, organisation, numbered(year, seen + 1), now=now)
    invoices.write(invoice, registered, year=year, seen=seen, by=by, now=now)


def wait_before_retry(attempt: int) -> None:
    """Wait for a random time that grows with the attempts, since one competing request succeeds per number."""
    longest = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** min(attempt, 10))
    time.sleep(random.uniform(0, longest))  # noqa: S311 - spreads retries, guards nothing


def issue_if_wanted(registration: Registration, *, organisation: Organisation | None = None, now: datetime) -> Registration:
    """Issue the invoice if staff or the organisation's settings call for one, and return the registration. Safe to repeat.

    Registrations that were booked together get one invoice, unless staff have billed one of them apart, or one was moved before.
    `organisation` if the caller has read it.
    """
    organisation = organisation or organisations.get(registration.org)
    if not to_be_invoiced(registration, organisation):
        return registration
    together = registration.billing == "unpaid" or registration.was_paid_when_booked
    if registration.order and together and not registration.moved_from:
        return _issue_together(registration, organisation, now=now)
    try:
        return issue(registration, by=SETTINGS, now=now)
    except AlreadyRemoved:
        return registration
