"""Public registration: the row, then the spots, confirmed at once. In a rush those who lose are refused before anything is written."""

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from chalicelib.operations import public_limits
from chalicelib.operations.discounts.apply import usable
from chalicelib.operations.identity import derived
from chalicelib.operations.registrations.booking import Booker, booking, check_room, check_tier, write_registration
from chalicelib.operations.registrations.reserve_discount import write_discounted
from chalicelib.rules import pricing
from chalicelib.rules.discounts import Discount
from chalicelib.rules.inputs.registrations import QuoteInput, RegistrationInput
from chalicelib.rules.ledger import Hold, SessionFull
from chalicelib.rules.orders import Order, is_paid_online
from chalicelib.rules.organisations import check_takes_bookings
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session, check_public_window
from chalicelib.rules.waitlist import Queue
from chalicelib.tables import booking_context, ledger, registrations
from chalicelib.tables.booking_context import BookingContext


class Registered(NamedTuple):
    """A confirmed registration, or one that waits for the payment of its order at `checkout`, a URL of Stripe."""

    registration: Registration
    session: Session
    order: Order | None = None
    """The order that it was placed as, where the public pays when booking."""
    checkout: str = ""


class PaidWhenBooking(Exception):
    """The public pays for this registration when booking, so it is placed as an order. Nothing is written yet."""

    def __init__(self, session: Session) -> None:
        self.session = session


def register(
    org: str,
    session_id: str,
    draft: RegistrationInput,
    *,
    discount: Discount | None = None,
    locale: str,
    key: str,
    source: str = "",
    signed_in: bool = False,
    now: datetime,
) -> Registered:
    """Register for an open session. A retry with the same key returns the same registration. A refusal leaves no hold and no use.

    `discount` is the draft's discount if the caller has read it. `source` is the client's network address, for which registrations are
    counted. `signed_in`: the owner of the address sent it.
    Raises NotFound, RegistrationNotOpen, RegistrationClosed, SessionFull, AlreadyRegistered, TierNeeded, UnknownTier, AnswersDoNotFit,
    AgeNotAllowed, DiscountRefused, TooManyRequests, PaidWhenBooking, Busy.
    """
    context, registration = _checked(org, session_id, draft, locale=locale, key=key, now=now)
    if is_paid_online(context.organisation, registration.total):
        raise PaidWhenBooking(context.session)
    # Counted last, so that somebody whom a full session refuses costs no write.
    public_limits.count("registration", org, draft.email, source=source, now=now)
    registration, first = _write(replace(registration, signed_in=signed_in), draft, context, discount=discount, now=now)
    _claim_or_delete(registration, context, first=first, now=now)
    return Registered(registration, context.session)


def _claim_or_delete(registration: Registration, context: BookingContext, *, first: bool, now: datetime) -> None:
    try:
        _claim(registration, context.session, context.queue, first=first, now=now)
    except SessionFull:
        registrations.delete_attempt(registration)
        raise


def _checked(
    org: str, session_id: str, draft: RegistrationInput, *, locale: str, key: str, now: datetime
) -> tuple[BookingContext, Registration]:
    """Return the registration that the form describes, once the session is open and has room for it."""
    id = derived("register", org, session_id, key)
    _check_gate(org, session_id, id, draft.spots)
    context = booking_context.read_publicly(org, session_id, email=draft.email)
    check_takes_bookings(context.organisation)
    check_public_window(context.session, now)
    booker = Booker(draft.name, draft.email, locale)
    registration = booking(context.session, draft, booker, "public", id=id, key=key, now=now)
    check_room(context, registration, now)
    return context, replace(registration, sibling=context.organisation.sibling_discount)


def _write(
    registration: Registration, draft: RegistrationInput, context: BookingContext, *, discount: Discount | None, now: datetime
) -> tuple[Registration, bool]:
    """Write the row, with the use of the draft's discount. Return it, and whether this attempt was the first to write it."""
    if draft.discount_code:
        others = context.other_addresses
        return write_discounted(registration, draft.discount_code, context.session, found=discount, others=others, now=now)
    return registration, write_registration(registration, now, others=context.other_addresses)


def quote(org: str, session_id: str, draft: QuoteInput, *, discount: Discount | None = None, now: datetime) -> pricing.Quote:
    """Return the price of a party, line by line. `discount` as in `register`. Raises NotFound, TierNeeded, UnknownTier, DiscountRefused."""
    context = booking_context.read(org, session_id)
    check_takes_bookings(context.organisation)
    tier = check_tier(context.session, draft.tier)
    reduction = None
    if draft.discount_code:
        reduction = usable(org, draft.discount_code, context.session, tier.price.currency, now=now, found=discount).reduction("")
    return pricing.quote(tier.name, tier.price, draft.party_size, discount=reduction, sibling=context.organisation.sibling_discount)


def _check_gate(org: str, session_id: str, id: str, wanted: int) -> None:
    """Raise SessionFull by the full cache, unless this is a retry that may have its spots already."""
    try:
        ledger.check_full_cache(org, session_id, wanted)
    except SessionFull:
        if registrations.find(org, session_id, id) is None:
            raise


def _claim(registration: Registration, session: Session, queue: Queue, *, first: bool, now: datetime) -> None:
    hold = Hold(spots=registration.party_size, state="taken", nonce=registration.nonce)
    if first:
        ledger.claim_publicly(registration.org, registration.session, registration.id, hold, chunks=session.chunks, queue=queue, now=now)
    else:
        ledger.claim_with_full_ledger(registration.org, registration.session, registration.id, hold, now=now, queue=queue)
