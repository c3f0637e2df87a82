"""Public registration: the row, then the spots, confirmed at once. In a rush those who lose are turned away before anything is written."""

from datetime import datetime
from typing import NamedTuple

from chalicelib.operations.identity import derived
from chalicelib.operations.registrations.seating import booking, check_no_discount, check_room, check_tier, write_registration
from chalicelib.rules.drafts.registrations import QuoteDraft, RegistrationDraft
from chalicelib.rules.ledger import Hold, SessionFull
from chalicelib.rules.money import Money
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session, check_public_window
from chalicelib.tables import ledger, registrations, rosters, sessions


class Registered(NamedTuple):
    registration: Registration
    session: Session


class Quote(NamedTuple):
    """A price, line by line."""

    lines: list[tuple[str, Money]]
    total: Money


def register(org: str, session_id: str, draft: RegistrationDraft, *, locale: str, key: str, now: datetime) -> Registered:
    """Take spots on an open session. A retry under the same key is the same registration. Refused means nothing held, nothing used.

    Raises RegistrationNotOpen, RegistrationClosed, SessionFull, AlreadyRegistered, TierNeeded, UnknownTier, AnswersDoNotFit.
    """
    check_no_discount(draft)
    own = derived("register", org, session_id, key)
    _check_gate(org, session_id, own, draft.spots)
    desk = rosters.desk(org, session_id)
    session = desk.session
    check_public_window(session, now)
    registration = booking(session, draft, own=own, key=key, name=draft.name, email=draft.email, source="public", locale=locale, now=now)
    if session.chunks == 1:
        check_room(desk.first_chunk, registration, now)
    first = write_registration(registration, now)
    try:
        _claim(registration, session, first=first, now=now)
    except SessionFull:
        registrations.take_back(registration)
        raise
    return Registered(registration, session)


def quote(org: str, session_id: str, draft: QuoteDraft) -> Quote:
    """Return what a party would pay, line by line. Raises TierNeeded, UnknownTier."""
    check_no_discount(draft)
    tier = check_tier(sessions.get(org, session_id), draft.tier)
    return priced(tier.name, tier.price, draft.party_size)


def priced(label: str, price: Money, party_size: int) -> Quote:
    """Return the quote of so many spots at one price."""
    line = price.times(party_size)
    return Quote([(f"{label} × {party_size}" if party_size > 1 else label, line)], line)


def _check_gate(org: str, session_id: str, own: str, wanted: int) -> None:
    """Refuse at the gate, unless this is a retry of a registration that may have its spots already."""
    try:
        ledger.check_gate(org, session_id, wanted)
    except SessionFull:
        if registrations.find(org, session_id, own) is None:
            raise


def _claim(registration: Registration, session: Session, *, first: bool, now: datetime) -> None:
    hold = Hold(n=registration.party_size, s="C", v=registration.nonce)
    if first:
        ledger.claim_publicly(registration.org, registration.session, registration.id, hold, chunks=session.chunks, now=now)
    else:
        ledger.claim_patiently(registration.org, registration.session, registration.id, hold, now=now)
