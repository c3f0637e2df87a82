"""Public registration: the row, then the spots, confirmed at once. In a rush those who lose are turned away before anything is written."""

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from chalicelib.operations.discounts.using import usable
from chalicelib.operations.identity import derived
from chalicelib.operations.registrations.discounting import write_discounted
from chalicelib.operations.registrations.seating import booking, check_room, check_tier, write_registration
from chalicelib.rules.discounts import PriceLine, Reduction, SiblingDiscount, priced, total_of
from chalicelib.rules.drafts.registrations import QuoteDraft, RegistrationDraft
from chalicelib.rules.ledger import Hold, SessionFull
from chalicelib.rules.money import Money
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session, check_public_window
from chalicelib.rules.waitlist import Line
from chalicelib.tables import ledger, registrations, rosters


class Registered(NamedTuple):
    registration: Registration
    session: Session


class Quote(NamedTuple):
    """A price, line by line."""

    lines: list[PriceLine]
    total: Money


def register(org: str, session_id: str, draft: RegistrationDraft, *, locale: str, key: str, now: datetime) -> Registered:
    """Take spots on an open session. A retry under the same key is the same registration. Refused means nothing held, nothing used.

    Raises RegistrationNotOpen, RegistrationClosed, SessionFull, AlreadyRegistered, TierNeeded, UnknownTier, AnswersDoNotFit,
    DiscountRefused.
    """
    own = derived("register", org, session_id, key)
    _check_gate(org, session_id, own, draft.spots)
    desk = rosters.desk(org, session_id)
    session = desk.session
    check_public_window(session, now)
    registration = booking(session, draft, own=own, key=key, name=draft.name, email=draft.email, source="public", locale=locale, now=now)
    check_room(desk, registration, now)
    registration = replace(registration, sibling=desk.organisation.sibling_discount)
    if draft.discount_code:
        registration, first = write_discounted(registration, draft.discount_code, session, now=now)
    else:
        first = write_registration(registration, now)
    try:
        _claim(registration, session, desk.line, first=first, now=now)
    except SessionFull:
        registrations.take_back(registration)
        raise
    return Registered(registration, session)


def quote(org: str, session_id: str, draft: QuoteDraft, *, now: datetime) -> Quote:
    """Return what a party would pay, line by line. Raises TierNeeded, UnknownTier, DiscountRefused."""
    desk = rosters.desk(org, session_id)
    tier = check_tier(desk.session, draft.tier)
    discount = None
    if draft.discount_code:
        discount = usable(org, draft.discount_code, desk.session, tier.price.currency, now=now).reduction("")
    return quoted(tier.name, tier.price, draft.party_size, discount=discount, sibling=desk.organisation.sibling_discount)


def quoted(
    label: str, price: Money, party_size: int, *, discount: Reduction | None = None, sibling: SiblingDiscount | None = None
) -> Quote:
    """Return the quote of so many spots at one price."""
    lines = priced(label, price, party_size, discount=discount, sibling=sibling)
    return Quote(lines, Money(total_of(lines), price.currency))


def _check_gate(org: str, session_id: str, own: str, wanted: int) -> None:
    """Refuse at the gate, unless this is a retry of a registration that may have its spots already."""
    try:
        ledger.check_gate(org, session_id, wanted)
    except SessionFull:
        if registrations.find(org, session_id, own) is None:
            raise


def _claim(registration: Registration, session: Session, line: Line, *, first: bool, now: datetime) -> None:
    hold = Hold(n=registration.party_size, s="C", v=registration.nonce)
    if first:
        ledger.claim_publicly(registration.org, registration.session, registration.id, hold, chunks=session.chunks, line=line, now=now)
    else:
        ledger.claim_patiently(registration.org, registration.session, registration.id, hold, now=now, line=line)
