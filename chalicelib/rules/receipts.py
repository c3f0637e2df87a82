"""The money received and owed for a registration: payments, and statuses that staff set by hand."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from chalicelib.rules.money import Money
from chalicelib.rules.registration_history import BillingChange, Payment
from chalicelib.rules.registrations import Registration

SETTLED = {"paid", "refunded"}


def receipts(registration: Registration) -> Iterator[tuple[datetime, Money]]:
    """Yield every amount that came in, with its moment; a refund is below zero.

    A status that staff set by hand counts as money: `paid` as what was missing, `refunded` as everything paid back, and a change back to
    `unpaid` or `invoiced` takes such an amount away again. A payment that is recorded later replaces it. A refund that Stripe has not
    answered yet is none.
    """
    currency, paid, by_hand = registration.price.currency, 0, 0
    back = [Payment(-refund.amount, refund.method, refund.at, refund.by) for refund in registration.refunds if refund.state == "made"]
    waiting = sorted([*registration.payments, *back], key=lambda one: one.at)
    for change in (*registration.billing_history, None):
        for payment in [one for one in waiting if change is None or _came_before(one, change)]:
            waiting.remove(payment)
            yield payment.at, payment.money(currency)
            if not payment.currency:
                paid += payment.amount
                if replaced := _replaced(by_hand, payment.amount):
                    yield payment.at, Money(-replaced, currency)
                    by_hand -= replaced
        if change and (amount := _by_hand(change, registration.total.amount, paid, by_hand)):
            by_hand += amount
            yield change.at, Money(amount, currency)


def _came_before(payment: Payment, change: BillingChange) -> bool:
    """Whether a payment was recorded before a change of the billing status.

    Moments are stored to the second: within one, a refund comes after the payments.
    """
    return payment.at < change.at or (payment.at == change.at and (payment.amount > 0 or change.status == "refunded"))


def _replaced(by_hand: int, amount: int) -> int:
    """Return how much of what counts by hand a recorded payment stands for: all of it, a refund (below zero) no more than its amount."""
    if by_hand > 0 and amount > 0:
        return by_hand
    return max(by_hand, amount) if by_hand < 0 and amount < 0 else 0


def _by_hand(change: BillingChange, total: int, paid: int, by_hand: int) -> int:
    """Return the amount that a change of the billing status stands for, beside the payments that were recorded until then."""
    match change.status:
        case "paid":
            return max(0, total - paid - by_hand)
        case "refunded":
            return -(paid + by_hand)
        case "unpaid" | "invoiced":
            return -max(0, by_hand)
    return 0


def received(registration: Registration) -> Money:
    """Return what came in for a registration in the currency of its price and did not go back."""
    currency = registration.price.currency
    return Money(sum(money.amount for _, money in receipts(registration) if money.currency == currency), currency)


def owed(registration: Registration) -> Money:
    """Return the amount due: for a registration that stands, or for the invoice of one that was removed."""
    currency = registration.price.currency
    owes = registration.confirmed_at and not registration.moved_to and (registration.invoice or not registration.removed_at)
    if not owes or registration.billing in SETTLED:
        return Money(0, currency)
    return Money(max(0, registration.total.amount - registration.paid.amount), currency)


def _on_its_way(registration: Registration) -> bool:
    """Whether everything that came in is on its way back."""
    refunding = sum(refund.amount for refund in registration.refunds if refund.state == "asked")
    return 0 < received(registration).amount <= refunding


def refundable(registered: Iterable[Registration]) -> list[Registration]:
    """Return the registrations on the roster with payments that were not refunded, by name; those with a refund under way are left out."""
    paid = (one for one in registered if one.billing in {"paid", "partly_paid"} and one.total.amount > 0 and not _on_its_way(one))
    return sorted((one for one in paid if not (one.moved_to or one.removed_at)), key=lambda one: (one.name, one.id))
