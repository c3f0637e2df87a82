"""Taking a registration off the roster."""

from datetime import datetime

from chalicelib.operations.discounts.using import give_back
from chalicelib.rules.ledger import Hold
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Meeting, remaining
from chalicelib.tables import keys, ledger, registrations, sessions


def read_registration(org: str, registration_id: str) -> tuple[Registration, Hold | None]:
    """Return a registration that stands or stood, and its hold while it stands. Raises NotFound."""
    session_id, own = keys.parted(registration_id)
    registration = registrations.get(org, session_id, own)
    found = ledger.locate(org, session_id, registration.hold, chunk=registration.chunk)
    hold = found[1] if found and registration.holds(found[1]) else None
    if hold is None and not registration.confirmed_at:
        raise NotFound
    return registration, hold


def read_with_meetings(org: str, registration_id: str, *, now: datetime) -> tuple[Registration, list[Meeting]]:
    """Return a registration and the meetings that a change made now would touch: covered and still to come."""
    registration, hold = read_registration(org, registration_id)
    meetings = remaining(sessions.get(org, registration.session).meetings, now) if hold else ()
    return registration, [meeting for meeting in meetings if registration.covers(meeting)]


def remove_registration(org: str, registration_id: str, *, by: str, now: datetime) -> None:
    """Free the spots, extras with them, and the discount code; the row stays as history. Removed already: nothing changes."""
    registration, hold = read_registration(org, registration_id)
    registrations.remove(registration, by=by, now=now)
    if hold:
        ledger.release(org, registration.session, registration.hold, hold, chunk=registration.chunk)
    give_back(registration)
