"""The orders in which staff read a roster."""

from collections.abc import Callable, Iterable
from typing import Any, Literal, get_args

from chalicelib.rules.registration_history import BillingStatus
from chalicelib.rules.registrations import Registration, same_participant

RosterOrder = Literal["child", "contact", "added", "payment"]
ORDERS: tuple[RosterOrder, ...] = get_args(RosterOrder)
DUE: dict[BillingStatus, int] = {"unpaid": 0, "partly_paid": 1, "invoiced": 2, "refunded": 3, "paid": 4, "free": 5}
"""The rank of each billing status in a roster by payment: amounts to collect come first."""


def in_order(registrations: Iterable[Registration], order: RosterOrder) -> list[Registration]:
    """Return registrations by the name of the first participant, by contact, by payment, or the latest added first."""
    by_child = sorted(registrations, key=_child)
    return sorted(by_child, key=KEYS[order], reverse=order == "added")


def order_of(name: str) -> RosterOrder:
    """Return the order of this name; by participant for any other text."""
    return next((order for order in ORDERS if order == name), "child")


def first_participant(registration: Registration) -> str:
    """Return the name that stands for a registration: its first participant, or the contact of one without names."""
    return next(iter(registration.participants), registration.name)


def _child(registration: Registration) -> str:
    return same_participant(first_participant(registration))


KEYS: dict[RosterOrder, Callable[[Registration], Any]] = {
    "child": _child,
    "contact": lambda one: same_participant(one.name),
    "added": lambda one: one.created_at,
    "payment": lambda one: DUE[one.billing_status],
}
