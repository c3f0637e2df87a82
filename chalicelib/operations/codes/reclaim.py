"""Reclaims the uses of codes: a use lasts as long as its spots, and the use of a booking that failed is returned.

The order makes it safe: a use is read before the ledger and taken back only if it is unchanged,
and a retried booking renews its use before it confirms its spots.
"""

from datetime import datetime

from chalicelib.rules.codes import Code
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.tables import codes, ledger, registrations

ATTEMPTS = 8


def reclaim_open_uses(code: Code, *, now: datetime) -> bool:
    """Settle the open uses of bookings no longer in progress: finish or return each. True if one was returned."""
    open_uses = [(id, use) for id, use in code.uses.items() if not use.is_final and not use.in_flight(now)]
    return [id for id, use in open_uses if _reclaim(code.org, code.code, id, use.session, now=now)] != []


def delete_attempt(registration: Registration, *, now: datetime) -> bool:
    """Delete the row of a failed booking and return its use, unless its spots are taken. True if it was returned."""
    return _reclaim(registration.org, registration.code, registration.id, registration.session, now=now)


def delete_unbooked(registration: Registration) -> None:
    """Delete the unconfirmed row of a line whose order is not booked, and return its use, if it has one, in one write. Safe to repeat."""
    for _ in range(ATTEMPTS):
        try:
            code = codes.get(registration.org, registration.code)
        except NotFound:
            use = None
        else:
            use = code.uses.get(registration.id)
        if use is None:
            registrations.delete_attempt(registration)
            return
        if codes.delete_failed_booking(registration, code, use):
            return


def finish(registration: Registration) -> None:
    """Record that the spots of a booking with a code are taken, which makes its use final."""
    codes.finish_use(registration)


def _reclaim(org: str, code_id: str, id: str, session: str, *, now: datetime) -> bool:
    """Return the use unless its booking succeeded or still may. True if the use is gone, also when another request returned it."""
    for _ in range(ATTEMPTS):
        try:
            code = codes.get(org, code_id)
        except NotFound:
            return False
        use = code.uses.get(id)
        if use is None:
            return True
        registration = registrations.find(org, session, id)
        if use.is_final or registration is None:
            return False
        if _is_booked(registration, now):
            return False
        if codes.delete_failed_booking(registration, code, use):
            return True
    return False


def _is_booked(registration: Registration, now: datetime) -> bool:
    """Whether the booking succeeded or still may. Releases its hold if that has expired."""
    if registration.confirmed_at:
        codes.finish_use(registration)
        return True
    for _ in range(ATTEMPTS):
        found = ledger.locate_hold(registration)
        if found is None or not found.hold.is_for(registration):
            return False
        chunk, hold = found
        if hold.is_taken:
            codes.finish_use(registration)
        if hold.is_live(now):
            return True
        if ledger.release_on(registration.org, registration.session, registration.hold, hold, chunk=chunk):
            ledger.reopen(registration.org, registration.session)
            return False
    return True
