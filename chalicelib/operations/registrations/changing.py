"""Changing a registration: who is on it, how many, who booked. On a course, only the meetings that are still to come are touched."""

from dataclasses import replace
from datetime import datetime

from chalicelib.operations.registrations.removing import read_registration
from chalicelib.operations.registrations.seating import check_answers, check_participants
from chalicelib.rules.codes import BookedWithCode
from chalicelib.rules.drafts.rosters import ContactChanges, RegistrationChanges
from chalicelib.rules.ledger import Hold
from chalicelib.rules.refusals import Busy, ChangedMeanwhile
from chalicelib.rules.registrations import AlreadyPaid, AlreadyRemoved, Registration, TooManyParticipants
from chalicelib.tables import keys, ledger, registrations, sessions

ATTEMPTS = 5


def change_registration(org: str, registration_id: str, changes: RegistrationChanges, *, now: datetime) -> Registration:
    """Change party, participants or answers. All of it is checked before any of it is done.

    Raises SessionFull unless extra spots are confirmed, AlreadyPaid, BookedWithCode, AlreadyRegistered, TooManyParticipants,
    AnswersDoNotFit.
    """
    registration, hold = _standing(org, registration_id)
    size = changes.party_size or registration.party_size
    if changes.participants and len(changes.participants) > size:
        raise TooManyParticipants(size)
    if changes.answers is not None:
        check_answers(sessions.get(org, registration.session), changes.answers)
    if size != registration.party_size and registration.billing == "paid":
        raise AlreadyPaid
    if size > registration.party_size and registration.code:
        raise BookedWithCode
    edited = _edited(registration, changes)
    if edited != registration:
        check_participants(edited, now)
        registration = _rewritten(edited, registration)
    if size != hold.n:
        registration = _resized(registration, hold, size, over=changes.confirm_over_capacity, now=now)
    return registration


def correct_contact(org: str, registration_id: str, changes: ContactChanges, *, now: datetime) -> Registration:
    """Correct who booked: name, address, phone. Raises AlreadyRegistered when the other address has the participant on it already."""
    registration, _ = _standing(org, registration_id)
    named = {name: getattr(changes, name) for name in changes.model_fields_set if getattr(changes, name) is not None}
    edited = replace(registration, **named)
    check_participants(edited, now)
    return _rewritten(edited, registration)


def _standing(org: str, registration_id: str) -> tuple[Registration, Hold]:
    registration, hold = read_registration(org, registration_id)
    if hold is None:
        raise AlreadyRemoved
    return registration, hold


def _edited(registration: Registration, changes: RegistrationChanges) -> Registration:
    named: dict[str, object] = {}
    if changes.participants is not None:
        named["participants"] = tuple(participant.name for participant in changes.participants)
    if changes.answers is not None:
        named["answers"] = tuple(changes.answers.items())
    return replace(registration, **named)  # type: ignore[arg-type]


def _rewritten(edited: Registration, was: Registration) -> Registration:
    try:
        registrations.rewrite(edited, was=was)
    except registrations.ParticipantTaken:
        raise Busy from None
    return edited


def _resized(registration: Registration, hold: Hold, size: int, *, over: bool, now: datetime) -> Registration:
    """Let the ledger decide about the spots, then note it on the row."""
    org, session = registration.org, registration.session
    for _ in range(ATTEMPTS):
        place = ledger.locate(org, session, registration.hold, chunk=registration.chunk)
        if place is None or not registration.holds(place[1]):
            raise AlreadyRemoved
        try:
            ledger.resize(org, session, registration.hold, place[1], size, chunk=place[0], over=over, now=now)
        except ChangedMeanwhile:
            continue
        return follow_ledger(org, keys.joined(session, registration.id), now=now)
    raise Busy


def follow_ledger(org: str, registration_id: str, *, now: datetime) -> Registration:
    """Note on the row how large the party is by the ledger. Two who change it at once both end with what the ledger has."""
    for _ in range(ATTEMPTS):
        registration, hold = _standing(org, registration_id)
        if registration.party_size == hold.n:
            return registration
        try:
            return registrations.set_party(registration, hold.n, now=now)
        except ChangedMeanwhile:
            continue
    raise Busy
