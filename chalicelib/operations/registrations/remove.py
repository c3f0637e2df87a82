"""Removes a registration from the roster."""

from datetime import datetime

from chalicelib.operations.discounts.apply import return_use
from chalicelib.rules.ledger import Hold
from chalicelib.rules.refs import Ref
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Meeting
from chalicelib.tables import ledger, registrations, sessions


def read_registration(org: str, public_id: str) -> tuple[Registration, Hold | None]:
    """Return a registration, current or removed, with its hold, None if removed. Raises NotFound, also if it never got its spots."""
    _, session_id, id = Ref.parse(org, public_id)
    registration = registrations.get(org, session_id, id)
    hold = ledger.hold_of(registration)
    if registration.holds(hold):
        return registration, hold
    if not _had_spots(registration):
        registration = registrations.get(org, session_id, id)  # It may have ended since it was read, before the stream confirmed it.
        if not _had_spots(registration):
            raise NotFound
    return registration, None


def _had_spots(registration: Registration) -> bool:
    """Whether the registration had its spots: the stream has seen them, or somebody has ended it."""
    return bool(registration.confirmed_at or registration.removed_at)


def read_with_meetings(org: str, public_id: str, *, now: datetime) -> tuple[Registration, list[Meeting]]:
    """Return a registration with its upcoming meetings, which a change made now affects. Raises NotFound."""
    registration, hold = read_registration(org, public_id)
    return registration, registration.remaining(sessions.get(org, registration.session), now) if hold else []


def remove_registration(org: str, public_id: str, *, by: str, now: datetime, tell: bool = False) -> None:
    """Remove the registration: free its spots and return its discount use. The row remains as history.

    Repeating it is safe. Raises NotFound."""
    registration, hold = read_registration(org, public_id)
    registrations.remove(registration, by=by, now=now, tell=tell)
    if hold:
        ledger.release(org, registration.session, registration.hold, hold, chunk=registration.chunk)
    return_use(registration)
