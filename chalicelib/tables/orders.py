"""Orders: a row each, in a partition of its own. The row decides whether everything in the basket is booked or nothing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chalicelib.config import config
from chalicelib.rules import times
from chalicelib.rules.orders import Order
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.tables import discounts, dynamodb, keys
from chalicelib.tables.codec import MICROSECONDS, Codec
from chalicelib.tables.conditions import NEW, Condition, Update, above, absent, equals, present
from chalicelib.tables.items import Item, item, plain
from chalicelib.tables.registrations.rows import registration_from

ORDERS = Codec(Order, elsewhere={"org", "id"}, forms={"begun_at": MICROSECONDS})
NOT_BOOKED = absent("booked_at")
NOT_HELD = absent("held_at")
NOT_RETURNED = absent("discount_returned")


class OrderLapsed(Exception):
    """The order was not booked in time, or another attempt of its request has taken it over."""


def order_from(row: Item) -> Order:
    values = plain(row)
    org, _, id = values["pk"].partition("#order#")
    return ORDERS.read(values, org=org, id=id)


def get(org: str, id: str) -> Order:
    """Return the order, booked or not. Raises NotFound."""
    found = dynamodb.get(config().rosters_table, keys.order(org, id))
    if not found:
        raise NotFound
    return order_from(found)


def registrations_of(order: Order) -> list[Registration]:
    """Return the registrations of an order in its sequence, in one request; without those whose row is not there."""
    wanted = [keys.registration(order.org, line.session, line.registration) for line in order.lines]
    found = dynamodb.batch_get({config().rosters_table: wanted})
    return [registration_from(found[key]) for key in wanted if key in found]


def begin_write(order: Order) -> dict[str, Any]:
    """Return the write of a new order. It fails when the request has placed or begun it before."""
    return dynamodb.put_write(config().rosters_table, _item(order), NEW)


def begin_again(order: Order, *, was: Order) -> None:
    """Replace an unbooked order by a new attempt, so that the earlier one can book no more. Raises OrderLapsed."""
    try:
        dynamodb.put(config().rosters_table, _item(order), _attempt(was) & NOT_BOOKED & NOT_HELD)
    except dynamodb.ConditionFailed as failed:
        if not (failed.old and order_from(failed.old).begun_at == order.begun_at):  # Otherwise the reply to our write was lost.
            raise OrderLapsed from None


def book(order: Order, also: Sequence[dict[str, Any]] = ()) -> None:
    """Book the order, and do `also`, in one write: from now on, all of its lines are promised. Idempotent.

    `order` has the moment in `booked_at`. Raises OrderLapsed; AlsoRefused when `also` failed its conditions.
    """
    assert order.booked_at
    _decide(order, _with_use(order).set(booked_at=times.written(order.booked_at)), order.booked_at, also)


def hold(order: Order, also: Sequence[dict[str, Any]] = ()) -> None:
    """Let the order wait for its payment, and do `also`, in one write: from now on, nothing of it is taken back by its request. Idempotent.

    `order` has the moment in `held_at` and its Checkout Session. The clock settles it at its deadline. Raises as `book`.
    """
    assert order.held_at
    waits = _with_use(order).set(held_at=times.written(order.held_at), checkout=order.checkout, **due(order, order.deadline))
    _decide(order, waits, order.held_at, also)


def _with_use(order: Order) -> Update:
    """Return a change of the row that notes on which share the order's discount code is used."""
    return Update().set(discount=ORDERS.write(order)["discount"]) if order.discount else Update()


def due(order: Order, moment: datetime) -> dict[str, str]:
    """Return the attributes by which the clock finds the order at a moment."""
    return {"due": keys.to_resolve(), "due_at": f"{times.written(moment)}#{order.org}#{order.id}"}


def _decide(order: Order, decision: Update, now: datetime, also: Sequence[dict[str, Any]]) -> None:
    """Write what becomes of an order that is being placed, in time, unless that is decided already."""
    in_time = _attempt(order) & NOT_BOOKED & NOT_HELD & above("deadline", times.written(now))
    try:
        if also:
            dynamodb.transact([dynamodb.update_write(config().rosters_table, _key(order), decision, in_time), *also])
        else:
            dynamodb.update(config().rosters_table, _key(order), decision, in_time, want="NONE")
    except dynamodb.ConditionFailed as failed:
        _check_decided(order, failed.old)
    except dynamodb.TransactionFailed as failed:
        row, *others = failed.reasons
        if row is None:
            raise dynamodb.AlsoRefused(others) from None
        _check_decided(order, row)


def drop(order: Order) -> bool:
    """Delete this attempt's order, so that it can be booked no more. False when it is booked, or waits for its payment."""
    try:
        dynamodb.delete(config().rosters_table, _key(order), _attempt(order) & NOT_BOOKED & NOT_HELD)
    except dynamodb.ConditionFailed as failed:
        return not (failed.old and _is_decided(order, failed.old))
    return True


def return_discount(order: Order) -> bool:
    """Return the order's use of its discount code. True when this call did it."""
    if order.discount is None or order.discount_returned:
        return False
    note = dynamodb.update_write(
        config().rosters_table,
        _key(order),
        Update().set(discount_returned=True),
        (present("booked_at") | present("held_at")) & NOT_RETURNED,
    )
    for of_nobody in (False, True):
        try:
            dynamodb.transact([note, *discounts.uncount_writes(order.org, order.discount, of_nobody=of_nobody)])
        except dynamodb.TransactionFailed as failed:
            if failed.reasons[0] is not None:
                return False
        else:
            return True
    return False


def _check_decided(order: Order, row: Item | None) -> None:
    """Raise OrderLapsed unless an earlier write of this attempt has decided it, whose reply was lost."""
    if not (row and _is_decided(order, row)):
        raise OrderLapsed


def _is_decided(order: Order, row: Item) -> bool:
    """Whether this attempt's order is booked, or waits for its payment."""
    there = order_from(row)
    return (there.booked_at is not None or there.held_at is not None) and there.begun_at == order.begun_at


def _attempt(order: Order) -> Condition:
    """The row is still of this attempt to place the order."""
    return equals("begun_at", order.begun_at.isoformat())


def _item(order: Order) -> Item:
    return {**_key(order).stored(), **item(ORDERS.write(order))}


def _key(order: Order) -> keys.Key:
    return keys.order(order.org, order.id)
