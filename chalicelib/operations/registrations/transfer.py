"""Transfers a registration to another session: the new spots are taken and the old ones released in one transaction."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from chalicelib.operations.identity import derived, nonce
from chalicelib.operations.registrations.booking import check_participants
from chalicelib.operations.registrations.register import Registered
from chalicelib.operations.registrations.remove import read_registration
from chalicelib.rules.bookings import with_family_change
from chalicelib.rules.ledger import Hold
from chalicelib.rules.participants import ParticipantDetails, carried, carried_consents, compact
from chalicelib.rules.pricing import siblings_left
from chalicelib.rules.refs import Ref
from chalicelib.rules.refusals import Busy
from chalicelib.rules.registration_refusals import AlreadyRemoved, SameSession
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session, check_not_over
from chalicelib.tables import dynamodb, ledger, registrations, sessions

ATTEMPTS = 8
MONEY = ("billing", "billing_history", "payments", "refunds", "invoice", "invoices_before", "discount_returned")
"""The billing fields, read again before each attempt, since they may change meanwhile."""


Check = Callable[[Registration, Registration, Session], None]
"""Raises a refusal of the transfer of a registration, as it would be on the other session."""


def transfer(
    org: str, public_id: str, to_session: str, *, by: str, key: str, now: datetime, tell: bool = False, check: Check | None = None
) -> Registered:
    """Transfer a registration to another session, at its price. A retry with the same key returns the same registration.

    `check` checks and records the move of a family. A refusal changes nothing.

    Raises NotFound, SessionFull, AlreadyRemoved, AlreadyRegistered, SameSession, SessionPast,
    SessionCancelled, Busy.
    """
    registration, hold = read_registration(org, public_id)
    session = sessions.get(org, to_session)
    id = derived("transfer", public_id, to_session, key)
    if registration.moved_to == Ref(org, to_session, id).public_id:
        return Registered(registrations.get(org, to_session, id), session)
    if hold is None or registration.removed_at:
        raise AlreadyRemoved
    if to_session == registration.session:
        raise SameSession
    check_not_over(session, now)
    moved = _moved(_carried(registration, session), id, to_session, key=key, now=now, tell=tell)
    if check:
        check(registration, moved, session)
        moved = with_family_change(moved, "moved", request=key, now=now)
    check_participants(moved, now)
    return Registered(_move(moved, registration, by=by, now=now), session)


def _carried(registration: Registration, session: Session) -> Registration:
    """Return the registration with the answers to questions that the other session asks too: an id means another question there."""
    if not (registration.answers or registration.consents or registration.participant_details):
        return registration
    questions_before, questions = sessions.get(registration.org, registration.session).questions, session.questions
    details = [
        ParticipantDetails(
            tuple(carried(dict(one.answers), questions_before, questions).items()),
            carried_consents(one.consents, questions_before, questions),
            one.date_of_birth,
        )
        for one in registration.participant_details
    ]
    return replace(
        registration,
        answers=tuple(carried(dict(registration.answers), questions_before, questions).items()),
        consents=carried_consents(registration.consents, questions_before, questions),
        participant_details=compact(details),
    )


def _moved(registration: Registration, id: str, to_session: str, *, key: str, now: datetime, tell: bool) -> Registration:
    return replace(
        registration,
        session=to_session,
        id=id,
        hold=id,
        nonce=nonce(key),
        created_at=now,
        covers_from=now,
        confirmed_at=None,
        invitation="",
        invited_email="",
        moved_from=registration.public_id,
        parties=(),
        own_changes=(),
        send_confirmation=False,
        tell_moved=tell,
    )


def _on_target(moved: Registration, was: Registration, spots: int, chunk: int) -> Registration:
    """Return the registration with the spots that its hold has, which its row may not have followed yet."""
    siblings = siblings_left(was.sibling_spots, was.party_size - spots)
    return replace(moved, chunk=chunk, party_size=spots, sibling_spots=siblings)


def _move(moved: Registration, was: Registration, *, by: str, now: datetime) -> Registration:
    org = moved.org
    for _ in range(ATTEMPTS):
        chunk = ledger.chunk_with_room(org, moved.session, was.party_size, now=now)
        located = ledger.locate_hold(was)
        if located is None or not was.holds(located.hold):
            raise AlreadyRemoved
        on_target = _on_target(moved, was, located.hold.spots, chunk)
        taken = Hold(spots=on_target.party_size, state="taken", nonce=moved.nonce)
        try:
            dynamodb.transact(
                [
                    ledger.claim_write(org, moved.session, chunk, moved.hold, taken),
                    ledger.release_write(org, was.session, was.hold, located.hold, chunk=located.chunk),
                    *registrations.move_writes(on_target, was, by=by, now=now),
                ]
            )
        except dynamodb.TransactionFailed:
            if (done := registrations.find(org, moved.session, moved.id)) and done.nonce == moved.nonce:
                return done
            was = registrations.get(org, was.session, was.id)
            moved = replace(moved, **{name: getattr(was, name) for name in MONEY})
            continue
        ledger.reopen(org, was.session)
        return on_target
    raise Busy
