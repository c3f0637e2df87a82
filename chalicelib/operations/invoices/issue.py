"""Issues an invoice: once per registration, numbered without gaps within the organisation and the year."""

import random
import time
from datetime import datetime

from chalicelib.rules.invoices import invoice_for, numbered, to_be_invoiced, year_of
from chalicelib.rules.refusals import Busy
from chalicelib.rules.registrations import AlreadyRemoved, Registration
from chalicelib.tables import invoices, organisations, registrations, sessions

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
    org, id = registration.org, registration.id
    organisation, session = organisations.get(org), sessions.get(org, registration.session)
    year = year_of(organisation, now)
    for attempt in range(ATTEMPTS):
        if registration.invoice:
            return registration
        if registration.moved_to:
            raise AlreadyRemoved
        seen = invoices.count(org, year)
        invoice = invoice_for(registration, session, organisation, numbered(year, seen + 1), now=now)
        try:
            invoices.write(invoice, registration, year=year, seen=seen, by=by, now=now)
        except invoices.NumberTaken:
            wait_before_retry(attempt)
        except invoices.RegistrationChanged:
            registration = registrations.get(org, registration.session, id)
        else:
            return registrations.get(org, registration.session, id)
    raise Busy


def wait_before_retry(attempt: int) -> None:
    """Wait for a random time that grows with the attempts, since one competing request succeeds per number."""
    longest = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** min(attempt, 10))
    time.sleep(random.uniform(0, longest))  # noqa: S311 - spreads retries, guards nothing


def issue_if_wanted(registration: Registration, *, now: datetime) -> Registration:
    """Issue the invoice if staff or the organisation's settings call for one, and return the registration. Safe to repeat."""
    if not to_be_invoiced(registration, organisations.get(registration.org)):
        return registration
    try:
        return issue(registration, by=SETTINGS, now=now)
    except AlreadyRemoved:
        return registration
