"""What came in for a registration, and what is owed."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.rules.receipts import owed, receipts
from chalicelib.rules.registration_history import BillingChange, Payment
from chalicelib.rules.registrations import Registration
from tests.samples import NOW, REGISTRATION

TOTAL = 2500


def after(*steps: str | int) -> Registration:
    """Return the registration after steps an hour apart: a status set by hand, or a payment of so much."""
    registration = replace(REGISTRATION, confirmed_at=NOW)
    for index, step in enumerate(steps, start=1):
        at = NOW + timedelta(hours=index)
        status: Any = step if isinstance(step, str) else "paid" if registration.paid.amount + step >= TOTAL else "partly_paid"
        payments = (*registration.payments, Payment(step, "cash", at, "x")) if isinstance(step, int) else registration.payments
        history = (*registration.billing_history, BillingChange(status, at, "x"))
        registration = replace(registration, billing=status, billing_history=history, payments=payments)
    return registration


@pytest.mark.parametrize(
    ("steps", "came_in", "still_owed"),
    [
        ((), 0, TOTAL),
        (("invoiced",), 0, TOTAL),
        ((1000,), 1000, 1500),
        ((1000, 1500), TOTAL, 0),
        (("paid",), TOTAL, 0),
        ((1000, "paid"), TOTAL, 0),
        (("paid", "unpaid"), 0, TOTAL),
        (("paid", "refunded"), 0, 0),
        ((1000, "refunded"), 0, 0),
        ((1000, "unpaid"), 1000, 1500),
        (("paid", 1000), 1000, 1500),
        (("paid", 1000, "paid"), TOTAL, 0),
    ],
)
def test_money_by_hand_and_by_payments(steps: tuple[Any, ...], came_in: int, still_owed: int) -> None:
    registration = after(*steps)
    assert sum(money.amount for _, money in receipts(registration)) == came_in
    assert owed(registration).amount == still_owed


def test_a_payment_comes_in_on_its_day() -> None:
    def day(moment: datetime) -> int:
        return (moment - NOW) // timedelta(hours=1)

    assert [(day(at), money.amount) for at, money in receipts(after(1000, "paid", "refunded"))] == [(1, 1000), (2, 1500), (3, -TOTAL)]


def test_a_payment_in_another_currency_stays_apart() -> None:
    payment = Payment(900, "cash", NOW, "x", currency="CHF")
    paid = replace(after(), payments=(payment,), billing_history=(BillingChange("unpaid", NOW, "x"),))
    assert [money.currency for _, money in receipts(paid)] == ["CHF"]
    assert owed(paid).amount == TOTAL


@pytest.mark.parametrize(
    ("ended", "still_owed"),
    [({"removed_at": NOW}, 0), ({"removed_at": NOW, "invoice": "2026-0001"}, TOTAL), ({"moved_to": "s2-r2", "removed_at": NOW}, 0)],
)
def test_who_was_removed_owes_an_open_invoice_only(ended: dict[str, Any], still_owed: int) -> None:
    assert owed(replace(after(), **ended)).amount == still_owed
