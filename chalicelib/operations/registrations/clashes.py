"""Finds the other sessions on which the participants of a customer are at the same time.

A bounded number of requests: the row of the address, one query for each of the customer's addresses, and one read of the sessions.
"""

from collections.abc import Collection
from datetime import datetime

from chalicelib.rules import clashes as rules
from chalicelib.rules.clashes import Clash
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Meeting, Session, walk_in_from
from chalicelib.tables import registrations, sessions
from chalicelib.tables.customers.other_addresses import other_addresses

LATEST = 100
"""How many of the registrations of an address are looked at, the latest first."""
MOST_ADDRESSES = 5
"""How many addresses of a merged customer are looked at."""


def find_clashes(session: Session, email: str, names: Collection[str] | None, *, now: datetime, leaving: str = "") -> list[Clash]:
    """Return the clashes of a booking of these participants on the session, as it would be made now.

    `names` None stands for everybody of the customer. Dates that are over do not count, nor does the registration `leaving`, whose public
    id it is, since it is moved to this session.
    """
    since = walk_in_from(session, now)
    return _find(session, [one for one in session.meetings if one.starts_at > since and one.ends_at > now], email, names, leaving)


def clashes_of(registration: Registration, session: Session, *, now: datetime) -> list[Clash]:
    """Return the clashes of a registration that was made, on the dates that are not over."""
    covered = [one for one in session.meetings if registration.covers(one) and one.ends_at > now]
    return _find(session, covered, registration.email, registration.participants, registration.moved_from)


def _find(session: Session, meetings: list[Meeting], email: str, names: Collection[str] | None, leaving: str) -> list[Clash]:
    if session.cancelled_at or not (meetings and email):
        return []
    addresses = [email, *other_addresses(session.org, email)][:MOST_ADDRESSES]
    found = [one for address in addresses for one in registrations.of_address(session.org, address, LATEST)]
    booked = [one for one in found if one.session != session.id and not one.removed_at and one.public_id != leaving]
    known = sessions.several(session.org, {one.session for one in booked}) if booked else {}
    return rules.clashes(names, meetings, [(one, known[one.session]) for one in booked if one.session in known], beside=session.id)
