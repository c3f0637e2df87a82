"""Edits a registration: participants, party size, booker. On a course, only upcoming meetings change."""

from dataclasses import replace
from datetime import datetime

from chalicelib.operations.registrations.ages import confirm_ages, with_known_births
from chalicelib.operations.registrations.booking import check_answers, check_participants
from chalicelib.operations.registrations.remove import read_registration
from chalicelib.rules.ages import Person
from chalicelib.rules.codes import BookedWithCode
from chalicelib.rules.consents import agreed, without_open
from chalicelib.rules.inputs.registrations import ParticipantInput
from chalicelib.rules.inputs.roster import BookingChanges, ContactChanges, RegistrationChanges
from chalicelib.rules.ledger import Hold
from chalicelib.rules.participants import UNKNOWN, GivenAnswers, ParticipantDetails, answered, compact
from chalicelib.rules.questions import of_party
from chalicelib.rules.refusals import Busy, ChangedMeanwhile, NotFound
from chalicelib.rules.registration_refusals import AlreadyPaid, AlreadyRegistered, AlreadyRemoved, TooManyParticipants
from chalicelib.rules.registrations import Registration, with_address
from chalicelib.rules.sessions import Session
from chalicelib.tables import ledger, registrations, sessions
from chalicelib.tables.dynamodb import Writes

ATTEMPTS = 5


def change_registration(org: str, public_id: str, changes: RegistrationChanges, *, now: datetime) -> Registration:
    """Change party size, participants or answers, as staff: consents may stay open. All checks precede the first write.

    Raises NotFound, AlreadyRemoved, SessionFull unless `confirm_over_capacity` allows extra spots, AlreadyPaid for another party size,
    AgeToConfirm unless `confirm_age`
    allows an age that does not fit, BookedWithCode for a larger party, AlreadyRegistered, TooManyParticipants, AnswersDoNotFit, Busy.
    """
    registration, hold = _with_hold(org, public_id)
    size = changes.party_size or registration.party_size
    if changes.participants and len(changes.participants) > size:
        raise TooManyParticipants(size)
    asks = changes.answers is not None or changes.participants is not None
    session = sessions.get(org, registration.session) if asks else None
    if session:
        changes = _with_known_births(registration, changes, session)
        check_answers(session, given_answers(registration, changes), by_staff=True)
        _check_ages(registration, changes, session, now)
    if size != registration.party_size and registration.billing == "paid":
        raise AlreadyPaid
    if size > registration.party_size and registration.code:
        raise BookedWithCode
    edited = with_changes(registration, changes, session, now) if session else registration
    if edited != registration:
        check_participants(edited, now)
        registration = write_over(edited, registration)
    if size != hold.spots:
        registration = _resized(registration, hold, size, allow_extra=changes.confirm_over_capacity, now=now)
    return registration


def correct_contact(org: str, public_id: str, changes: ContactChanges, *, now: datetime, beside: Writes = ()) -> Registration:
    """Correct the booker's name, address or phone.

    With a corrected address, links that went to the old one end, and the confirmation is sent to the new one unless `changes` says no.
    Raises AlreadyRemoved, and AlreadyRegistered when the other address has the participant already.
    """
    registration, _ = _with_hold(org, public_id)
    named = {name: getattr(changes, name) for name in ("name", "phone") if getattr(changes, name) is not None}
    edited = replace(registration, **named)
    if changes.email is not None:
        edited = with_address(edited, changes.email, confirm=changes.send_confirmation)
    check_participants(edited, now)
    return write_over(edited, registration, beside=beside)


def readdress(registration: Registration, email: str, *, now: datetime) -> bool:
    """Give a registration another address. False when it was removed, or when the address has one of its participants already."""
    try:
        current, _ = _with_hold(registration.org, registration.public_id)
        edited = with_address(current, email, confirm=False)
        check_participants(edited, now)
        write_over(edited, current)
    except (NotFound, AlreadyRemoved, AlreadyRegistered):
        return False
    return True


