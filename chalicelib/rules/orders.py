"""An order: registrations that are booked together, every one or none.

The order's row is written first, then each line's row and its hold on the ledger. One conditional write books the order; from then on every
line is promised, and its hold is confirmed. A crash before that write leaves holds that expire by themselves.

An order that is paid online waits for its payment first, held as long as Stripe's payment page is open. Then it is booked, expires, or,
paid when its spots were gone, is refunded.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from chalicelib.rules.discounts import Reduction
from chalicelib.rules.ledger import IN_FLIGHT
from chalicelib.rules.money import Money
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.refusals import Conflict, Gone
from chalicelib.rules.translation import N_

OrderStatus = Literal["placing", "awaiting_payment", "booked", "expired", "refunded"]
COMPLETED_WITHIN = timedelta(minutes=10)
"""How much longer than its order may be booked a hold lasts: in this time the stream confirms what a crashed request has left."""
PAID_WITHIN = timedelta(minutes=30)
"""How long an order waits for its payment."""
CHECKOUT_LASTS = PAID_WITHIN + timedelta(minutes=2)
"""How long its payment page lasts, from when the order began. Stripe takes no less than half an hour from when it is asked for the page."""
AFTER_CHECKOUT = timedelta(minutes=2)
"""How long after the end of its payment page an order still waits that was extended: Stripe's clock may differ."""


class OrderEnded(Gone):
    """The order was not paid in time, or its payment was refunded."""

    code = "order_ended"
    sentence = N_("Your spots were held until the time to pay ran out, and are free again. Please book again.")


class OrderBooked(Conflict):
    code = "already_booked"
    sentence = N_("This is booked already, so there is nothing to pay here. Open the link in your confirmation to see it.")


class OrderLine(NamedTuple):
    session: str
    registration: str
    """The registration's id within the session, which is also the id of its hold unless it has an invitation's."""


@dataclass(frozen=True, slots=True)
class Order:
    """Registrations that are booked together. It names no person: the registrations do."""

    org: str
    id: str
    lines: tuple[OrderLine, ...]
    total: Money
    begun_at: datetime
    """When the attempt to place it began. It distinguishes the attempts of one request: only the latest may book."""
    deadline: datetime
    """Until when the order may be booked."""
    booked_at: datetime | None = None
    discount: Reduction | None = None
    """The basket's discount code. It is used once, however many lines it lowers."""
    discount_returned: bool = False
    """Whether that use was returned."""
    held_at: datetime | None = None
    """When everything was held that is to be paid online; None for an order that is booked without."""
    checkout: str = ""
    """The id of the Checkout Session on which it is paid."""
    is_extended: bool = False
    """Whether it waits longer for its payment, because the payment page was still open when its time was over."""
    paid_on: str = ""
    """The id of the Checkout Session on which it was paid."""
    payment: str = ""
    """Stripe's id of that payment, which a refund names."""
    expired_at: datetime | None = None
    refund_at: datetime | None = None
    """When it was decided to refund the payment: it came in when the spots were gone."""
    refunded_at: datetime | None = None

    @property
    def status(self) -> OrderStatus:
        """`refunded` begins with the decision: Stripe's confirmation follows within minutes."""
        if self.booked_at:
            return "booked"
        if self.refund_at:
            return "refunded"
        if self.expired_at:
            return "expired"
        return "awaiting_payment" if self.held_at else "placing"

    @property
    def awaits_payment(self) -> bool:
        return self.status == "awaiting_payment"

    @property
    def is_decided(self) -> bool:
        """Whether it is booked, expired or to be refunded, which is final."""
        return self.status not in {"placing", "awaiting_payment"}

    @property
    def held_until(self) -> datetime:
        """When the holds of its lines expire, unless they are confirmed."""
        return self.deadline + COMPLETED_WITHIN

    def may_be_booked(self, now: datetime) -> bool:
        return self.booked_at is None and now < self.deadline


def deadline(begun_at: datetime, *, online: bool = False) -> datetime:
    """Return until when an order may be booked that a request begins to place now. `online`: it is to be paid first."""
    return begun_at + (PAID_WITHIN if online else IN_FLIGHT)


def checkout_ends(order: Order) -> datetime:
    """Return when the payment page of the order ends."""
    return order.begun_at + CHECKOUT_LASTS


def is_paid_online(organisation: Organisation, total: Money) -> bool:
    """Whether a public booking of this total is paid before it stands. Nothing to pay never goes to Stripe."""
    return organisation.public_billing == "online" and organisation.online_payment and total.amount > 0


class OrderPayment(NamedTuple):
    """The payment of an order, as Stripe has it. `session` is the id of the Checkout Session, `payment` that of the payment."""

    org: str
    order: str
    session: str
    payment: str
    amount: Money
    email: str = ""
    """The address that was typed at Stripe."""
