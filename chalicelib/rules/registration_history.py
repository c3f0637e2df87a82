"""What happened to a registration: payments, refunds, changes and e-mails that were sent again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from chalicelib.rules.money import Money

Billing = Literal["unpaid", "invoiced", "partly_paid", "paid", "refunded"]
BillingStatus = Literal["unpaid", "free", "invoiced", "partly_paid", "paid", "refunded"]
"""The billing as people read it: an unpaid registration whose total is 0 is `free`, which is derived and never stored."""
RefundState = Literal["asked", "made", "failed"]
"""`asked`: Stripe has not answered yet. `failed`: Stripe refused it, or the money came back."""
FamilyChangeKind = Literal["cancelled", "returned", "moved", "changed"]


@dataclass(frozen=True, slots=True)
class BillingChange:
    """A step in the history of a registration's billing."""

    status: Billing
    at: datetime
    by: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment for one meeting of a course, or for all of it."""

    amount: int
    method: str
    at: datetime
    by: str
    meeting: str = ""
    currency: str = ""
    """Only if it differs from the registration's."""
    reference: str = ""
    """The payment's id where it was made. A payment with one reference is recorded only once."""
    with_order: bool = False
    """Whether it was made when booking: the registration stands because of it."""

    def money(self, currency: str) -> Money:
        """Return the amount, in the registration's currency `currency` unless the payment has another."""
        return Money(self.amount, self.currency or currency)


@dataclass(frozen=True, slots=True)
class Refund:
    """Money that goes back to the person who paid."""

    id: str
    amount: int
    method: str
    """`stripe`, or how it was noted by hand."""
    at: datetime
    by: str
    request: str = ""
    """The request of staff or the family that asked for it, empty if Stripe reported it."""
    note: str = ""
    state: RefundState = "made"
    checkout: str = ""
    """The Checkout Session with which it was paid."""
    reference: str = ""
    """The refund's id at Stripe."""

    def money(self, currency: str) -> Money:
        """Return the amount, in the registration's currency."""
        return Money(self.amount, currency)


@dataclass(frozen=True, slots=True)
class PartyChange:
    """The party had this size until `at`."""

    at: datetime
    size: int


@dataclass(frozen=True, slots=True)
class Resend:
    """A confirmation that was sent again: the `number` of the sending, and the request that asked for it."""

    at: datetime
    request: str
    number: int


@dataclass(frozen=True, slots=True)
class FamilyChange:
    """A change by the family: the `request` that asked for it, its `number`, and how many spots became free."""

    kind: FamilyChangeKind
    at: datetime
    request: str
    number: int
    spots: int = 0


@dataclass(frozen=True, slots=True)
class HistoryEvent:
    """One thing that happened to a registration."""

    kind: Literal["added", "party", "billed", "payment", "refund", "resent", "removed"]
    at: datetime
    by: str = ""
    what: BillingChange | Payment | Refund | PartyChange | None = None
