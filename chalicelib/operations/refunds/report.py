"""Records what Stripe says about the refunds of a payment, each once: those of this application, and those made in Stripe's dashboard."""

from datetime import datetime
from typing import Any

from chalicelib import stripe
from chalicelib.operations.refunds.complete import current
from chalicelib.rules.online_payment import METHOD
from chalicelib.rules.refunds import reported, stripe_refund
from chalicelib.rules.refusals import Busy, ChangedMeanwhile, NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.tables import invoices, online_payment, orders, registrations

ATTEMPTS = 10


def note_reported(org: str, intent: str, *, now: datetime) -> None:
    """Record every refund of a payment of this organisation as Stripe has it now. Events may come twice, late and in any order.

    Raises StripeUnavailable and Busy, after which Stripe sends the event again.
    """
    secret_key = online_payment.get(org).secret_key
    session = stripe.checkout_of(secret_key, intent) if secret_key else None
    if not session or session.get("metadata", {}).get("org") != org:
        return
    refunds = [found for found in map(stripe_refund, stripe.list_refunds(secret_key, intent)) if found]
    for _ in range(ATTEMPTS):
        registered = _paid_with(org, session)
        try:
            for was, now_it_is in zip(registered, reported(session["id"], refunds, registered, now=now), strict=True):
                if now_it_is != was:
                    registrations.note_refunds(now_it_is, was=was, by=METHOD, now=now)
        except ChangedMeanwhile:
            continue
        return
    raise Busy


def _paid_with(org: str, session: Any) -> list[Registration]:
    """Return the registrations that were paid with a Checkout Session, following transfers; none of those that were erased."""
    match session["metadata"]:
        case {"invoice": str(number)}:
            return _of_invoice(org, number)
        case {"order": str(id)}:
            return _of_order(org, id)
    return []


def _of_invoice(org: str, number: str) -> list[Registration]:
    try:
        return invoices.with_registrations(org, number)[1]
    except NotFound:
        return []


def _of_order(org: str, id: str) -> list[Registration]:
    try:
        order = orders.get(org, id)
        booked = orders.registrations_of(order) if order.booked_at else []  # The lines of one that was not booked are deleted elsewhere.
        return [current(org, one.public_id) for one in booked]
    except NotFound:
        return []
