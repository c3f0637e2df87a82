"""An order: registrations that are booked together, every one or none.

The order's row is written first, then each line's row and its hold on the ledger. One conditional write books the order; from then on every
line is promised, and its hold is confirmed. A crash before that write leaves holds that expire by themselves.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from chalicelib.rules.discounts import Reduction
from chalicelib.rules.ledger import IN_FLIGHT
from chalicelib.rules.money import Money

OrderStatus = Literal["placing", "booked"]
FOLLOWED_WITHIN = timedelta(minutes=10)
"""How much longer than its order may be booked a hold lasts: in this time the stream confirms what a crashed request has left."""


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

    @property
    def status(self) -> OrderStatus:
        return "booked" if self.booked_at else "placing"

    @property
    def held_until(self) -> datetime:
        """When the holds of its lines expire, unless they are confirmed."""
        return self.deadline + FOLLOWED_WITHIN

    def may_be_booked(self, now: datetime) -> bool:
        return self.booked_at is None and now < self.deadline


def deadline(begun_at: datetime) -> datetime:
    """Return until when an order may be booked that a request begins to place now."""
    return begun_at + IN_FLIGHT
