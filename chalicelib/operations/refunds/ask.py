"""Refunds a registration in full or in part. Its row has the refund before Stripe is called, so that nothing goes back twice."""

from datetime import datetime

from chalicelib.operations.identity import derived
from chalicelib.operations.refunds.complete import complete
from chalicelib.operations.registrations.remove import read_registration
from chalicelib.rules.inputs.roster import RefundInput
from chalicelib.rules.online_payment import StripeUnavailable
from chalicelib.rules.refunds import RefundRefused, comes_back, left_to_refund, plan, requested, unanswered
from chalicelib.rules.refusals import Busy, ChangedMeanwhile
from chalicelib.rules.registration_refusals import AlreadyRemoved, OtherCurrency
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.tables import registrations
from chalicelib.tables.booking_context import Roster

ATTEMPTS = 8


def refund(org: str, public_id: str, draft: RefundInput, *, by: str, key: str, now: datetime) -> Registration:
    """Refund an amount of a registration, or all of it: a payment through Stripe goes back there, any other is recorded by hand.

    A retry with the same key refunds nothing more. What Stripe has not answered stays `unanswered`; a job goes on with it. Raises NotFound,
    MoreThanPaid, OtherCurrency, AlreadyRemoved if it was transferred, RefundRefused, Busy.
    """
    noted = _noted(org, public_id, draft, by=by, key=key, now=now)
    try:
        done = complete(noted, now=now) if unanswered(noted) else noted
    except StripeUnavailable:
        return noted
    if any(one.state == "failed" for one in requested(done, key)):
        raise RefundRefused
    return done


def with_all_back(registration: Registration, *, by: str, key: str, now: datetime) -> Registration:
    """Return the registration with the refunds that pay back what came in through Stripe; as it is if nothing is left of it."""
    left = comes_back(registration).amount
    id = derived("refund", registration.org, registration.public_id, key)
    return plan(registration, left, request=key, id=id, by=by, now=now) if left else registration


def refund_session(roster: Roster, *, now: datetime) -> None:
    """Ask for the refunds of everything that was paid online for a cancelled session, if staff said so. Safe to repeat.

    A job has Stripe make them.
    """
    for registration in to_refund(roster):
        _ask_all(roster.session, registration, now=now)


def to_refund(roster: Roster) -> list[Registration]:
    """Return the registrations that are still to be refunded, as staff said when they cancelled the session."""
    session = roster.session
    if not (session.cancelled_at and session.refund_by):
        return []
    return [one for one in roster.registrations if not one.moved_to and not requested(one, _request_of(session)) and comes_back(one).amount]


def _ask_all(session: Session, registration: Registration, *, now: datetime) -> None:
    for _ in range(ATTEMPTS):
        if registration.moved_to or requested(registration, _request_of(session)):
            return
        planned = with_all_back(registration, by=session.refund_by, key=_request_of(session), now=now)
        try:
            if planned != registration:
                registrations.note_refunds(planned, was=registration, by=session.refund_by, now=now)
            return
        except ChangedMeanwhile:
            registration = registrations.get(registration.org, registration.session, registration.id)
    raise Busy


def _request_of(session: Session) -> str:
    return f"cancelled-{session.id}"


def _noted(org: str, public_id: str, draft: RefundInput, *, by: str, key: str, now: datetime) -> Registration:
    """Return the registration with the refunds of this request, recorded under the condition that its money is as it was read."""
    for _ in range(ATTEMPTS):
        registration, _hold = read_registration(org, public_id)
        if requested(registration, key):
            return registration
        if registration.moved_to:
            raise AlreadyRemoved
        if draft.amount and draft.amount.currency != registration.price.currency:
            raise OtherCurrency(registration.price.currency)
        amount = draft.amount.amount if draft.amount else left_to_refund(registration).amount
        id = derived("refund", org, public_id, key)
        planned = plan(registration, amount, request=key, id=id, by=by, note=draft.note, now=now)
        try:
            return registrations.note_refunds(planned, was=registration, by=by, now=now)
        except ChangedMeanwhile:
            continue
    raise Busy
