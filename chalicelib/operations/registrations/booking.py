"""The steps that every booking shares: the form is checked, rows are written before the ledger confirms, and removed when it refuses."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from chalicelib.operations.identity import nonce
from chalicelib.rules.ages import AgeNotAllowed, Person, age_faults, faults_of
from chalicelib.rules.consents import agreed, without_open
from chalicelib.rules.inputs.baskets import BasketLineInput
from chalicelib.rules.inputs.invitations import AcceptInput
from chalicelib.rules.inputs.registrations import RegistrationInput
from chalicelib.rules.inputs.roster import AddInput
from chalicelib.rules.invitations import Claimant
from chalicelib.rules.ledger import IN_FLIGHT, SessionFull, count
from chalicelib.rules.money import Money
from chalicelib.rules.participants import UNKNOWN, GivenAnswers, answer_problems, answered, compact
from chalicelib.rules.questions import of_party
from chalicelib.rules.refusals import Busy
from chalicelib.rules.registration_refusals import AlreadyRegistered, AnswersDoNotFit, TierNeeded, UnknownTier
from chalicelib.rules.registrations import Registration, Source
from chalicelib.rules.sessions import Session, Tier
from chalicelib.tables import customers, ledger, registrations
from chalicelib.tables.booking_context import BookingContext


def check_tier(session: Session, wanted: str | None) -> Tier:
    """Return the wanted tier, or the only one. Raises UnknownTier, TierNeeded if there are several and none is wanted."""
    if wanted:
        tier = session.tier(wanted)
        if tier is None:
            raise UnknownTier
        return tier
    if len(session.tiers) > 1:
        raise TierNeeded
    return session.tiers[0]


def check_answers(session: Session, given: GivenAnswers, *, by_staff: bool = False) -> None:
    """Raise AnswersDoNotFit for answers that are missing or invalid. `by_staff`: consents may stay open."""
    found = answer_problems(session.questions, given, open_consents=by_staff)
    if found:
        raise AnswersDoNotFit(found)


BookingInput = RegistrationInput | AddInput | BasketLineInput
FormInput = BookingInput | AcceptInput
MOST_CHECKED = 40
"""As many participants under other addresses fit into the transaction beside a party of fifty. A larger party's are read before it."""


def check_form(session: Session, draft: FormInput, *, covers_from: datetime) -> None:
    """Raise AnswersDoNotFit, AgeNotAllowed, each with everything that is wrong. The meetings after `covers_from` are booked."""
    each = {index: participant.answers for index, participant in enumerate(draft.participants)}
    found = answer_problems(session.questions, GivenAnswers(draft.answers, each))
    ages = age_faults(session, [Person(one.name, one.born) for one in draft.participants], covers_from)
    if found:
        raise AnswersDoNotFit(found, faults_of(ages))
    if ages:
        raise AgeNotAllowed(ages)


def check_form_by_staff(session: Session, draft: FormInput) -> None:
    """Raise AnswersDoNotFit. Staff may leave consents open, and they confirm an age that does not fit."""
    each = {index: participant.answers for index, participant in enumerate(draft.participants)}
    check_answers(session, GivenAnswers(draft.answers, each), by_staff=True)


def form_facts(session: Session, draft: FormInput, before: Claimant | None = None, *, now: datetime) -> dict[str, Any]:
    """Return what a form says of the participants, and its answers and consents, as fields of a registration.

    `before`: what an earlier form said, whose consents keep their wording and moment.
    """
    of_the_party, details = of_party(session.questions), before.participant_details if before else ()
    each = [
        replace(
            answered(session.questions, participant.answers, details[index] if index < len(details) else UNKNOWN, now=now),
            date_of_birth=participant.born,
        )
        for index, participant in enumerate(draft.participants)
    ]
    return {
        "participants": tuple(participant.name for participant in draft.participants),
        "participant_details": compact(each),
        "answers": tuple(without_open(of_the_party, draft.answers).items()),
        "consents": agreed(of_the_party, draft.answers, before.consents if before else (), now=now),
    }


class Booker(NamedTuple):
    """The person who books, and the language of their e-mails."""

    name: str
    email: str
    locale: str


