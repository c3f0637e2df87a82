"""Stripe and families for the state machine of paying when booking: what was paid and refunded, and what our rows say about it."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib import stripe
from chalicelib.operations.orders import resolve_next
from chalicelib.rules.jobs import Job
from chalicelib.rules.money import Money
from chalicelib.rules.online_payment import StripeKeys, StripeUnavailable
from chalicelib.rules.orders import Order
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import online_payment, order_payments, organisations
from chalicelib.tables import orders as rows
from tests.live.ledger.scenario import ORG, holds_of

PRICE = 1250


@dataclass
class Checkout:
    """A Checkout Session, as Stripe keeps it."""

    id: str
    order: str
    amount: int
    expires_at: int
    status: str = "open"
    refunded: list[str] = field(default_factory=list)
    """The Idempotency-Keys of its refunds."""

    @property
    def paid(self) -> bool:
        return self.status == "complete"


class FakeStripe:
    """Stripe in memory, with its own clock. It answers as our client does."""

    def __init__(self) -> None:
        self.sessions: dict[str, Checkout] = {}
        self.by_key: dict[str, str] = {}
        self.is_down = False

    def begin(self, patch: Any) -> None:
        """Answer in the place of Stripe's API, and give the organisation its keys."""
        for name in ("open_checkout", "read_checkout", "expire_checkout", "refund"):
            patch.setattr(stripe, name, getattr(self, name))
        patch.setattr(online_payment, "get", lambda _org: StripeKeys("sk_test_x", "whsec_x"))

    def tick(self, now: datetime) -> None:
        for session in self.sessions.values():
            if session.status == "open" and session.expires_at <= now.timestamp():
                session.status = "expired"

    def seen(self, session: Checkout) -> dict[str, Any]:
        return {
            "id": session.id,
            "url": f"https://stripe.test/{session.id}",
            "status": session.status,
            "payment_status": "paid" if session.paid else "unpaid",
            "payment_intent": f"pi_{session.id}" if session.paid else None,
            "amount_total": session.amount,
            "currency": "eur",
            "metadata": {"org": ORG, "order": session.order},
        }

    def open_checkout(self, _key: str, fields: dict[str, str], *, now: datetime, closed: tuple[str, ...] = ()) -> stripe.CheckoutSession:
        self._answer()
        text = str(sorted(fields.items()))
        if text not in self.by_key:
            id = f"cs_{len(self.sessions) + 1}"
            amount = sum(int(amount) for name, amount in fields.items() if name.endswith("[unit_amount]"))
            self.sessions[id] = Checkout(id, fields["metadata[order]"], amount, int(fields["expires_at"]))
            self.by_key[text] = id
        session = self.sessions[self.by_key[text]]
        return stripe.CheckoutSession(session.id, f"https://stripe.test/{session.id}", session.expires_at)

    def read_checkout(self, _key: str, id: str) -> Any:
        self._answer()
        return self.seen(self.sessions[id]) if id in self.sessions else None

    def expire_checkout(self, _key: str, id: str) -> None:
        self._answer()
        if self.sessions[id].status == "open":
            self.sessions[id].status = "expired"

    def refund(self, _key: str, payment: str, amount: Money, *, key: str, notes: Any = None) -> stripe.CheckoutRefund:
        self._answer()
        session = self.sessions[payment.removeprefix("pi_")]
        if key not in session.refunded:
            if session.refunded:
                raise stripe.StripeRefundRefused("charge_already_refunded")
            assert (session.paid, amount.amount) == (True, session.amount), "all that was paid goes back, and nothing else"
            session.refunded.append(key)
        return stripe.CheckoutRefund(f"re_{key}", "succeeded")

    def _answer(self) -> None:
        if self.is_down:
            raise StripeUnavailable


def pays_online() -> None:
    """Let the public of the organisation pay when booking."""
    home = organisations.get(ORG)
    if home.public_billing != "online":
        organisations.save(replace(home, public_billing="online", online_payment=True))


def resolve_due(now: datetime) -> None:
    """Do what the jobs do that the clock starts."""
    for due in order_payments.to_resolve(now, most=100):
        resolve_next(Job(org=due.org, id="j", kind="orders", total=1, by="", created_at=now, moved_at=now), [due.id], now)


def order_row(id: str) -> Order | None:
    try:
        return rows.get(ORG, id)
    except NotFound:
        return None


def taken_of(order: Order) -> list[bool]:
    """Return for each line whether its spots are taken."""
    found = []
    for line in order.lines:
        hold = holds_of(line.session).get(line.registration)
        found.append(bool(hold and hold.is_taken))
    return found


def check_money(fake: FakeStripe, sessions: list[str], others: set[str]) -> None:
    """Check what must be so at every moment: no spot is taken without its money, and nothing is both booked and refunded."""
    by_order = {session.order: session for session in fake.sessions.values() if session.paid}
    for session in fake.sessions.values():
        order = order_row(session.order)
        if order and order.booked_at and order.paid_on == session.id:
            assert not session.refunded, "booked and refunded"
    for session_id in sessions:
        for id, hold in holds_of(session_id).items():
            if hold.is_taken and id not in others:
                known = [order for order in map(order_row, by_order) if order and order.booked_at]
                assert any(line.registration == id for order in known for line in order.lines), f"{id} has spots without money"


def check_settled(fake: FakeStripe, sessions: list[str], others: set[str], now: datetime) -> None:
    """Check what must be so when everything has been heard: each payment has its spots or its refund, and nothing else holds any."""
    booked: set[str] = set()
    for session in fake.sessions.values():
        order = order_row(session.order)
        stands = order is not None and order.booked_at is not None and order.paid_on == session.id
        if stands and order:
            assert session.paid, "booked without a payment"
            assert taken_of(order) == [True] * len(order.lines), "money without its spots"
            paid = [payment for one in rows.registrations_of(order) for payment in one.payments]
            assert sum(payment.amount for payment in paid) == session.amount, "the payment is recorded once"
            booked |= {line.registration for line in order.lines}
        assert not session.paid or (stands != bool(session.refunded)), f"money without spots or refund, or with both: {session}"
    for session_id in sessions:
        assert holds_of(session_id).keys() - others <= booked, "spots without money"
    assert order_payments.to_resolve(now + timedelta(days=1), most=10) == []
