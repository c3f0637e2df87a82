"""What every way of booking shares: the form is checked, rows are written before the ledger confirms, and taken back when it refuses."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from chalicelib.operations.identity import nonce
from chalicelib.rules.drafts.registrations import RegistrationDraft
from chalicelib.rules.drafts.rosters import Addition
from chalicelib.rules.ledger import IN_FLIGHT, SessionFull, count
from chalicelib.rules.money import Money
from chalicelib.rules.questions import Answer, problems
from chalicelib.rules.refusals import Busy
from chalicelib.rules.registrations import (
    AlreadyRegistered,
    AnswersDoNotFit,
    Registration,
    Source,
    TierNeeded,
    UnknownTier,
)
from chalicelib.rules.sessions import Session, Tier
from chalicelib.tables import ledger, registrations
from chalicelib.tables.rosters import Desk


def check_tier(session: Session, wanted: str | None) -> Tier:
    """Return the tier that is booked: the one named, or the only one."""
    if wanted:
        tier = session.tier(wanted)
        if tier is None:
            raise UnknownTier
        return tier
    if len(session.tiers) > 1:
        raise TierNeeded
    return session.tiers[0]


def check_answers(session: Session, answers: Mapping[str, Answer]) -> None:
    found = problems(session.questions, answers)
    if found:
        raise AnswersDoNotFit(found)


def booking(
    session: Session,
    draft: RegistrationDraft | Addition,
    *,
    own: str,
    key: str,
    name: str,
    email: str,
    source: Source,
    locale: str,
    now: datetime,
    price: Money | None = None,
) -> Registration:
    """Return what is booked, by the form that was filled in: at one of the session's tiers, or at a price of its own for each spot.

    Raises TierNeeded, UnknownTier, AnswersDoNotFit.
    """
    tier_id, spot_price = ("", price) if price else check_tier(session, draft.tier).terms
    check_answers(session, draft.answers)
    return Registration(
        org=session.org,
        session=session.id,
        id=own,
        hold=own,
        nonce=nonce(key),
        email=email,
        name=name,
        participants=tuple(participant.name for participant in draft.participants),
        party_size=draft.spots,
        tier=tier_id,
        price=spot_price,
        source=source,
        locale=locale,
        created_at=now,
        covers_from=now,
        answers=tuple(draft.answers.items()),
        chunk=ledger.preferred(own, session.chunks),
    )


def check_room(desk: Desk, registration: Registration, now: datetime) -> None:
    """Refuse the public when the desk shows too few spots, or that they are kept for who waits. Raises SessionFull.

    Of a large session the desk has only the first of its chunks, which shows who waits.
    """
    chunk = desk.first_chunk
    if registration.id in chunk.holds:
        return
    _check_line(desk, registration, now)
    if desk.session.chunks > 1 or chunk.within_reach(now) >= registration.party_size:
        return
    full = SessionFull(free=count([chunk], now).free, wanted=registration.party_size)
    ledger.close_gate(registration.org, registration.session, full)
    raise full


def _check_line(desk: Desk, registration: Registration, now: datetime) -> None:
    """Refuse what is kept for those in line, unless this is a retry of a registration that may have its spots already."""
    org, session = desk.session.org, desk.session
    try:
        ledger.check_line(org, session.id, desk.first_chunk, desk.line, chunks=session.chunks, wanted=registration.party_size, now=now)
    except SessionFull:
        if registrations.find(org, session.id, registration.id) is None:
            raise


def write_registration(registration: Registration, now: datetime, *, also: Sequence[dict[str, Any]] = ()) -> bool:
    """Write the row and its participants, and `also` with them; False when this attempt was written before.

    A participant of a registration that never came to stand is taken from it.

    Raises AlreadyRegistered; Busy while another request for the same participant may still be under way; AlsoRefused.
    """
    write = partial(registrations.write_with, also=also) if also else registrations.write
    over: dict[str, str] = {}
    for _ in range(len(registration.participants) + 1):
        try:
            return write(registration, over=over)
        except registrations.ParticipantTaken as taken:
            _check_not_standing(registration, taken, now)
            over[taken.participant] = taken.own
    raise Busy


def check_participants(registration: Registration, now: datetime) -> None:
    """Refuse participants whom another standing registration of this address names: AlreadyRegistered; Busy while one may be under way."""
    for name, own in registrations.taken(registration):
        if own != registration.id:
            _check_not_standing(registration, registrations.ParticipantTaken(name, own), now)


def _check_not_standing(registration: Registration, taken: registrations.ParticipantTaken, now: datetime) -> None:
    other = registrations.find(registration.org, registration.session, taken.own)
    if other is None:
        return
    standing = ledger.locate(other.org, other.session, other.hold, chunk=other.chunk)
    if other.holds(standing[1] if standing else None):
        raise AlreadyRegistered(taken.participant)
    if now - other.created_at < IN_FLIGHT:
        raise Busy
