"""Public registration: open sessions of an organisation, and bookings without an account."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from chalicelib.operations import codes, discounts, orders, registrations
from chalicelib.operations.registrations import Registered
from chalicelib.operations.sessions import SessionPage, SessionView, list_sessions, read_session
from chalicelib.rules import pricing
from chalicelib.rules.discounts import Discount
from chalicelib.rules.inputs.baskets import BasketInput, BasketLineInput
from chalicelib.rules.inputs.registrations import QuoteInput, RegistrationInput
from chalicelib.rules.orders import OrderEnded
from chalicelib.rules.organisations import check_takes_bookings
from chalicelib.rules.refusals import Invalid, NotFound, Refusal
from chalicelib.rules.registrations import Registration
from chalicelib.rules.session_filter import SessionFilter
from chalicelib.tables import organisations
from chalicelib.tables.items import Item

JUST_BOOKED = timedelta(minutes=10)
"""How long after booking the page says that a confirmation is coming."""
SHOWN = {"open", "full", "upcoming"}


def list_open_sessions(
    org: str, wanted: SessionFilter | None = None, *, now: datetime, limit: int, start: Item | None = None
) -> SessionPage:
    """Return a page of the sessions that are open, full or about to open, by their next meeting. Raises NotFound, BookingsPaused."""
    organisation = organisations.get(org)
    check_takes_bookings(organisation)
    settings = organisation.waitlist
    page = list_sessions(org, coming=True, wanted=wanted, suits=lambda view: view.state in SHOWN, now=now, limit=limit, start=start)
    return SessionPage([view.public(settings, now) for view in page.items], page.next)


def read_open_session(org: str, session_id: str, *, now: datetime) -> SessionView:
    """Return a session for the public. Raises NotFound, also for a past or cancelled session."""
    view = read_session(org, session_id, now=now)
    if view.state in {"past", "cancelled"}:
        raise NotFound
    return view.public(organisations.get(org).waitlist, now) if view.waiting else view


def register(
    org: str, session_id: str, draft: RegistrationInput, *, locale: str, key: str, source: str, signed_in: bool = False, now: datetime
) -> Registered:
    """Register at one of the session's prices, or at the price of an invitation code; as an order where the public pays when booking.

    `source` is the client's network address, for which wrong codes and registrations are counted. `signed_in`: the owner of the draft's
    address sent it. Raises the errors of `registrations.register` or, with a code, of `codes.book`; UnknownDiscount, TooManyAttempts;
    StripeUnavailable, and OrderEnded for the repeated request of an order whose time to pay has run out.
    """
    if draft.invitation_code:
        check_takes_bookings(organisations.get(org))
        return Registered(*codes.book(org, session_id, draft, locale=locale, key=key, source=source, signed_in=signed_in, now=now))
    discount = _tried(org, session_id, draft, source=source, now=now)
    try:
        return registrations.register(
            org, session_id, draft, discount=discount, locale=locale, key=key, source=source, signed_in=signed_in, now=now
        )
    except registrations.PaidWhenBooking as paid:
        session = paid.session
    with _as_of_the_form():
        basket = _basket_of(session_id, draft)
        placed_order = orders.place_order(
            org, basket, locale=locale, key=f"register#{session_id}#{key}", source=source, signed_in=signed_in, now=now
        )
        if not placed_order.registrations:
            raise OrderEnded
        return Registered(placed_order.registrations[0], session, placed_order.order, placed_order.checkout)


def _basket_of(session: str, draft: RegistrationInput) -> BasketInput:
    """Return a form as a basket of one line. Its fields are validated already."""
    line = BasketLineInput.model_construct(
        session=session, participants=draft.participants, party_size=draft.party_size, tier=draft.tier, answers=draft.answers
    )
    return BasketInput.model_construct(email=draft.email, name=draft.name, discount_code=draft.discount_code, lines=[line])


@contextmanager
def _as_of_the_form() -> Iterator[None]:
    """Let refusals of the one line be about the form that it was."""
    try:
        yield
    except Refusal as refusal:
        refusal.line = None
        if isinstance(refusal, Invalid):
            refusal.faults = [(pointer.removeprefix("/lines/0"), code, sentence) for pointer, code, sentence in refusal.faults]
        raise


def is_confirmation_coming(registration: Registration, *, now: datetime) -> bool:
    """Whether a confirmation is about to arrive: booked within ten minutes, wanted, and the address not suppressed."""
    if not registration.send_confirmation or now - registration.created_at > JUST_BOOKED:
        return False
    return not organisations.email_preferences(registration.org, registration.email).suppressed


def quote(org: str, session_id: str, draft: QuoteInput, *, source: str, now: datetime) -> pricing.Quote:
    """Return the price of a party, line by line, at one of the session's prices or at the price of an invitation code.

    Raises the refusals of the price or code; nothing is held or used."""
    if draft.invitation_code:
        check_takes_bookings(organisations.get(org))
        price = codes.price_at(org, session_id, draft, source=source, now=now)
        return pricing.quote(price.label, price.money, draft.party_size)
    discount = _tried(org, session_id, draft, source=source, now=now)
    return registrations.quote(org, session_id, draft, discount=discount, now=now)


def _tried(org: str, session_id: str, draft: RegistrationInput | QuoteInput, *, source: str, now: datetime) -> Discount | None:
    """Return the draft's discount code, None when it names none. Raises UnknownDiscount, TooManyAttempts."""
    if not draft.discount_code:
        return None
    return discounts.look_up(org, session_id, draft.discount_code, source=source, now=now)
