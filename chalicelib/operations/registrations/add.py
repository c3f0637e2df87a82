"""Adds a registration to the roster by hand."""

from dataclasses import replace
from datetime import datetime

from chalicelib.operations.identity import derived
from chalicelib.operations.invoices import issue
from chalicelib.operations.registrations.ages import confirm_ages, with_known_births
from chalicelib.operations.registrations.booking import Booker, booking, write_registration
from chalicelib.operations.registrations.register import Registered
from chalicelib.operations.registrations.reserve_discount import write_discounted
from chalicelib.rules.ages import Person
from chalicelib.rules.inputs.roster import AddInput, NewCustomerInput
from chalicelib.rules.ledger import Hold, SessionFull, TooManyExtras
from chalicelib.rules.registration_history import Billing, BillingChange
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session, check_not_cancelled, walk_in_from
from chalicelib.tables import booking_context, customers, ledger, registrations

CHOSEN: dict[str, Billing] = {"invoice": "invoiced", "later": "unpaid", "paid": "paid"}
"""The initial billing status by chosen way of paying."""


def add(org: str, session_id: str, addition: AddInput, *, by: str, key: str, now: datetime) -> Registered:
    """Register a customer, also to a session that has begun or is over. A retry with the same key returns the same registration.

    A new customer is created by the stream. `by` is the user who adds them. Raises SessionFull unless `confirm_over_capacity` allows
    extra spots, AgeToConfirm unless `confirm_age` allows an age that does not fit, TooManyExtras, AlreadyRegistered,
    TierNeeded, UnknownTier, AnswersDoNotFit, DiscountRefused, SessionCancelled; NotFound for an unknown session or customer.
    """
    who = addition.new_customer or _known(org, addition.customer or "")
    context = booking_context.read(org, session_id, email=who.email)
    check_not_cancelled(context.session)
    people = with_known_births(context.session, who.email, addition.participants)
    addition = addition.model_copy(update={"participants": people})
    registration = _registration(context, addition, who, by=by, key=key, now=now)
    if not addition.confirm_age:
        confirm_ages(context.session, [Person(one.name, one.born) for one in people], registration.covers_from)
    registration, first = _write(registration, addition, context, now=now)
    try:
        _claim(registration, context.session, first=first, allow_extra=addition.confirm_over_capacity, now=now)
    except (SessionFull, TooManyExtras):
        registrations.delete_attempt(registration)
        raise
    if registration.billing == "invoiced":
        registration = issue(registration, by=by, now=now)
    return Registered(registration, context.session)


def _write(
    registration: Registration, addition: AddInput, context: booking_context.BookingContext, *, now: datetime
) -> tuple[Registration, bool]:
    """Write the row, with the use of the discount code if one was chosen. Return it, and whether this attempt was the first to write it."""
    others = context.other_addresses
    if addition.discount_code:
        return write_discounted(registration, addition.discount_code, context.session, others=others, now=now)
    return registration, write_registration(registration, now, others=others)


def _known(org: str, customer_id: str) -> NewCustomerInput:
    customer = customers.get(org, customer_id)
    return NewCustomerInput(name=customer.name, email=customer.email, phone=customer.phone)


def _claim(registration: Registration, session: Session, *, first: bool, allow_extra: bool, now: datetime) -> None:
    org, hold_id = registration.org, registration.hold
    hold = Hold(spots=registration.party_size, state="taken", nonce=registration.nonce)
    try:
        if first:
            ledger.claim(org, session.id, hold_id, hold, chunks=session.chunks, now=now)
        else:
            ledger.claim_with_full_ledger(org, session.id, hold_id, hold, now=now)
    except SessionFull:
        if not allow_extra:
            raise
        ledger.claim_extra(org, session.id, hold_id, hold._replace(extra=hold.spots), now=now)


def _registration(
    context: booking_context.BookingContext, addition: AddInput, who: NewCustomerInput, *, by: str, key: str, now: datetime
) -> Registration:
    session, locale = context.session, context.organisation.locale
    id = derived("add", session.org, session.id, key)
    booked = booking(session, addition, Booker(who.name, who.email, locale), "staff", id=id, key=key, now=now)
    billing = CHOSEN[addition.billing.method]
    return replace(
        booked,
        covers_from=walk_in_from(session, now),
        phone=who.phone,
        sibling=context.organisation.sibling_discount,
        billing=billing,
        billing_history=() if billing == "unpaid" else (BillingChange(billing, now, by),),
        send_confirmation=addition.send_confirmation,
    )
