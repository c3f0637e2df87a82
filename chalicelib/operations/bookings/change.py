"""Changes a booking, as its family: participants and answers are corrected, and spots given back."""

from datetime import datetime

from chalicelib.operations import public_limits
from chalicelib.operations.bookings.queries import open_terms_of
from chalicelib.operations.registrations import read_registration
from chalicelib.operations.registrations.booking import check_answers, check_participants
from chalicelib.operations.registrations.edit import given_answers, with_changes, write_over
from chalicelib.rules.ages import AgeNotAllowed, Person, age_faults
from chalicelib.rules.bookings import BookingEnded, check_may_cancel, check_may_edit, check_party, with_family_change
from chalicelib.rules.inputs.roster import BookingChanges
from chalicelib.rules.refusals import Busy, ChangedMeanwhile
from chalicelib.rules.registration_refusals import TooManyParticipants
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.tables import ledger, registrations

ATTEMPTS = 8


def change(org: str, public_id: str, changes: BookingChanges, *, key: str, now: datetime) -> Registration:
    """Change participants, answers and party size. Repeating it changes nothing more. All checks precede the first write.

    Raises NotFound, BookingEnded, BookingsPaused, NotByYourself also for a larger party, TooLateToCancel for a smaller one, SpotsPaid,
    TooManyParticipants, AnswersDoNotFit, AgeNotAllowed, AlreadyRegistered, TooManyRequests, ChangedMeanwhile, Busy.
    """
    registration, hold = read_registration(org, public_id)
    if registration.removed_at or hold is None:
        raise BookingEnded
    session, terms = open_terms_of(registration)
    check_may_edit(registration, session, now)
    size = changes.party_size or min(registration.party_size, hold.spots)
    _check_size(registration, changes, size)
    if size < hold.spots:
        check_may_cancel(registration, session, terms, now)
    edited = _edited(registration, changes, session, now)
    if edited != registration:
        check_participants(edited, now)
        public_limits.count_own_change(org, registration.email, now=now)
        kept = edited if size != registration.party_size else with_family_change(edited, "changed", request=key, now=now)
        registration = write_over(kept, registration)
    return registration if size == registration.party_size else _return_spots(registration, size, key=key, now=now)


def _check_size(registration: Registration, changes: BookingChanges, size: int) -> None:
    check_party(registration, size)
    names = changes.participants if changes.participants is not None else registration.participants
    if len(names) > size:
        raise TooManyParticipants(size)


def _edited(registration: Registration, changes: BookingChanges, session: Session, now: datetime) -> Registration:
    if changes.participants is None and changes.answers is None:
        return registration
    check_answers(session, given_answers(registration, changes))
    edited = with_changes(registration, changes, session, now)
    _check_ages(edited, registration, session)
    return edited


def _check_ages(edited: Registration, was: Registration, session: Session) -> None:
    """Raise AgeNotAllowed for new participants, and for changed dates of birth, that do not fit."""
    people = [Person(name, edited.details_at(index).date_of_birth) for index, name in enumerate(edited.participants)]
    known = {(name, was.details_at(index).date_of_birth) for index, name in enumerate(was.participants)}
    faults = [one for one in age_faults(session, people, was.covers_from) if tuple(people[one.participant]) not in known]
    if faults:
        raise AgeNotAllowed(faults)


def _return_spots(registration: Registration, size: int, *, key: str, now: datetime) -> Registration:
    """Make the hold smaller in the ledger, which decides, then the row. A hold that became smaller meanwhile stays so."""
    for _ in range(ATTEMPTS):
        located = ledger.locate_hold(registration)
        if located is None or not registration.holds(located.hold):
            raise BookingEnded
        if located.hold.spots > size:
            try:
                ledger.resize(
                    registration.org,
                    registration.session,
                    registration.hold,
                    located.hold,
                    size,
                    chunk=located.chunk,
                    allow_extra=False,
                    now=now,
                )
            except ChangedMeanwhile:
                continue
        return _copy_party_size(registration, key=key, now=now)
    raise Busy


def _copy_party_size(registration: Registration, *, key: str, now: datetime) -> Registration:
    """Set the row's party size to the ledger's, and record that the family did it."""
    for _ in range(ATTEMPTS):
        registration, hold = read_registration(registration.org, registration.public_id)
        if hold is None:
            raise BookingEnded
        if registration.party_size == hold.spots:
            return registration
        kept = with_family_change(registration, "returned", spots=registration.party_size - hold.spots, request=key, now=now)
        try:
            return registrations.set_party(kept, hold.spots, was=registration, now=now)
        except ChangedMeanwhile:
            continue
    raise Busy
