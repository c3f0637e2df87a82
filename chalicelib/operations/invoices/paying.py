"""Paying an invoice online: a Checkout Session takes what is due, and what Stripe tells of it is noted once, wherever it belongs."""

import json
from datetime import datetime
from typing import Any

from chalicelib import stripe, telemetry
from chalicelib.operations import links
from chalicelib.operations.invoices.reading import read_invoice
from chalicelib.rules.online_payment import (
    PAID_ALREADY,
    BadSignature,
    NothingDue,
    OnlinePaymentOff,
    Told,
    billing_told,
    checkout,
    payment_of,
    told,
)
from chalicelib.rules.organisations import fit_for_id
from chalicelib.rules.refusals import Busy, ChangedMeanwhile, NotFound
from chalicelib.rules.signatures import signed
from chalicelib.tables import invoices, online_payment, registrations

ATTEMPTS = 10


def open_checkout(token: str, *, now: datetime) -> str:
    """Return the address of Stripe's page that takes what is due of an invoice; the same one while nothing changes.

    Raises NotFound, NothingDue, OnlinePaymentOff, StripeUnavailable.
    """
    view = read_invoice(token)
    invoice, keys = view.invoice, online_payment.get(view.invoice.org)
    if view.due.amount == 0:
        raise NothingDue
    if not keys.complete:
        raise OnlinePaymentOff
    page = links.invoice_link(invoice.org, invoice.number)
    return stripe.open_checkout(keys.secret_key, checkout(invoice, view.due, page), now=now)


def hear_stripe(org: str, body: bytes, signature: str, *, now: datetime) -> None:
    """Note the payment that an event tells of, once however often it comes. Raises BadSignature; Busy, and Stripe tells it again."""
    secret = online_payment.get(org).webhook_secret if fit_for_id(org) else ""
    if not secret or not signed(body, signature, secret, now=now):
        raise BadSignature
    payment = told(_event(body))
    if payment and payment.org == org:
        _note(payment, now=now)


def _note(payment: Told, *, now: datetime) -> None:
    """Write the payment on the invoice's registration, wherever that one was moved, unless it is there already."""
    for _ in range(ATTEMPTS):
        try:
            _, registration = invoices.with_registration(payment.org, payment.invoice)
        except NotFound:
            return telemetry.counted("PaymentOfNothing")
        came = payment_of(payment, registration, now=now)
        if came is None:
            return None
        note = PAID_ALREADY if registration.billing == "paid" else ""
        try:
            registrations.add_payment(registration, came, billing_told(came, registration), note=note)
        except ChangedMeanwhile:
            continue
        return None
    raise Busy


def _event(body: bytes) -> Any:
    """Return what was sent; what is no JSON tells nothing."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
