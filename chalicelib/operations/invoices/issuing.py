"""Issuing an invoice: once for each registration, numbered without gaps in the organisation and the year."""

import random
import time
from datetime import datetime

from chalicelib.rules.invoices import invoice_for, numbered, to_be_invoiced, year_of
from chalicelib.rules.refusals import Busy
from chalicelib.rules.registrations import AlreadyRemoved, Registration
from chalicelib.tables import invoices, organisations, registrations, sessions

ATTEMPTS = 40
"""Whoever loses the race for a number has let somebody else win it."""
FIRST_PAUSE_SECONDS = 0.02
LONGEST_PAUSE_SECONDS = 0.4
SETTINGS = "settings"
"""Who had it issued where nobody did: the organisation's settings."""


def issue(registration: Registration, *, by: str, now: datetime) -> Registration:
    """Issue the invoice of a registration, unless it has one, and return the registration with it.

    Raises AlreadyRemoved for one that was moved to another session: its invoice belongs to that one. Busy.
    """
    org, own = registration.org, registration.id
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
            let_others_pass(attempt)
        except invoices.RegistrationChanged:
            registration = registrations.get(org, registration.session, own)
        else:
            return registrations.get(org, registration.session, own)
    raise Busy


def let_others_pass(attempt: int) -> None:
    """Wait a moment, longer each time: a crowd that asks again at once wins one number a round."""
    longest = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** min(attempt, 10))
    time.sleep(random.uniform(0, longest))  # noqa: S311 - spreads retries, guards nothing


def issue_if_wanted(registration: Registration, *, now: datetime) -> Registration:
    """Issue the invoice where staff or the organisation's settings ask for one; it may be done again."""
    if not to_be_invoiced(registration, organisations.get(registration.org)):
        return registration
    try:
        return issue(registration, by=SETTINGS, now=now)
    except AlreadyRemoved:
        return registration
