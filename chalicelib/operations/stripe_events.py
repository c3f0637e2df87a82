"""Events of Stripe's webhook: payments of invoices, what became of the payment pages of orders, and refunds."""

import json
from datetime import datetime
from typing import Any

from chalicelib.operations import invoices, orders, refunds
from chalicelib.rules.online_payment import BadSignature, reported_payment, session_of_order
from chalicelib.rules.organisations import fit_for_id
from chalicelib.rules.refunds import refunded_payment
from chalicelib.rules.signatures import signed
from chalicelib.tables import online_payment


def handle_stripe_event(org: str, body: bytes, signature: str, *, now: datetime) -> None:
    """Follow an event of Stripe. A repeated event does nothing new.

    Raises BadSignature; Busy and StripeUnavailable, after which Stripe sends the event again."""
    secret = online_payment.get(org).webhook_secret if fit_for_id(org) else ""
    if not secret or not signed(body, signature, secret, now=now):
        raise BadSignature
    event = _event(body)
    payment, session, intent = reported_payment(event), session_of_order(event), refunded_payment(event)
    if payment and payment.org == org:
        invoices.note_payment(payment, now=now)
    elif session:
        orders.record_event(org, session, now=now)
    elif intent:
        refunds.note_reported(org, intent, now=now)


def _event(body: bytes) -> Any:
    """Return the event, None if the body is not JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
