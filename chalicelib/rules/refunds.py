"""Refunds: how much may go back, by which way, and what Stripe says about it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from chalicelib.rules.money import Money, decimal
from chalicelib.rules.online_payment import METHOD, from_stripe
from chalicelib.rules.receipts import received
from chalicelib.rules.refusals import Conflict
from chalicelib.rules.registration_history import Payment, Refund, RefundState
from chalicelib.rules.registrations import Registration
from chalicelib.rules.translation import N_

EVENTS = frozenset({"charge.refunded", "charge.refund.updated", "refund.created", "refund.updated", "refund.failed"})
ENDED_BADLY = frozenset({"failed", "canceled"})
NOTE = "refund"
"""The name of our refund's id among the metadata of Stripe's."""


class MoreThanPaid(Conflict):
    code = "more_than_paid"

    def __init__(self, refundable: Money) -> None:
        self.left = decimal(refundable)
        self.currency = refundable.currency
        self.nothing = refundable.amount <= 0

    @property
    def sentence(self) -> str:  # type: ignore[override]
        return NOTHING_LEFT if self.nothing else LESS_LEFT


NOTHING_LEFT = N_("Nothing is left to refund: no payment was recorded, or all of it went back.")
LESS_LEFT = N_("That is more than was paid. Enter %(left)s %(currency)s or less.")


class RefundRefused(Conflict):
    """Stripe refuses the refund."""

    code = "refund_refused"
    sentence = N_("Stripe did not refund this payment. Look at it in your Stripe account; what you refund there is recorded here.")


class StripeRefund(NamedTuple):
    """A refund as Stripe has it. `of`: the id of our refund that asked for it, empty for one that was made at Stripe."""

    id: str
    amount: Money
    state: RefundState
    of: str


def left_to_refund(registration: Registration) -> Money:
    """Return how much may still go back: what came in, without what went back or is on its way."""
    waiting = sum(refund.amount for refund in registration.refunds if refund.state == "asked")
    return Money(max(0, received(registration).amount - waiting), registration.price.currency)


def left_to_refund_online(registration: Registration) -> Money:
    """Return how much of it goes back through Stripe, where it was paid."""
    return Money(sum(left for _, left in _online(registration)), registration.price.currency)


def comes_back(registration: Registration) -> Money:
    """Return how much Stripe refunds when a family ends its booking now: the rest of its online payments."""
    return min(left_to_refund_online(registration), left_to_refund(registration), key=lambda one: one.amount)


def under_way(registration: Registration) -> Money:
    """Return how much went back or is on its way."""
    going = sum(refund.amount for refund in registration.refunds if refund.state != "failed")
    return Money(going, registration.price.currency)


def plan(registration: Registration, amount: int, *, request: str, id: str, by: str, note: str = "", now: datetime) -> Registration:
    """Return the registration with the refunds that pay an amount back: the latest online payment first, the rest noted by hand.

    Their ids begin with `id`. Raises MoreThanPaid.
    """
    if not 0 < amount <= left_to_refund(registration).amount:
        raise MoreThanPaid(left_to_refund(registration))
    shares = list[Refund]()
    for payment, paid in _online(registration):
        if share := min(paid, amount):
            blank = Refund("", share, METHOD, now, by, request, note, "asked", payment.reference)
            shares, amount = [*shares, blank], amount - share
    if amount:
        shares.append(Refund("", amount, _by_hand(registration), now, by, request, note))
    named = [replace(share, id=f"{id}-{index}") for index, share in enumerate(shares)]
    return with_refunds(registration, named)


def with_refunds(registration: Registration, refunds: Iterable[Refund]) -> Registration:
    """Return the registration with these refunds, in the place of those with the same ids, and the billing status after them.

    A partial refund leaves the status; it is `refunded` when nothing is left of what came in.
    """
    known, new = {refund.id: refund for refund in registration.refunds}, {refund.id: refund for refund in refunds}
    changed = replace(registration, refunds=tuple((known | new).values()))
    came_back = any(refund.state == "failed" and refund.id in known and known[refund.id].state == "made" for refund in new.values())
    if came_back and registration.billing == "refunded":
        return replace(changed, billing="paid")
    if any(refund.state == "made" for refund in new.values()) and received(changed).amount <= 0:
        return replace(changed, billing="refunded")
    return changed


def unanswered(registration: Registration) -> list[Refund]:
    """Return the refunds that Stripe has not answered yet."""
    return [refund for refund in registration.refunds if refund.state == "asked"]


def requested(registration: Registration, request: str) -> list[Refund]:
    """Return the refunds that a request has asked for already."""
    return [refund for refund in registration.refunds if refund.request == request]


def made(old: Registration | None, new: Registration) -> list[Refund]:
    """Return the refunds that were made by a change of the registration."""
    before = {refund.id for refund in old.refunds if refund.state == "made"} if old else set()
    return [refund for refund in new.refunds if refund.state == "made" and refund.id not in before]


def failed(old: Registration | None, new: Registration) -> list[Refund]:
    """Return the refunds that Stripe refused, or whose money came back, by a change of the registration."""
    before = {refund.id for refund in old.refunds if refund.state != "failed"} if old else set()
    return [refund for refund in new.refunds if refund.state == "failed" and refund.id in before]


def newly_requested(old: Registration | None, new: Registration) -> list[Refund]:
    """Return the refunds that were asked for by a change of the registration."""
    before = {refund.id for refund in old.refunds} if old else set()
    return [refund for refund in unanswered(new) if refund.id not in before]


def refunded_payment(event: Any) -> str:
    """Return the payment intent that an event about a refund names; empty for any other event."""
    match event:
        case {"type": str(kind), "data": {"object": {"payment_intent": str(intent)}}} if kind in EVENTS:
            return intent
    return ""


def stripe_refund(found: Any) -> StripeRefund | None:
    """Return a refund in an answer of Stripe; None for anything else."""
    match found:
        case {"object": "refund", "id": str(id), "amount": int(amount), "currency": str(currency), "status": str(status)}:
            notes = found.get("metadata") or {}
            return StripeRefund(id, from_stripe(amount, currency), "failed" if status in ENDED_BADLY else "made", str(notes.get(NOTE, "")))
    return None


def reported(checkout: str, refunds: Sequence[StripeRefund], registered: Sequence[Registration], *, now: datetime) -> list[Registration]:
    """Return the registrations of a Checkout Session with everything that Stripe says about its refunds; unchanged where all is noted.

    A refund that was made at Stripe is shared out among the registrations that were paid with the session, those that ended first.
    """
    current = {one.public_id: one for one in registered}
    for refund in refunds:
        known = [
            (one, recorded)
            for one in current.values()
            for recorded in one.refunds
            if recorded.id == refund.of or recorded.reference == refund.id
        ]
        left = refund.amount.amount - sum(recorded.amount for _, recorded in known)
        new = [] if refund.of or refund.state == "failed" else list(_shared(checkout, refund, left, list(current.values()), now))
        for one, recorded in [*known, *new]:
            updated = replace(recorded, state=refund.state, reference=refund.id, checkout=checkout)
            if updated not in one.refunds:
                current[one.public_id] = with_refunds(current[one.public_id], [updated])
    return list(current.values())


def _shared(
    checkout: str, refund: StripeRefund, left: int, registered: list[Registration], now: datetime
) -> Iterator[tuple[Registration, Refund]]:
    """Yield the parts of a refund for the registrations that have none yet, up to its rest."""
    for one in sorted(registered, key=lambda one: one.removed_at is None):
        paid = sum(open for payment, open in _online(one) if payment.reference == checkout)
        has_it = any(recorded.reference == refund.id for recorded in one.refunds)
        if one.price.currency == refund.amount.currency and not has_it and (share := min(paid, left)):
            left -= share
            yield one, Refund(refund.id, share, METHOD, now, METHOD)


def _online(registration: Registration) -> list[tuple[Payment, int]]:
    """Return the payments that Stripe took, the latest first, each with its rest."""
    found = [one for one in reversed(registration.payments) if one.method == METHOD and one.reference and not one.currency]
    return [(one, one.amount - _back(registration, one.reference)) for one in found if one.amount > _back(registration, one.reference)]


def _back(registration: Registration, checkout: str) -> int:
    return sum(refund.amount for refund in registration.refunds if refund.checkout == checkout and refund.state != "failed")


def _by_hand(registration: Registration) -> str:
    """Return by which way money that Stripe did not take came in, empty if nobody has noted it."""
    return next((one.method for one in reversed(registration.payments) if one.method != METHOD), "")
