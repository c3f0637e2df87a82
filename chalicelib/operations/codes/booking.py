"""Booking with a code: hold the spots, take the code's uses together with the registration's row, confirm the spots. Four requests.

Each step may be repeated, and each hold runs out by itself. Dying after the first step leaves a hold that runs out; after the second,
also a use that `settling` takes back; after the third everything is done, and the stream notes it.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from chalicelib.operations.codes.looking_up import at_counter, usable
from chalicelib.operations.identity import derived
from chalicelib.operations.registrations.seating import booking, check_room, write_registration
from chalicelib.rules.codes import Code, CodePrice, CodeSpent, OtherProduct, TooFewUses, UnknownCode, Use
from chalicelib.rules.discounts import OneCodeOnly
from chalicelib.rules.drafts.registrations import QuoteDraft, RegistrationDraft
from chalicelib.rules.ledger import IN_FLIGHT, Hold
from chalicelib.rules.refusals import Busy, Refusal
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session, check_public_window
from chalicelib.rules.waitlist import Line
from chalicelib.tables import codes, ledger
from chalicelib.tables.requests import AlsoRefused
from chalicelib.tables.rosters import Desk

ATTEMPTS = 4


def book(
    org: str, session_id: str, draft: RegistrationDraft, *, locale: str, key: str, source: str, now: datetime
) -> tuple[Registration, Session]:
    """Register at the price of the draft's code. A retry under the same key is the same registration. Refused means nothing held or used.

    Raises UnknownCode, CodeSpent, TooFewUses, OtherProduct, TooManyAttempts, and what `register` raises.
    """
    check_one_code(draft)
    code, desk = _at_desk(org, session_id, draft, source=source, now=now)
    session, own = desk.session, derived("register", org, session_id, key)
    check_public_window(session, now)
    registration = _registration(code, session, draft, own=own, key=key, locale=locale, now=now)
    if own not in code.uses:
        _check_uses(code, registration, desk)
    check_room(desk, registration, now)
    _book(registration, code, session, desk.line, now=now)
    return registration, session


def price_at(org: str, session_id: str, draft: QuoteDraft, *, source: str, now: datetime) -> CodePrice:
    """Return the price at which the draft's code books this session. Raises what `book` does."""
    check_one_code(draft)
    code, _ = _at_desk(org, session_id, draft, source=source, now=now)
    check_left(code, draft.party_size)
    return code.price


def _at_desk(org: str, session_id: str, draft: RegistrationDraft | QuoteDraft, *, source: str, now: datetime) -> tuple[Code, Desk]:
    counter = at_counter(org, draft.invitation_code or "", source=source, session=session_id, now=now)
    code = usable(counter, source=source, now=now)
    assert counter.desk
    if not code.price.fits(counter.desk.session):
        raise OtherProduct
    return code, counter.desk


def check_one_code(draft: RegistrationDraft | QuoteDraft) -> None:
    """Refuse a discount on what a contract agreed on rather than pass over it: nobody should pay more than they think."""
    if draft.discount_code:
        raise OneCodeOnly


def _check_uses(code: Code, registration: Registration, desk: Desk) -> None:
    """Refuse a party that the code has too few uses for. What an earlier try of this request, cut off, still holds is freed."""
    try:
        check_left(code, registration.party_size)
    except Refusal:
        if desk.session.chunks > 1 or registration.hold in desk.first_chunk.holds:
            _let_go_earlier(registration)
        raise


def _let_go_earlier(registration: Registration) -> None:
    found = ledger.locate(registration.org, registration.session, registration.hold, chunk=registration.chunk)
    if found and found[1].s == "H" and found[1].v == registration.nonce:
        _let_go(registration, found[1], chunk=found[0])


def check_left(code: Code, wanted: int) -> None:
    """Refuse a party that the code has too few uses for: each spot takes one."""
    if code.left == 0:
        raise CodeSpent
    if code.left < wanted:
        raise TooFewUses(left=code.left, wanted=wanted)


def _registration(
    code: Code, session: Session, draft: RegistrationDraft, *, own: str, key: str, locale: str, now: datetime
) -> Registration:
    price = code.price.money
    booked = booking(
        session, draft, own=own, key=key, name=draft.name, email=draft.email, source="code", locale=locale, now=now, price=price
    )
    return replace(booked, code=code.code, contract=code.contract, entitled=code.participant)


def _book(registration: Registration, code: Code, session: Session, line: Line, *, now: datetime) -> None:
    for _ in range(ATTEMPTS):
        hold = Hold(n=registration.party_size, s="H", v=registration.nonce, e=int((now + IN_FLIGHT).timestamp()))
        chunk = _hold(registration, code, session, hold, line=line, now=now)
        if _use(registration, code, hold, chunk=chunk, now=now) and _confirm(registration, hold, chunk=chunk, now=now):
            return
    raise Busy


def _hold(registration: Registration, code: Code, session: Session, hold: Hold, *, line: Line, now: datetime) -> int:
    """Hold the spots; a request that has its uses, and perhaps its spots, is not turned away at the gate."""
    org, own = registration.org, registration.hold
    if registration.id in code.uses:
        return ledger.claim_patiently(org, session.id, own, hold, now=now)[0]
    return ledger.claim_publicly(org, session.id, own, hold, chunks=session.chunks, line=line, now=now)


def _use(registration: Registration, code: Code, hold: Hold, *, chunk: int, now: datetime) -> bool:
    """Take the uses, with the row; False when an earlier attempt's were taken back just now."""
    use = Use(n=registration.party_size, s=registration.session, v=registration.nonce, at=now.isoformat())
    try:
        first = write_registration(registration, now, also=[codes.use_write(code, registration.id, use, now=now)])
    except Refusal:
        _let_go(registration, hold, chunk=chunk)
        raise
    except AlsoRefused as refused:
        was = codes.known(refused.reasons[-1])
        if was and registration.id in was.uses:  # Written before; a conflict on the row kept that from being told.
            return codes.renew_use(registration, now=now)
        _let_go(registration, hold, chunk=chunk)
        raise _why(was, registration.party_size, now=now) from None
    return first or codes.renew_use(registration, now=now)


def _confirm(registration: Registration, hold: Hold, *, chunk: int, now: datetime) -> bool:
    """Take the held spots; False when they ran out meanwhile, in an attempt that was made long before this one."""
    org, session, moment = registration.org, registration.session, int(now.timestamp())
    try:
        ledger.confirm(org, session, registration.hold, nonce=registration.nonce, registration=registration.id, chunk=chunk, now=moment)
    except ledger.HoldGone:
        _let_go(registration, hold, chunk=chunk)
        return False
    return True


def _let_go(registration: Registration, hold: Hold, *, chunk: int) -> None:
    """End the hold, unless the same request, sent twice, has confirmed it meanwhile."""
    with suppress(ledger.HoldConfirmed):
        ledger.release(registration.org, registration.session, registration.hold, hold, chunk=chunk)


def _why(code: Code | None, wanted: int, *, now: datetime) -> Refusal:
    """Return why the uses could not be taken, by the code as it was at that moment."""
    if code is None or code.archived_at or code.run_out(now):
        return UnknownCode()
    return TooFewUses(left=code.left, wanted=wanted) if code.left else CodeSpent()
