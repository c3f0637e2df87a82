"""Has Stripe make the refunds that were asked for, and records its answer once: at once, and as a job when the first attempt broke off."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib import stripe, telemetry
from chalicelib.operations import jobs
from chalicelib.operations.identity import derived
from chalicelib.rules.jobs import Failure, Job
from chalicelib.rules.money import Money
from chalicelib.rules.online_payment import METHOD
from chalicelib.rules.refs import Ref
from chalicelib.rules.refunds import ENDED_BADLY, NOTE, stripe_refund, unanswered, with_refunds
from chalicelib.rules.refusals import Busy, ChangedMeanwhile, NotFound
from chalicelib.rules.registration_history import Refund
from chalicelib.rules.registrations import Registration
from chalicelib.tables import online_payment, registrations

ATTEMPTS = 8


def complete(registration: Registration, *, now: datetime) -> Registration:
    """Have Stripe make the refunds that a registration asks for, and return it with the answers. Safe to repeat.

    Raises StripeUnavailable, Busy.
    """
    for refund in unanswered(registration):
        registration = record_outcome(registration, _made(registration, refund), now=now)
    return registration


def complete_later(registration: Registration, refunds: Sequence[Refund], *, now: datetime) -> None:
    """Start a job that goes on with these refunds, in case the request that asked for them broke off. Safe to repeat."""
    id = derived("refunds", *(refund.id for refund in refunds))
    job = Job(org=registration.org, id=id, kind="refunds", total=1, by="", created_at=now, moved_at=now)
    jobs.start(job, [registration.public_id])


def complete_next(job: Job, items: Sequence[str], now: datetime) -> list[Failure]:
    """Complete the refunds of these registrations. Raises StripeUnavailable: the queue repeats it."""
    for public_id in items:
        try:
            complete(current(job.org, public_id), now=now)
        except NotFound:  # It was erased.
            continue
    return []


def record_outcome(registration: Registration, refund: Refund, *, now: datetime) -> Registration:
    """Record what became of a refund, wherever its registration has been moved meanwhile, unless that is recorded. Raises Busy."""
    for _ in range(ATTEMPTS):
        found = current(registration.org, registration.public_id)
        if not any(one.id == refund.id and one.state == "asked" for one in found.refunds):
            return found
        try:
            return registrations.note_refunds(with_refunds(found, [refund]), was=found, by=METHOD, now=now)
        except ChangedMeanwhile:
            continue
    raise Busy


def current(org: str, public_id: str) -> Registration:
    """Return a registration, following transfers. Raises NotFound."""
    registration = registrations.get(*Ref.parse(org, public_id))
    while registration.moved_to:
        registration = registrations.get(*Ref.parse(org, registration.moved_to))
    return registration


def _made(registration: Registration, refund: Refund) -> Refund:
    """Return a refund as Stripe has made or refused it. Stripe is asked first whether it has: a reply may have been lost long ago."""
    secret_key = online_payment.get(registration.org).secret_key
    session = stripe.read_checkout(secret_key, refund.checkout) if secret_key else None
    intent = str((session or {}).get("payment_intent") or "")
    if not intent:
        return _refused(refund)
    for found in map(stripe_refund, stripe.list_refunds(secret_key, intent)):
        if found and found.of == refund.id:
            return replace(refund, state=found.state, reference=found.id)
    try:
        amount = Money(refund.amount, registration.price.currency)
        made = stripe.refund(secret_key, intent, amount, key=f"refund-{refund.id}", notes={NOTE: refund.id})
    except stripe.StripeRefundRefused:
        return _refused(refund)
    return replace(refund, state="failed" if made.status in ENDED_BADLY else "made", reference=made.id)


def _refused(refund: Refund) -> Refund:
    telemetry.count("RefundRefused")
    return replace(refund, state="failed")