def _with_hold(org: str, public_id: str) -> tuple[Registration, Hold]:
    registration, hold = read_registration(org, public_id)
    if hold is None:
        raise AlreadyRemoved
    return registration, hold


def _with_known_births(registration: Registration, changes: RegistrationChanges, session: Session) -> RegistrationChanges:
    """Return the changes with the dates of birth that the customer has for new participants."""
    if not any(registration.details_of(one.name) is None for one in changes.participants or ()):
        return changes
    people = with_known_births(session, registration.email, changes.participants or [])
    return changes.model_copy(update={"participants": people})


def _check_ages(registration: Registration, changes: RegistrationChanges, session: Session, now: datetime) -> None:
    """Raise AgeToConfirm for new participants, and for changed dates of birth, that do not fit the session's ages."""
    if changes.confirm_age:
        return
    people = [Person(one.name, one.born) for one in changes.participants or ()]
    known = {(name, registration.details_at(index).date_of_birth) for index, name in enumerate(registration.participants)}
    confirm_ages(session, [person for person in people if tuple(person) not in known], max(registration.covers_from, now))


def given_answers(registration: Registration, changes: BookingChanges) -> GivenAnswers:
    """Return the answers to check: those that are given, and those about new participants."""
    named = enumerate(changes.participants or ())
    each = {index: one.answers for index, one in named if "answers" in one.model_fields_set or registration.details_of(one.name) is None}
    return GivenAnswers(changes.answers, each)


def _details(registration: Registration, participants: list[ParticipantInput], session: Session, now: datetime) -> list[ParticipantDetails]:
    """Return the details of the participants. A participant without answers in the input keeps the earlier ones."""
    known = [(one, registration.details_of(one.name) or UNKNOWN) for one in participants]
    kept = [
        (one, answered(session.questions, one.answers, before, now=now) if "answers" in one.model_fields_set else before)
        for one, before in known
    ]
    return [replace(details, date_of_birth=one.born or details.date_of_birth) for one, details in kept]


def with_changes(registration: Registration, changes: BookingChanges, session: Session, now: datetime) -> Registration:
    """Return the registration with other participants and answers; one whose answers are left out keeps them."""
    named: dict[str, object] = {}
    if changes.participants is not None:
        named["participants"] = tuple(participant.name for participant in changes.participants)
        named["participant_details"] = compact(_details(registration, changes.participants, session, now))
    if changes.answers is not None:
        of_the_party = of_party(session.questions)
        named["answers"] = tuple(without_open(of_the_party, changes.answers).items())
        named["consents"] = agreed(of_the_party, changes.answers, registration.consents, now=now)
    return replace(registration, **named)  # type: ignore[arg-type]


def write_over(edited: Registration, was: Registration, *, beside: Writes = ()) -> Registration:
    """Write the registration over the one that was read. Raises AlreadyRemoved, ChangedMeanwhile, Busy."""
    try:
        registrations.rewrite(edited, was=was, beside=beside)
    except registrations.ParticipantTaken:
        raise Busy from None
    return edited


def _resized(registration: Registration, hold: Hold, size: int, *, allow_extra: bool, now: datetime) -> Registration:
    """Resize the hold in the ledger, which decides, then update the row."""
    org, session = registration.org, registration.session
    for _ in range(ATTEMPTS):
        located = ledger.locate_hold(registration)
        if located is None or not registration.holds(located.hold):
            raise AlreadyRemoved
        try:
            ledger.resize(org, session, registration.hold, located.hold, size, chunk=located.chunk, allow_extra=allow_extra, now=now)
        except ChangedMeanwhile:
            continue
        return copy_party_size(org, registration.public_id, now=now)
    raise Busy


def copy_party_size(org: str, public_id: str, *, now: datetime) -> Registration:
    """Set the row's party size to the ledger's. Concurrent changes both end with the ledger's size."""
    for _ in range(ATTEMPTS):
        registration, hold = _with_hold(org, public_id)
        if registration.party_size == hold.spots:
            return registration
        try:
            return registrations.set_party(registration, hold.spots, now=now)
        except ChangedMeanwhile:
            continue
    raise Busy
