"""Adding somebody to the roster by hand."""

from dataclasses import replace
from datetime import datetime

from chalicelib.operations.identity import derived
from chalicelib.operations.invoices import issue
from chalicelib.operations.registrations.registering import Registered
from chalicelib.operations.registrations.seating import booking, write_registration
from chalicelib.rules.drafts.rosters import Addition, NewCustomer
from chalicelib.rules.ledger import Hold, SessionFull, TooManyExtras
from chalicelib.rules.registrations import Billing, BillingChange, Registration
from chalicelib.rules.sessions import Session, check_not_over
from chalicelib.tables import customers, ledger, registrations, rosters

CHOSEN: dict[str, Billing] = {"invoice": "invoiced", "later": "unpaid", "paid": "paid"}
"""The billing status that each way of paying begins with."""


def add(org: str, session_id: str, addition: Addition, *, by: str, key: str, now: datetime) -> Registered:
    """Take spots for a customer, whatever the registration window; a new customer becomes known by it.

    Raises SessionFull unless extra spots are confirmed, AlreadyRegistered, TierNeeded, UnknownTier, AnswersDoNotFit, SessionPast,
    SessionCancelled; NotFound for an unknown customer.
    """
    desk = rosters.desk(org, session_id)
    check_not_over(desk.session, now)
    who = addition.new_customer or _known(org, addition.customer or "")
    registration = _registration(desk, addition, who, by=by, key=key, now=now)
    first = write_registration(registration, now)
    try:
        _claim(registration, desk.session, first=first, over=addition.confirm_over_capacity, now=now)
    except (SessionFull, TooManyExtras):
        registrations.take_back(registration)
        raise
    if registration.billing == "invoiced":
        registration = issue(registration, by=by, now=now)
    return Registered(registration, desk.session)


def _known(org: str, customer_id: str) -> NewCustomer:
    customer = customers.get(org, customer_id)
    return NewCustomer(name=customer.name, email=customer.email, phone=customer.phone)


def _claim(registration: Registration, session: Session, *, first: bool, over: bool, now: datetime) -> None:
    org, hold_id = registration.org, registration.hold
    hold = Hold(n=registration.party_size, s="C", v=registration.nonce)
    try:
        if first:
            ledger.claim(org, session.id, hold_id, hold, chunks=session.chunks, now=now)
        else:
            ledger.claim_patiently(org, session.id, hold_id, hold, now=now)
    except SessionFull:
        if not over:
            raise
        ledger.claim_extra(org, session.id, hold_id, hold._replace(x=hold.n), now=now)


def _registration(desk: rosters.Desk, addition: Addition, who: NewCustomer, *, by: str, key: str, now: datetime) -> Registration:
    session, locale = desk.session, desk.organisation.locale
    own = derived("add", session.org, session.id, key)
    booked = booking(session, addition, own=own, key=key, name=who.name, email=who.email, source="staff", locale=locale, now=now)
    billing = CHOSEN[addition.billing.method]
    return replace(
        booked,
        phone=who.phone,
        sibling=desk.organisation.sibling_discount,
        billing=billing,
        billing_history=() if billing == "unpaid" else (BillingChange(billing, now, by),),
        send_confirmation=addition.send_confirmation,
    )
