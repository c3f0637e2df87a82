"""Moving a registration to another session: the new spots are taken and the old ones released in one transaction, or neither."""

from dataclasses import replace
from datetime import datetime

from chalicelib.operations.identity import derived, nonce
from chalicelib.operations.registrations.registering import Registered
from chalicelib.operations.registrations.removing import read_registration
from chalicelib.operations.registrations.seating import check_participants
from chalicelib.rules.ledger import Hold
from chalicelib.rules.refusals import Busy
from chalicelib.rules.registrations import AlreadyRemoved, Registration, SameSession
from chalicelib.rules.sessions import check_not_over
from chalicelib.tables import keys, ledger, registrations, requests, sessions

ATTEMPTS = 8
MONEY = ("billing", "billing_history", "payments", "invoice", "invoices_before", "discount_returned")
"""What may change while it is moved, and goes along."""


def transfer(org: str, registration_id: str, to_session: str, *, by: str, key: str, now: datetime) -> Registered:
    """Move a registration, at the price it was booked at. A retry under the same key is the same move.

    Raises SessionFull without any change when the other session has too few spots; AlreadyRemoved, AlreadyRegistered, SameSession.
    """
    registration, hold = read_registration(org, registration_id)
    session = sessions.get(org, to_session)
    own = derived("transfer", registration_id, to_session, key)
    if registration.moved_to == keys.joined(to_session, own):
        return Registered(registrations.get(org, to_session, own), session)
    if hold is None or registration.removed_at:
        raise AlreadyRemoved
    if to_session == registration.session:
        raise SameSession
    check_not_over(session, now)
    moved = _moved(registration, own, to_session, key=key, now=now)
    check_participants(moved, now)
    return Registered(_move(moved, registration, by=by, now=now), session)


def _moved(registration: Registration, own: str, to_session: str, *, key: str, now: datetime) -> Registration:
    return replace(
        registration,
        session=to_session,
        id=own,
        hold=own,
        nonce=nonce(key),
        created_at=now,
        covers_from=now,
        confirmed_at=None,
        invitation="",
        invited_email="",
        moved_from=keys.joined(registration.session, registration.id),
        parties=(),
        send_confirmation=True,
    )


def _move(moved: Registration, was: Registration, *, by: str, now: datetime) -> Registration:
    org = moved.org
    for _ in range(ATTEMPTS):
        seat = ledger.seat(org, moved.session, was.party_size, now=now)
        place = ledger.locate(org, was.session, was.hold, chunk=was.chunk)
        if place is None or not was.holds(place[1]):
            raise AlreadyRemoved
        seated = replace(moved, chunk=seat, party_size=place[1].n)
        try:
            requests.transact(
                [
                    ledger.claim_write(org, moved.session, seat, moved.hold, Hold(n=seated.party_size, s="C", v=moved.nonce)),
                    ledger.release_write(org, was.session, was.hold, place[1], chunk=place[0]),
                    *registrations.move_writes(seated, was, by=by, now=now),
                ]
            )
        except requests.TransactionFailed:
            if (done := registrations.find(org, moved.session, moved.id)) and done.nonce == moved.nonce:
                return done
            was = registrations.get(org, was.session, was.id)
            moved = replace(moved, **{name: getattr(was, name) for name in MONEY})
            continue
        ledger.reopen(org, was.session)
        return seated
    raise Busy