def booking(
    session: Session, draft: BookingInput, booker: Booker, source: Source, *, id: str, key: str, now: datetime, price: Money | None = None
) -> Registration:
    """Return the registration that the form describes; stores nothing. `price` per spot replaces the session's tiers.

    Raises TierNeeded, UnknownTier, AnswersDoNotFit, AgeNotAllowed.
    """
    tier_id, spot_price = ("", price) if price else check_tier(session, draft.tier).terms
    if source == "staff":
        check_form_by_staff(session, draft)
    else:
        check_form(session, draft, covers_from=now)
    return Registration(
        org=session.org,
        session=session.id,
        id=id,
        hold=id,
        nonce=nonce(key),
        email=booker.email,
        name=booker.name,
        party_size=draft.spots,
        tier=tier_id,
        price=spot_price,
        source=source,
        locale=booker.locale,
        created_at=now,
        covers_from=now,
        chunk=ledger.preferred(id, session.chunks),
        **form_facts(session, draft, now=now),
    )


def check_room(context: BookingContext, registration: Registration, now: datetime) -> None:
    """Raise SessionFull if the first chunk has too few spots, or they are reserved for the waitlist; not for a retry.

    Of a session with several chunks, the mark that it was found full is checked, and the waitlist; the claim checks the spots.
    """
    chunk = context.first_chunk
    if registration.id in chunk.holds:
        return
    try:
        _check_reserved(context, registration.party_size, now)
    except SessionFull:
        if registrations.find(registration.org, registration.session, registration.id) is None:
            raise
    if context.session.chunks > 1 or chunk.available(now) >= registration.party_size:
        return
    full = SessionFull(free=count([chunk], now).free, wanted=registration.party_size)
    ledger.close_full_cache(registration.org, registration.session, full)
    raise full


def _check_reserved(context: BookingContext, wanted: int, now: datetime) -> None:
    """Raise SessionFull for spots reserved for the waitlist; of a session with several chunks, also by the mark that it was found full."""
    org, session, first = context.session.org, context.session, context.first_chunk
    if session.chunks > 1:
        ledger.check_full_mark(org, session.id, context.full_mark, first=first, queue=context.queue, wanted=wanted, now=now)
    else:
        ledger.check_queue(org, session.id, first, context.queue, chunks=1, wanted=wanted, now=now)


def write_registration(
    registration: Registration, now: datetime, *, others: Sequence[str] = (), also: Sequence[dict[str, Any]] = ()
) -> bool:
    """Write the row, the guard rows of its participants, and `also`, in one transaction. False if an earlier attempt wrote them.

    `others`: the other addresses of the customer, which count as the same person. A participant's guard row of a failed registration is
    taken over. Raises AlreadyRegistered, Busy while another request for the same participant may be in progress, AlsoRefused if `also`
    failed its conditions.
    """
    if len(registration.participants) * len(others) > MOST_CHECKED:
        check_participants(registration, now, others=others)
    write = partial(registrations.write_with, also=also) if also else registrations.write
    former: set[str] = set()
    for _ in range(len(registration.participants) * (1 + len(others)) + 1):
        try:
            return write(registration, guarded=registrations.ParticipantGuards(others, former))
        except registrations.ParticipantTaken as taken:
            _check_not_registered(registration, taken, now)
            former.add(taken.id)
    raise Busy


def check_participants(registration: Registration, now: datetime, *, others: Sequence[str] | None = None) -> None:
    """Raise AlreadyRegistered if another registration of this customer has a participant, Busy while one may be in progress.

    `others`: the other addresses of the customer; they are read if they are not given.
    """
    if others is None:
        others = customers.other_addresses(registration.org, registration.email)
    for name, id in registrations.taken(registration, others):
        if id != registration.id:
            _check_not_registered(registration, registrations.ParticipantTaken(name, id), now)


def _check_not_registered(registration: Registration, taken: registrations.ParticipantTaken, now: datetime) -> None:
    other = registrations.find(registration.org, registration.session, taken.id)
    if other is None:
        return
    hold = ledger.hold_of(other)
    if other.holds(hold):
        raise AlreadyRegistered(taken.participant)
    still_held = other.order != "" and hold is not None and hold.is_for(other) and hold.is_live(now)
    if now - other.created_at < IN_FLIGHT or still_held:
        raise Busy
