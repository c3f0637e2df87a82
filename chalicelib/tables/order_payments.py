"""Orders that wait for their payment: one conditional write decides between booked, expired and refunded, and the clock finds the rest.

Each write requires the state that it leaves. A failed condition means that another request, webhook or run of the clock was faster; the
caller reads the order again.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from chalicelib.config import config
from chalicelib.rules import times
from chalicelib.rules.orders import Order, OrderPayment
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.conditions import Condition, Update, above, absent, all_of, at_most, equals, present
from chalicelib.tables.orders import due, order_from

UNDECIDED = all_of([present("held_at"), *(absent(name) for name in ("booked_at", "expired_at", "refund_at"))])
UNBOOKED = all_of([present("held_at"), absent("booked_at"), absent("refund_at")])
SETTLED = ("due", "due_at")


class DecidedMeanwhile(Exception):
    """The order is not as it was read: somebody else has decided it."""


class DueOrder(NamedTuple):
    """An order that is due, and since when."""

    at: str
    org: str
    id: str


def to_resolve(now: datetime, *, most: int) -> list[DueOrder]:
    """Return the orders of all organisations whose time to pay is over, or whose refund is to be made; the oldest first, at most so
    many.
    """
    found = dynamodb.query(
        TableName=config().rosters_table,
        IndexName="due",
        KeyConditionExpression="due = :everywhere AND due_at <= :now",
        ExpressionAttributeValues={":everywhere": {"S": keys.to_resolve()}, ":now": {"S": f"{times.written(now)}#~"}},
    )
    return [DueOrder(*row["due_at"]["S"].split("#")) for row in islice(found, most)]


def book_paid(order: Order, payment: OrderPayment, also: Sequence[dict[str, Any]], *, now: datetime, renewed: bool = False) -> Order:
    """Book an order that is paid, and do `also`, in one write. `renewed`: its holds were made to last beyond its deadline.

    Raises DecidedMeanwhile; AlsoRefused when `also` failed its conditions.
    """
    in_time = equals("deadline", times.written(order.deadline)) if renewed else above("deadline", times.written(now))
    booked = Update().set(booked_at=times.written(now), paid_on=payment.session, payment=payment.payment).remove(*SETTLED)
    row = dynamodb.update_write(config().rosters_table, keys.order(order.org, order.id), booked, _as_read(order) & UNDECIDED & in_time)
    try:
        dynamodb.transact([row, *also])
    except dynamodb.TransactionFailed as failed:
        of_order, *others = failed.reasons
        if of_order is not None:
            raise DecidedMeanwhile from None
        raise dynamodb.AlsoRefused(others) from None
    return replace(order, booked_at=now, paid_on=payment.session, payment=payment.payment)


def extend(order: Order, deadline: datetime) -> Order:
    """Let an order wait longer for its payment, once. Raises DecidedMeanwhile."""
    longer = Update().set(deadline=times.written(deadline), is_extended=True, **due(order, deadline))
    return _change(order, longer, UNDECIDED & absent("is_extended"))


def expire(order: Order, *, now: datetime) -> Order:
    """End an order that was not paid. It stays due until its lines are taken back. Raises DecidedMeanwhile."""
    return _change(order, Update().set(expired_at=times.written(now), **due(order, now)), UNDECIDED)


def refund(order: Order, payment: OrderPayment, *, now: datetime) -> Order:
    """Decide that the payment of an order is refunded, also of an expired one. It stays due until it is. Raises DecidedMeanwhile."""
    decided = Update().set(refund_at=times.written(now), paid_on=payment.session, payment=payment.payment, **due(order, now))
    return _change(order, decided, UNBOOKED)


def note_refunded(order: Order, *, now: datetime) -> None:
    """Record that Stripe has taken the refund. Idempotent."""
    _note(order, Update().default(refunded_at=times.written(now)))


def note_settled(order: Order) -> None:
    """Record that nothing is left to do for an order that has expired or was refunded. Idempotent."""
    _note(order, Update().remove(*SETTLED))


def postpone(order: Order, until: datetime, *, now: datetime) -> None:
    """Let the clock look again at a later moment, at an order that is still due. Nothing for one that is settled, or due later anyway."""
    _note(order, Update().set(**due(order, until)), at_most("due_at", f"{times.written(now)}#~"))


def _change(order: Order, change: Update, condition: Condition) -> Order:
    try:
        return order_from(dynamodb.update(config().rosters_table, keys.order(order.org, order.id), change, _as_read(order) & condition))
    except dynamodb.ConditionFailed:
        raise DecidedMeanwhile from None


def _as_read(order: Order) -> Condition:
    return equals("begun_at", order.begun_at.isoformat())


def _note(order: Order, change: Update, condition: Condition | None = None) -> None:
    """Write a change that holds for every outcome; nothing for an order of another attempt, or one that is not as the condition says."""
    is_there = _as_read(order)
    try:
        dynamodb.update(
            config().rosters_table, keys.order(order.org, order.id), change, is_there & condition if condition else is_there, want="NONE"
        )
    except dynamodb.ConditionFailed:
        return
