"""Orders whose time to pay is over, and refunds that are still to be made: the clock starts a job for each, which asks Stripe.

Only the functions of the API and of jobs may read the Stripe keys. A job looks at its order once; one not settled then is due later.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from chalicelib.operations import jobs
from chalicelib.operations.identity import derived
from chalicelib.operations.orders.pay import ask_stripe, expire
from chalicelib.operations.orders.refund_late import refund_late
from chalicelib.operations.turns import Turns
from chalicelib.rules.jobs import Failure, Job
from chalicelib.rules.online_payment import StripeUnavailable
from chalicelib.rules.orders import Order
from chalicelib.rules.refusals import Busy, NotFound
from chalicelib.tables import keys, online_payment, order_payments, orders
from chalicelib.tables.clock import Due
from chalicelib.tables.keys import Key
from chalicelib.tables.order_payments import DueOrder

MOST_READ = 20_000
"""Of all organisations in one run. They are keys, of which about ten thousand are one request."""
LOOKED_AT_AGAIN_AFTER = timedelta(minutes=1)
RETRY_AFTER = timedelta(minutes=5)


def resolve_due(*, now: datetime, turns: Turns | None = None) -> int:
    """Start a job for each order of all organisations that is due, and return how many. Safe to repeat: one moment has one job."""
    due = {keys.order(order.org, order.id): order for order in order_payments.to_resolve(now, most=MOST_READ)}

    def resolve(_org: str, rows: Sequence[Key]) -> int:
        order = due[rows[0]]
        jobs.start(_job(order, now), [order.id])
        return 1

    return (turns or Turns()).take("settled", (Due(order.org, key, order.at) for key, order in due.items()), resolve)


def resolve_next(job: Job, items: Sequence[str], now: datetime) -> list[Failure]:
    """Settle these orders, or let them be due later."""
    now = max(now, job.created_at)
    for id in items:
        try:
            _resolve(orders.get(job.org, id), now=now)
        except NotFound:
            continue
    return []


def _resolve(order: Order, *, now: datetime) -> None:
    """Settle one order. While Stripe does not answer, its holds expire."""
    try:
        if order.refund_at:
            refund_late(order, now=now)
        elif order.awaits_payment and online_payment.get(order.org).secret_key:
            ask_stripe(order, now=now)
        else:
            expire(order, now=now)  # Without keys, nobody can tell whether it was paid.
    except (StripeUnavailable, Busy):
        order_payments.postpone(order, now + RETRY_AFTER, now=now)
    else:
        order_payments.postpone(order, now + LOOKED_AT_AGAIN_AFTER, now=now)


def _job(order: DueOrder, now: datetime) -> Job:
    id = derived("order", order.org, order.id, order.at)
    return Job(org=order.org, id=id, kind="orders", total=1, by="", created_at=now, moved_at=now)
