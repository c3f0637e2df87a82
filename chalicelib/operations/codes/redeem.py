"""Redeems a code: hold the spots, take the code's uses together with the registration's row, confirm the spots. Four requests.

Each step may be repeated, and each hold expires. A crash after the first step leaves a hold that expires; after the second,
also a use that `reclaim` returns; after the third everything is done, and the stream notes it.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from chalicelib.operations.codes.lookup import read_code_context, usable
from chalicelib.operations.identity import derived
from chalicelib.operations.registrations.booking import Booker, booking, check_room, write_registration
from chalicelib.rules.codes import Code, CodeForOtherSession, CodePrice, CodeSpent, TooFewUses, UnknownCode, Use
from chalicelib.rules.discounts import OneCodeOnly
from chalicelib.rules.inputs.registrations import QuoteInput, RegistrationInput
from chalicelib.rules.ledger import IN_FLIGHT, Hold
from chalicelib.rules.refusals import Busy, Refusal
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session, check_public_window
from chalicelib.rules.waitlist import Queue
from chalicelib.tables import codes, ledger
from chalicelib.tables.booking_context import BookingContext
from chalicelib.tables.dynamodb import AlsoRefused

ATTEMPTS = 4


def book(
    org: str, session_id: str, draft: RegistrationInput, *, locale: str, key: str, source: str, signed_in: bool = False, now: datetime
) -> tuple[Registration, Session]:
    """Register at the price of the draft's code. A retry with the same key returns the same registration.

    A refusal leaves no hold and no use. Raises UnknownCode, CodeSpent, TooFewUses, CodeForOtherSession, TooManyAttempts, OneCodeOnly, and
    the errors of `register`.
    """
    check_one_code(draft)
    code, context = _usable(org, session_id, draft, source=source, now=now)
    session, id = context.session, derived("register", org, session_id, key)
    check_public_window(session, now)
    registration = replace(_registration(code, session, draft, id=id, key=key, locale=locale, now=now), signed_in=signed_in)
    if id not in code.uses:
        _check_uses(code, registration, context)
    check_room(context, registration, now)
    _book(registration, code, context, now=now)
    return registration, session


def price_at(org: str, session_id: str, draft: QuoteInput, *, source: str, now: datetime) -> CodePrice:
    """Return the price of this session with the draft's code. Raises UnknownCode, CodeSpent, TooFewUses, CodeForOtherSession,
    TooManyAttempts, OneCodeOnly."""
    check_one_code(draft)
    code, _ = _usable(org, session_id, draft, source=source, now=now)
    check_left(code, draft.party_size)
    return code.price


def _usable(org: str, session_id: str, draft: RegistrationInput | QuoteInput, *, source: str, now: datetime) -> tuple[Code, BookingContext]:
    email = draft.email if isinstance(draft, RegistrationInput) else ""
    context = read_code_context(org, draft.invitation_code or "", source=source, session=session_id, email=email, now=now)
    code = usable(context, source=source, now=now)
    assert context.booking
    if not code.price.fits(context.booking.session):
        raise CodeForOtherSession
    return code, context.booking


def check_one_code(draft: RegistrationInput | QuoteInput) -> None:
    """Raise OneCodeOnly for a discount code beside an invitation code. Ignoring it would charge more than the family expects."""
    if draft.discount_code:
        raise OneCodeOnly


def _check_uses(code: Code, registration: Registration, context: BookingContext) -> None:
    """Raise CodeSpent or TooFewUses, after releasing the spots that an interrupted attempt of this request may hold."""
    try:
        check_left(code, registration.party_size)
    except Refusal:
        if context.session.chunks > 1 or registration.hold in context.first_chunk.holds:
            _release_earlier(registration)
        raise


def _release_earlier(registration: Registration) -> None:
    found = ledger.locate_hold(registration)
    if found and not found.hold.is_taken and found.hold.is_for(registration):
        _release(registration, found.hold, chunk=found.chunk)


def check_left(code: Code, wanted: int) -> None:
    """Raise CodeSpent or TooFewUses if the code has too few uses: each spot takes one."""
    if code.left == 0:
        raise CodeSpent
    if code.left < wanted:
        raise TooFewUses(left=code.left, wanted=wanted)


def _registration(code: Code, session: Session, draft: RegistrationInput, *, id: str, key: str, locale: str, now: datetime) -> Registration:
    booker = Booker(draft.name, draft.email, locale)
    booked = booking(session, draft, booker, "code", id=id, key=key, now=now, price=code.price.money)
    return replace(booked, code=code.code, contract=code.contract, entitled=code.participant)


def _book(registration: Registration, code: Code, context: BookingContext, *, now: datetime) -> None:
    others = context.other_addresses
    for _ in range(ATTEMPTS):
        hold = Hold(spots=registration.party_size, state="held", nonce=registration.nonce, expires_at=int((now + IN_FLIGHT).timestamp()))
        chunk = _hold(registration, code, context.session, hold, queue=context.queue, now=now)
        if _use(registration, code, hold, others=others, chunk=chunk, now=now) and _confirm(registration, hold, chunk=chunk, now=now):
            return
    raise Busy


def _hold(registration: Registration, code: Code, session: Session, hold: Hold, *, queue: Queue, now: datetime) -> int:
    """Hold the spots. A retry may have its uses and its spots already, so it skips the check of the queue and the full cache."""
    org, id = registration.org, registration.hold
    if registration.id in code.uses:
        return ledger.claim_with_full_ledger(org, session.id, id, hold, now=now).chunk
    return ledger.claim_publicly(org, session.id, id, hold, chunks=session.chunks, queue=queue, now=now)


def _use(registration: Registration, code: Code, hold: Hold, *, others: Sequence[str], chunk: int, now: datetime) -> bool:
    """Take the uses and write the row. False if the uses of an earlier attempt were just taken back."""
    use = Use(redemptions=registration.party_size, session=registration.session, nonce=registration.nonce, tried_at=now)
    try:
        first = write_registration(registration, now, others=others, also=[codes.use_write(code, registration.id, use, now=now)])
    except Refusal:
        _release(registration, hold, chunk=chunk)
        raise
    except AlsoRefused as refused:
        was = codes.code_or_none(refused.reasons[-1])
        if was and registration.id in was.uses:  # An earlier attempt has written it; a conflict on the row hid that.
            return codes.renew_use(registration, now=now)
        _release(registration, hold, chunk=chunk)
        raise why_refused(was, registration.party_size, now=now) from None
    return first or codes.renew_use(registration, now=now)


def _confirm(registration: Registration, hold: Hold, *, chunk: int, now: datetime) -> bool:
    """Confirm the held spots. False if the hold has expired, which happens to a retry of an old attempt."""
    org, session, moment = registration.org, registration.session, int(now.timestamp())
    try:
        ledger.confirm(org, session, registration.hold, nonce=registration.nonce, registration=registration.id, chunk=chunk, now=moment)
    except ledger.HoldGone:
        _release(registration, hold, chunk=chunk)
        return False
    return True


def _release(registration: Registration, hold: Hold, *, chunk: int) -> None:
    """Release the hold, unless a concurrent attempt of the same request has confirmed it."""
    with suppress(ledger.HoldConfirmed):
        ledger.release(registration.org, registration.session, registration.hold, hold, chunk=chunk)


def why_refused(code: Code | None, wanted: int, *, now: datetime) -> Refusal:
    """Return the refusal that explains why the code, as read by the failed write, gave no uses."""
    if code is None or code.archived_at or code.run_out(now):
        return UnknownCode()
    return TooFewUses(left=code.left, wanted=wanted) if code.left else CodeSpent()
